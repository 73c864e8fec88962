/**
 * Dead letters of runs: listed, shown with the record behind them, and read again. A record that did not decode stays in the
 * archive with its bytes; once the schema is there or the mapping is right, its events take the place of the failure.
 * Runs that were planned before keep what they read; a rerun has the events.
 */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import { ArchiveBlock } from '../collect/archive-block.js';
import { headersOf, keptBytes } from '../collect/kept-record.js';
import type { FoldingBody, MappingBody, Pipeline } from '../replay/pipeline.js';
import type { Page } from '../replay/service.js';
import { loadInput } from '../replay/tasks.js';
import { LogRecords } from '../sources/log-records.js';
import type { Decoder } from '../sources/source.js';
import { DeadLetterReads, type KeptRecord } from '../store/dead-letters.js';
import type { StoredJob } from '../store/job-log.js';
import { type Clause, type InputRows, visibleClause } from '../store/selection.js';
import type { Store } from '../store/store.js';
import type { DeadLetter, DeadLetterFilters, DeadLetters, LetterRecord, RedriveResult } from './contract.js';
import { redrivenClaims, underRedriveClaim } from './redrive-log.js';

export type RedriverContext = Pick<Pipeline, 'store' | 'unitLog' | 'jobLog' | 'worker'> & {
  readonly config: Pick<Config, 'deadLetters' | 'collect'>;
  /** May only read. */
  readonly reader: Store;
  /** Of the configured sources, as they are now. */
  readonly decoder: () => Decoder;
};

/** Records that are read, decoded and written together. */
const STEP_RECORDS = 500;
const FAILURES_SHOWN = 100;

type Failure = RedriveResult['failures'][number];

export class Redriver implements DeadLetters {
  readonly #context: RedriverContext;
  readonly #reads: DeadLetterReads;

  constructor(context: RedriverContext) {
    this.#context = context;
    this.#reads = new DeadLetterReads(context.reader);
  }

