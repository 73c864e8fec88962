/**
 * Makes the archive of a finished run for an auditor: what was asked, what was planned, by which versions, what came of
 * it, whose work counts, and one hash over all final states; signed. The states go through a file, since a tar wants
 * sizes first.
 */
import { createHash, createPublicKey, sign } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobResult } from '../../schemas/job.js';
import type { AuditTrail } from '../audit/contract.js';
import type { FoldingBody, MappingBody } from '../replay/pipeline.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type { VersionCatalog } from '../versions/catalog.js';
import type { Catalogs } from '../versions/open.js';
import type { Evidence, EvidenceArchive } from './contract.js';
import {
  auditHead,
  type EvidenceManifest,
  type FileEntry,
  FORMAT,
  MANIFEST_FILE,
  rawPublicKey,
  SIGNATURE_FILE,
  signatureText,
} from './format.js';
import { evidenceKey } from './key.js';
import { writeStates } from './states.js';
import { TAR_END, TAR_MAX_BYTES, tarHeader, tarPadding } from './tar.js';

export interface EvidenceOptions extends Catalogs {
  readonly config: Config;
  /** May only read. */
  readonly reader: Store;
  readonly jobLog: JobLog;
  readonly unitLog: UnitLog;
  readonly audit: Pick<AuditTrail, 'anchor'>;
}

interface Member {
  readonly name: string;
  readonly bytes: number;
  readonly content: Buffer | { readonly path: string };
}

export class EvidenceArchives implements Evidence {
  readonly #options: EvidenceOptions;
  #making = 0;

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  async publicKey(): Promise<Buffer> {
    return rawPublicKey(createPublicKey(await evidenceKey(this.#options.config)));
  }

  async archive(tenantId: string, jobId: string, actor: string): Promise<EvidenceArchive> {
    const job = await this.#options.jobLog.read(tenantId, jobId);
    if (job === null || job.state.dropped)
      throw new RewindError('job_not_found', 'this tenant has no such job, or its rows are gone');
    if (job.state.status !== 'Complete')
      throw new RewindError(
        'job_not_finished',
        `job ${jobId} is ${job.state.status}: there is nothing to prove yet`,
      );
    const { atOnce } = this.#options.config.evidence;
    if (this.#making >= atOnce)
      throw new RewindError('evidence_busy', `${atOnce} archives are being made already`);
    this.#making++;
    const directory = await mkdtemp(join(tmpdir(), 'rewind-evidence-'));
    const free = async () => {
      this.#making--;
      await rm(directory, { recursive: true, force: true });
    };
    try {
      const members = await this.#members(job, actor, join(directory, 'states'));
      const bytes = members.reduce(
        (sum, one) => sum + 512 + one.bytes + tarPadding(one.bytes),
        TAR_END.length,
      );
      const stream = Readable.from(tarOf(members), { objectMode: false });
      // Also when nobody has read any of it.
      stream.once('close', () => void free());
      return { fileName: `${jobId}.evidence.tar`, bytes, stream };
    } catch (error) {
      await free();
      throw error;
    }
  }

  async #members(job: StoredJob, actor: string, statesPath: string): Promise<Member[]> {
    const { reader, audit, config } = this.#options;
    const states = await writeStates(reader, job.jobId, statesPath, config.store.statementMaxSeconds);
    const files = [
      textMember('job.json', jobText(job)),
      textMember('versions.json', await this.#versionsText(job.state.spec as FrozenSpec)),
      textMember('units.json', await this.#unitsText(job.jobId)),
      { name: states.file.name, bytes: states.file.bytes, content: { path: statesPath } },
    ];
    const result = job.state.result as JobResult;
    const manifest: EvidenceManifest = {
      format: FORMAT,
      tenant_id: job.tenantId,
      job_id: job.jobId,
      made_at: new Date().toISOString(),
      made_by: actor,
      verdict: result.verdict,
      counters: result.counters,
      files: files.map((one) => entryOf(one, states.file)),
      states: { entities: states.entities, merkle_root: states.root },
      audit_head: auditHead(await audit.anchor()),
    };
    const text = textMember(MANIFEST_FILE, `${JSON.stringify(manifest, null, 2)}\n`);
    const key = await evidenceKey(config);
    const signature = sign(null, text.content, key);
    const signed = signatureText(rawPublicKey(createPublicKey(key)), signature);
    const members = [text, textMember(SIGNATURE_FILE, signed), ...files];
    const large = members.find(({ bytes }) => bytes > TAR_MAX_BYTES);
    if (large !== undefined)
      throw new RewindError('body_too_large', `${large.name} is larger than a tar holds`);
    return members;
  }

  async #versionsText(spec: FrozenSpec): Promise<string> {
    const { encodings, rules, sources } = this.#options;
    const { tenantId, baselineRules } = spec;
    const baseline =
      baselineRules === null ? 'null' : await versionText(rules, tenantId, baselineRules.version);
    return `{
"encoding": ${await versionText(encodings, tenantId, spec.encodingVersion)},
"rules": ${await versionText(rules, tenantId, spec.ruleVersion)},
"baseline_rules": ${baseline},
"source": ${await versionText(sources, tenantId, spec.sourceVersion)}
}\n`;
  }

  /** Whose work counts: every segment of every unit, with the counters of the manifests. */
  async #unitsText(jobId: string): Promise<string> {
    const units = await this.#options.unitLog.readScope(jobId);
    const rows = [...units].map(([unit, { segments, sealed, counters }]) =>
      JSON.stringify({
        unit,
        sealed,
        segments: segments.map(({ claim, from, to }) => ({ claim, from: String(from), to: String(to) })),
        counters,
      }),
    );
    return `[\n${rows.join(',\n')}\n]\n`;
  }
}

/** The definition as it was written: every digit. */
async function versionText<D>(
  catalog: VersionCatalog<D>,
  tenantId: string,
  version: number,
): Promise<string> {
  const { hash, definitionJson, createdBy, createdAt } = await catalog.get(tenantId, version);
  const head = JSON.stringify({ version, hash, created_by: createdBy, created_at: createdAt });
  return `${head.slice(0, -1)},"definition":${definitionJson}}`;
}

function jobText({ jobId, tenantId, state }: StoredJob): string {
  const folding = state.folding as FoldingBody | null;
  const mapping = state.mapping as MappingBody | null;
  const job = {
    job_id: jobId,
    tenant_id: tenantId,
    status: state.status,
    created_by: state.actor,
    created_at: state.createdAt,
    started_at: state.startedAt,
    completed_at: state.completedAt,
    spec: state.spec,
    plan: state.plan,
    input:
      folding === null ? null : { rows: (mapping ?? folding).input, counts: (mapping ?? folding).counts },
    result: state.result,
    outputs: state.emitting,
  };
  return `${JSON.stringify(job, null, 2)}\n`;
}

function textMember(name: string, text: string): Member & { readonly content: Buffer } {
  const content = Buffer.from(text);
  return { name, bytes: content.length, content };
}

function entryOf({ name, bytes, content }: Member, states: FileEntry): FileEntry {
  if (!Buffer.isBuffer(content)) return states;
  return { name, bytes, sha256: createHash('sha256').update(content).digest('hex') };
}

async function* tarOf(members: readonly Member[]): AsyncGenerator<Buffer> {
  for (const { name, bytes, content } of members) {
    yield tarHeader(name, bytes);
    if (Buffer.isBuffer(content)) yield content;
    else yield* createReadStream(content.path) as AsyncIterable<Buffer>;
    const padding = tarPadding(bytes);
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield TAR_END;
}
