/**
 * The writer of the audit trail: chains the entries of this process, stores them in the order of their places, and
 * anchors the chains of all processes from time to time.
 *
 * An entry is stored after its act and before the caller hears of the act's success. If storing fails the caller is told
 * so and repeats the request: acts are named (job ids, versions, key ids), a repeated one changes nothing or fails
 * openly, and an act whose entry was lost for good is found by `verify`, which holds the job log and the catalogs
 * against the entries.
 */
import { appendFile } from 'node:fs/promises';
import { uuidv7 } from 'uuidv7';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { canonicalOf } from '../sources/canonical-json.js';
import type { AuditLog } from '../store/audit-log.js';
import type { Telemetry } from '../telemetry.js';
import { type AnchorKey, anchorHash, anchorKey, entryHash } from './chain.js';
import { TrailCheck } from './check.js';
import type {
  AuditAct,
  AuditAnchor,
  AuditEntry,
  AuditFilter,
  AuditPlace,
  AuditReport,
  AuditTrail,
  ChainHead,
} from './contract.js';

const TEXT_MAX = 2_048;
const DETAIL_MAX = 16_384;
/** Entries of one insert; what waits beyond it goes into the next. */
const BATCH_MAX = 500;

interface Waiting {
  readonly act: Omit<AuditAct, 'detail'> & { readonly detailJson: string };
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export interface TrailOptions {
  readonly log: AuditLog;
  readonly config: Config['audit'];
  /** Name of this process: host, process id, start. */
  readonly worker: string;
  readonly telemetry: Telemetry;
}

export class ChainedTrail implements AuditTrail {
  readonly #log: AuditLog;
  readonly #config: Config['audit'];
  readonly #worker: string;
  readonly #telemetry: Telemetry;
  readonly #key: AnchorKey | null;
  readonly #waiting: Waiting[] = [];
  #chainNumber = 1;
  #seq = 0n;
  #hash = '';
  #lastNs = 0n;
  #storing: Promise<void> | null = null;
  #unanchored = 0;
  #timer: NodeJS.Timeout | null = null;
  #anchoring: Promise<AuditAnchor | null> | null = null;
  #anchorChain = { number: 1, seq: 0n, hash: '' };
  /** Hash of each chain's head as this process last anchored it. */
  readonly #anchored = new Map<string, string>();

  constructor({ log, config, worker, telemetry }: TrailOptions) {
    this.#log = log;
    this.#config = config;
    this.#worker = worker;
    this.#telemetry = telemetry;
    this.#key = anchorKey(config.signingKey);
  }

  enter(act: AuditAct): Promise<void> {
    return new Promise((done, failed) => {
      const { detail, ...texts } = act;
      const entered = { ...texts, detailJson: detailText(detail) };
      this.#waiting.push({ act: entered, done, failed });
      this.#storing ??= this.#storeAll();
    });
  }

  async list(
    tenantId: string,
    options: AuditFilter & { readonly limit: number; readonly after?: AuditPlace },
  ): Promise<readonly AuditEntry[]> {
    return this.#log.list(tenantId, options);
  }

  async count(tenantId: string): Promise<number> {
    return this.#log.count(tenantId);
  }