  async list(
    tenantId: string,
    jobId: string,
    page: DeadLetterFilters & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DeadLetter>> {
    return this.#reads.list(await this.#letters(await this.#job(tenantId, jobId)), page);
  }

  async get(tenantId: string, jobId: string, id: string): Promise<DeadLetter> {
    const letter = await this.#reads.get(await this.#letters(await this.#job(tenantId, jobId)), id);
    if (letter === null) throw new RewindError('dead_letter_not_found', `${jobId} has no such dead letter`);
    return letter;
  }

  async record(tenantId: string, jobId: string, id: string): Promise<LetterRecord> {
    const letter = await this.get(tenantId, jobId, id);
    const kept = await this.#reads.record(letter);
    if (kept === null)
      throw new RewindError('record_gone', `the archive holds no record at the coordinates of ${id}`);
    const { key, value } = keptBytes(kept);
    return {
      topic: kept.topic,
      recordTime: new Date(Number(kept.ms)).toISOString(),
      key,
      value,
      headers: headersOf(kept.headers),
      schemaId: kept.schema_id,
      payloadJson: kept.payload === '' ? null : kept.payload,
    };
  }

  async redrive(tenantId: string, jobId: string, filters: DeadLetterFilters): Promise<RedriveResult> {
    const job = await this.#job(tenantId, jobId);
    const input = inputOf(job);
    const { redriveMax } = this.#context.config.deadLetters;
    const { items, next } = await this.#reads.list(await this.#letters(job), {
      ...filters,
      kind: 'failed',
      limit: redriveMax,
    });
    const wanted = items.filter(({ stage }) => stage === 'decode');
    const open = wanted.filter(({ redriven }) => !redriven);
    const already = wanted.length - open.length;
    let decoded = already;
    const failures: Failure[] = [];
    let failed = 0;
    for (const step of steps(open)) {
      const found = await this.#redriveStep(step, visibleClause(input));
      decoded += step.length - found.length;
      failed += found.length;
      failures.push(...found.slice(0, FAILURES_SHOWN - failures.length));
    }
    return {
      selected: items.length,
      decoded,
      already,
      failed,
      needRerun: items.length - wanted.length,
      failures,
      more: next !== null,
    };
  }

  /** Letters of one partition; resolves with those that failed again. */
  async #redriveStep(letters: readonly DeadLetter[], visible: Clause): Promise<Failure[]> {
    const { topicId, partition } = letters[0]!;
    const failures = new Map<string, Failure>();
    const byOffset = new Map(letters.map((letter) => [letter.offset, letter]));
    await underRedriveClaim(this.#context, { topicId, partition }, async (claim, before) => {
      // Whoever was faster has put these there already.
      const done = await this.#offsetsUnder(before, topicId, partition);
      const offsets = [...byOffset.keys()].filter((offset) => !done.has(offset));
      if (offsets.length === 0) return 0;
      const kept = await this.#reads.failedRecords(visible, { topicId, partition, offsets });
      for (const offset of offsets) {
        if (!kept.some((row) => row.offset === offset))
          failures.set(
            offset,
            failureOf(byOffset.get(offset)!, 'record_gone', 'the archive holds it no more'),
          );
      }
      return this.#decode(kept, claim, (offset, code, error) => {
        failures.set(offset, failureOf(byOffset.get(offset)!, code, error));
      });
    });
    return [...failures.values()];
  }

  /** Writes the events of those that decode now under the claim; resolves with how many records that are. */
  async #decode(
    kept: readonly KeptRecord[],
    claim: string,
    onFailure: (offset: string, code: Failure['code'], error: string) => void,
  ): Promise<number> {
    const [first] = kept;
    if (first === undefined) return 0;
    const { store, config, decoder: open } = this.#context;
    const decoder = open();
    const name = { topicId: first.topic_id, topic: first.topic, partition: first.partition };
    const records = LogRecords.of(name, kept.map(recordOf));
    await decoder.prepare(records);
    const block = new ArchiveBlock({ table: 'audit_events' });
    block.begin(name, BigInt(claim));
    let decoded = 0;
    for (const record of records) {
      const found = decoder.decode(record);
      if (found.ok) {
        block.addRecord(record, found, config.collect.keepRaw);
        decoded++;
      } else onFailure(record.offset.toString(), found.code, found.message);
    }
    if (block.rows > 0) await store.insertNative('audit_events', block.names, block.chunks());
    return decoded;
  }

  async #offsetsUnder(claims: readonly string[], topicId: string, partition: number): Promise<Set<string>> {
    if (claims.length === 0) return new Set();
    const { store } = this.#context;
    const rows = await store.query<{ at: string }>(
      `SELECT DISTINCT toString(offset) AS at FROM ${store.t('audit_events')}
       WHERE claim IN {claims:Array(UInt64)} AND topic_id = {topicId:String} AND partition = {partition:Int32}`,
      { claims: claims.map(BigInt), topicId, partition },
    );
    return new Set(rows.map(({ at }) => at));
  }

  async #job(tenantId: string, jobId: string): Promise<StoredJob> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    if (job.state.dropped) throw new RewindError('rows_dropped', `job ${jobId} keeps no rows`);
    return job;
  }

  async #letters({ jobId, state }: StoredJob) {
    const plan = state.plan as { partitions: readonly { topicId: string }[] } | null;
    const topicIds = (plan?.partitions ?? []).map(({ topicId }) => topicId);
    const claims = await redrivenClaims(this.#context.unitLog, topicIds);
    return { jobId, redriven: claims.map(({ claim }) => claim) };
  }
}

/** Of a record that did not decode the bytes are always kept. */
function recordOf(row: KeptRecord) {
  const { key, value } = keptBytes(row);
  return {
    offset: BigInt(row.offset),
    recordTimeMs: BigInt(row.ms),
    key: key ?? null,
    value: value ?? null,
    headers: headersOf(row.headers),
  };
}

/** Where the run read its records. */
function inputOf({ jobId, state }: StoredJob): InputRows {
  const spec = state.spec as FrozenSpec;
  const body = (state.mapping ?? state.folding) as MappingBody | FoldingBody | null;
  if (body === null) throw new RewindError('job_not_finished', `${jobId} has not read its input yet`);
  const input = loadInput(body.input);
  if (input.table !== 'audit_events' || spec.source === 'kafka')
    throw new RewindError('redrive_unsupported', `${jobId} reads the log into rows of its own`);
  return input;
}

function* steps(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[]> {
  let step: DeadLetter[] = [];
  for (const letter of letters) {
    const [first] = step;
    const other =
      first !== undefined && (first.topicId !== letter.topicId || first.partition !== letter.partition);
    if (other || step.length === STEP_RECORDS) {
      yield step;
      step = [];
    }
    step.push(letter);
  }
  if (step.length > 0) yield step;
}

function failureOf(letter: DeadLetter, code: Failure['code'], error: string): Failure {
  return { id: letter.id, code, error };
}
