/** Verifications of finished runs: hidden jobs that fold a run again (verify-job.ts), and what they found. */
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobResult } from '../../schemas/job.js';
import { stateClaims } from '../replay/base.js';
import type { FoldingBody } from '../replay/pipeline.js';
import type { Runs } from '../replay/runs.js';
import type { Page } from '../replay/service.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import { parseSkip } from '../store/page-cursor.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type { FoldOfRun, Verifications, VerificationView, VerifiedEntity } from './contract.js';
import { fieldDifference } from './difference-reads.js';
import { verifiedRun } from './verify-plan.js';

export interface VerificationsContext {
  readonly runs: Pick<Runs, 'createFrozen' | 'view'>;
  readonly jobLog: JobLog;
  readonly unitLog: UnitLog;
  /** May only read. */
  readonly reader: Store;
}

interface Digests {
  rows: string;
  rows_again: string;
  digest: string;
  digest_again: string;
  entities: string;
  differing: string;
}

interface EntityRow {
  entity_type: string;
  entity_id: string;
  rows: string;
  rows_again: string;
  fold_seq: string;
  here: string;
  here_again: string;
  columns: string[];
  differences: [string, string, string][];
  cut: number;
}

/** Verifications of a run that a list shows. */
const LISTED_MAX = 100;
const COUNTS = 'v.job_id = {job:String} AND v.claim IN {claims:Array(UInt64)}';

export class RunVerifications implements Verifications {
  readonly #context: VerificationsContext;

  constructor(context: VerificationsContext) {
    this.#context = context;
  }

  async start(tenantId: string, jobId: string, actor: string, key?: string): Promise<VerificationView> {
    const run = await verifiedRun(this.#context.jobLog, tenantId, jobId);
    const made = await this.#context.runs.createFrozen(verifyingSpec(run), actor, key);
    return this.get(tenantId, jobId, made.jobId);
  }

  async list(tenantId: string, jobId: string): Promise<readonly VerificationView[]> {
    const run = await this.#run(tenantId, jobId);
    const { jobLog } = this.#context;
    const found: VerificationView[] = [];
    for (const id of await jobLog.verificationsOf(tenantId, jobId, LISTED_MAX)) {
      const job = await jobLog.read(tenantId, id);
      if (job !== null && job.state.deleted === null) found.push(await this.#view(run, job));
    }
    return found;
  }

  async get(tenantId: string, jobId: string, verificationId: string): Promise<VerificationView> {
    const { run, job } = await this.#find(tenantId, jobId, verificationId);
    return this.#view(run, job);
  }

  async entities(
    tenantId: string,
    jobId: string,
    verificationId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<VerifiedEntity>> {
    await this.#find(tenantId, jobId, verificationId);
    const skip = parseSkip(page.cursor);
    const rows = await this.#context.reader.query<EntityRow>(
      `SELECT v.entity_type AS entity_type, v.entity_id AS entity_id, toString(v.rows) AS rows, toString(v.rows_again) AS rows_again,
         toString(v.fold_seq) AS fold_seq, toString(v.here) AS here, toString(v.here_again) AS here_again, v.columns AS columns,
         arrayMap(one -> tuple(one.1, one.2, one.3), v.differences) AS differences, v.cut AS cut
       FROM ${this.#context.reader.t('verified_entities')} AS v WHERE ${COUNTS}
       ORDER BY v.entity_hash, v.entity_type, v.entity_id LIMIT {limit:UInt32} OFFSET {skip:UInt64}`,
      { ...(await this.#scope(verificationId)), limit: page.limit, skip },
    );
    const next = rows.length < page.limit ? null : String(skip + rows.length);
    return { items: rows.map(entityOf), next };
  }

  async #run(tenantId: string, jobId: string): Promise<StoredJob> {
    const run = await this.#context.jobLog.read(tenantId, jobId);
    if (run === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    if (run.state.dropped) throw new RewindError('rows_dropped', `job ${jobId} keeps no rows`);
    return run;
  }

  async #find(
    tenantId: string,
    jobId: string,
    verificationId: string,
  ): Promise<{ run: StoredJob; job: StoredJob }> {
    const run = await this.#run(tenantId, jobId);
    const job = await this.#context.jobLog.read(tenantId, verificationId);
    if (job === null || (job.state.spec as FrozenSpec).verifies !== jobId)
      throw new RewindError('verification_not_found', `job ${jobId} has no verification ${verificationId}`);
    return { run, job };
  }

  async #view(run: StoredJob, job: StoredJob): Promise<VerificationView> {
    const view = await this.#context.runs.view(job);
    const found = await this.#digests(job.jobId);
    const complete = view.status === 'Complete';
    const differs = found.differing !== '0' || found.digest !== found.digest_again;
    return {
      verificationId: job.jobId,
      jobId: run.jobId,
      status: view.status,
      percent: view.progress.percent,
      outcome: !complete ? null : differs ? 'differs' : 'verified',
      entities: Number(found.entities),
      differing: Number(found.differing),
      run: { ...foldOf(run), rows: found.rows, digest: found.digest },
      again: { ...foldOf(job), rows: found.rows_again, digest: found.digest_again },
      error: view.error === null ? null : { code: view.error.code, message: view.error.message },
      createdBy: view.createdBy,
      createdAt: view.createdAt,
      completedAt: view.completedAt,
    };
  }

  /** Of the units that are done. */
  async #digests(verificationId: string): Promise<Digests> {
    const hex = (column: string) => `leftPad(lower(hex(sumWithOverflow(v.${column}))), 32, '0')`;
    const rows = await this.#context.reader.query<Digests>(
      `SELECT toString(sum(v.rows)) AS rows, toString(sum(v.rows_again)) AS rows_again, ${hex('digest')} AS digest,
         ${hex('digest_again')} AS digest_again, toString(sum(v.entities)) AS entities, toString(sum(v.differing)) AS differing
       FROM ${this.#context.reader.t('run_digests')} AS v WHERE ${COUNTS}`,
      await this.#scope(verificationId),
    );
    return rows[0]!;
  }

  async #scope(verificationId: string) {
    const claims = await stateClaims(this.#context, verificationId);
    return { job: verificationId, claims: claims.map(BigInt) };
  }
}

/** The run's own spec, but for what it would write and what people call it. */
function verifyingSpec({ jobId, state }: StoredJob): FrozenSpec {
  const { outputs: _outputs, baseline: _baseline, ...spec } = state.spec as FrozenSpec;
  return {
    ...spec,
    jobType: 'DryRun',
    verifies: jobId,
    parentJobId: jobId,
    bounds: 'parent',
    name: '',
    reason: '',
    labels: {},
    ticket: '',
    requested: { ...spec.requested, job_type: 'DryRun' },
  };
}

function foldOf({ state }: StoredJob): Pick<FoldOfRun, 'units' | 'foldedInStore'> {
  return {
    units: (state.folding as FoldingBody | null)?.units.length ?? 0,
    foldedInStore: (state.result as JobResult | null)?.foldedInStore ?? 0,
  };
}

function entityOf(row: EntityRow): VerifiedEntity {
  return {
    entityType: row.entity_type,
    entityId: row.entity_id,
    rows: row.rows,
    rowsAgain: row.rows_again,
    foldSeq: row.fold_seq,
    here: Number(row.here),
    hereAgain: Number(row.here_again),
    columns: row.columns,
    differences: row.differences.map(fieldDifference),
    cut: row.cut === 1,
  };
}