  anchor(): Promise<AuditAnchor | null> {
    this.#anchoring ??= this.#makeAnchor().finally(() => {
      this.#anchoring = null;
    });
    return this.#anchoring;
  }

  async verify(heads: readonly ChainHead[]): Promise<AuditReport> {
    const check = new TrailCheck(this.#key, heads);
    for await (const anchor of this.#log.anchors()) check.anchor(anchor);
    for await (const entry of this.#log.entries()) check.entry(entry);
    check.finish();
    const { acts, unentered } = await this.#log.acts();
    for (const { tenant_id, action, target, actor } of unentered)
      check.problem('act_without_entry', `${action} ${target}`, `by ${actor} in tenant ${tenant_id}`);
    return {
      valid: check.problems.length === 0,
      entries: check.entries,
      writers: check.writers,
      anchors: check.anchors,
      signedAnchors: check.signedAnchors,
      unanchored: check.unanchored,
      acts,
      problems: check.problems,
    };
  }

  /** Stores what waits, and anchors it. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#storing;
    if (this.#unanchored > 0) await this.anchor().catch((error: unknown) => this.#notAnchored(error));
  }

  async #storeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      const before = { seq: this.#seq, hash: this.#hash };
      const entries = batch.map(({ act }) => this.#chained(act));
      try {
        await this.#log.append(entries);
        this.#entered(entries.length);
        for (const { done } of batch) done();
      } catch (cause) {
        // Whether the rows are there nobody knows: a chain never goes on behind such a place.
        this.#chainNumber++;
        this.#seq = 0n;
        this.#hash = '';
        this.#telemetry.event('audit.failed', {
          entries: batch.length,
          chain: this.#chain(before),
          err: cause as Error,
        });
        const error = new RewindError('audit_unavailable', 'the audit entry could not be stored', { cause });
        for (const { failed } of batch) failed(error);
      }
    }
    // In one step with the last look at the queue: who comes next starts again.
    this.#storing = null;
  }

  #chain({ seq }: { readonly seq: bigint }): string {
    return `${this.#worker}/${this.#chainNumber - 1} #${seq}`;
  }

  #chained(act: Waiting['act']): AuditEntry {
    this.#seq++;
    const entry = {
      auditEntryId: uuidv7(),
      tenantId: cut(act.tenantId),
      actor: cut(act.actor),
      action: cut(act.action),
      target: cut(act.target),
      outcome: act.outcome,
      detailJson: act.detailJson,
      recordedNs: this.#now(),
      writer: `${this.#worker}/${this.#chainNumber}`,
      seq: String(this.#seq),
      prevHash: this.#hash,
    };
    this.#hash = entryHash(entry);
    return { ...entry, hash: this.#hash };
  }

  /** Later than every one before it in this process. */
  #now(): bigint {
    const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n;
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n;
    return this.#lastNs;
  }

  #entered(count: number): void {
    this.#unanchored += count;
    if (this.#unanchored >= this.#config.anchorEntries) this.#anchorSoon();
    else if (this.#timer === null) {
      this.#timer = setTimeout(() => this.#anchorSoon(), this.#config.anchorSeconds * 1_000);
      this.#timer.unref();
    }
  }

  #anchorSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.anchor().catch((error: unknown) => this.#notAnchored(error));
  }

  #notAnchored(error: unknown): void {
    this.#telemetry.event('audit.unanchored', { entries: this.#unanchored, err: error as Error });
  }

  async #makeAnchor(): Promise<AuditAnchor | null> {
    const covered = this.#unanchored;
    const { entries, heads } = await this.#log.heads();
    const moved = heads.filter(({ writer, hash }) => this.#anchored.get(writer) !== hash);
    if (moved.length === 0) return this.#log.newestAnchor();
    const chain = this.#anchorChain;
    const body = {
      writer: `${this.#worker}/${chain.number}`,
      seq: String(chain.seq + 1n),
      recordedNs: this.#now(),
      entries,
      heads: moved,
      prevHash: chain.hash,
    };
    const hash = anchorHash(body);
    const signature = this.#key?.sign(hash) ?? '';
    const anchor: AuditAnchor = { ...body, hash, keyId: this.#key?.keyId ?? '', signature };
    try {
      await this.#log.appendAnchor(anchor);
    } catch (error) {
      this.#anchorChain = { number: chain.number + 1, seq: 0n, hash: '' };
      throw error;
    }
    this.#anchorChain = { ...chain, seq: chain.seq + 1n, hash };
    for (const head of moved) this.#anchored.set(head.writer, head.hash);
    this.#unanchored -= covered;
    await this.#keepOutside(anchor);
    return anchor;
  }

  /** The head leaves the store: in the log, and in a file where one is named. */
  async #keepOutside({ writer, seq, hash, entries }: AuditAnchor): Promise<void> {
    this.#telemetry.event('audit.anchored', { writer, seq, hash, entries });
    const { headFile } = this.#config;
    if (headFile === '') return;
    await appendFile(headFile, `${JSON.stringify({ writer, seq, hash, entries })}\n`).catch(
      (cause: unknown) => this.#notAnchored(cause),
    );
  }
}

function cut(text: string): string {
  const short = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  // Half a character would not come back from the store as it went in, and its hash would be another.
  return Buffer.from(short).toString();
}

function detailText(detail: Readonly<Record<string, unknown>>): string {
  const text = canonicalOf(detail);
  return text.length <= DETAIL_MAX ? text : `{"too_long":${text.length}}`;
}
