/**
 * One fold unit, from sorted input rows to snapshot rows in the store. Reading, folding and inserting overlap: while one
 * block is on its way to the store, the next is folded. A crash here leaves rows without a manifest: invisible.
 */
import { RewindError } from '../../schemas/errors.js';
import { compileEncoding } from '../encodings/compile.js';
import { RowBinaryWriter } from '../store/rowbinary.js';
import { foldSelect } from '../store/selection.js';
import type { Store } from '../store/store.js';
import { FAILPOINTS, halved, reach } from '../testing/failpoints.js';
import { FoldUnit } from './fold.js';
import { SNAPSHOT_OUTPUT } from './fold-columns.js';
import type { FoldDeadLetter } from './fold-types.js';
import { loadInput, type TaskCounters, type UnitTask } from './tasks.js';

/**
 * Folds the unit's entities, or only those with the given hashes. Rejects with the fold's own code (operation_failed,
 * entity_too_large, too_many_failures) or a store_* code.
 */
export async function runFoldTask(
  store: Store,
  task: UnitTask,
  signal: AbortSignal,
  only?: readonly string[],
): Promise<TaskCounters> {
  const rows = new RowBinaryWriter(Math.min(task.limits.batchBytes, 1 << 20));
  const output = new UnitOutput(store, task, rows);
  const input = loadInput(task.input);
  const fold = new FoldUnit({
    encoding: compileEncoding(task.encoding),
    mapped: input.stage === 'mapped',
    jobId: task.jobId,
    claim: BigInt(task.claim),
    ordering: task.spec.ordering,
    snapshots: task.spec.snapshots,
    onFailure: task.spec.onFailure,
    maxEventsPerEntity: task.limits.maxEventsPerEntity,
    losers: new Set(task.losers),
    sink: { rows, onDeadLetter: (letter) => output.letter(letter) },
  });
  const select = foldSelect(store, task.spec, input, task.range, { repeated: task.repeated, only });
  const stream = await store.streamRowBinary(select.sql, select.params, {
    signal,
    maxSeconds: task.limits.statementMaxSeconds,
    settings: { optimize_read_in_order: 1, max_threads: 2 },
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      fold.push(chunk);
      await output.flushIfFull();
    }
    const counters = fold.finish();
    await output.flush();
    return { ...counters };
  } finally {
    stream.destroy();
  }
}

/** Collects snapshot rows and dead letters and stores them in blocks, one insert under way at a time. */
class UnitOutput {
  readonly #store: Store;
  readonly #task: UnitTask;
  readonly #rows: RowBinaryWriter;
  #letters: FoldDeadLetter[] = [];
  #failed = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(store: Store, task: UnitTask, rows: RowBinaryWriter) {
    this.#store = store;
    this.#task = task;
    this.#rows = rows;
  }

  letter(letter: FoldDeadLetter): void {
    this.#letters.push(letter);
    if (letter.kind === 'failed' && ++this.#failed > this.#task.limits.maxFailures) {
      throw new RewindError(
        'too_many_failures',
        `unit ${this.#task.unit} has more than ${this.#task.limits.maxFailures} dead letters`,
      );
    }
  }

  async flushIfFull(): Promise<void> {
    if (this.#rows.length >= this.#task.limits.batchBytes || this.#letters.length >= 10_000)
      await this.#start();
  }

  async flush(): Promise<void> {
    await this.#start();
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
  }

  async #start(): Promise<void> {
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
    const letters = this.#letters;
    this.#letters = [];
    if (this.#task.spec.jobType === 'DryRun') this.#rows.reset();
    const rows = this.#rows.length > 0 ? this.#rows.take() : null;
    this.#inFlight = this.#insert(rows, letters).catch((error: unknown) => {
      this.#error ??= error;
    });
  }

  async #insert(rows: Buffer | null, letters: readonly FoldDeadLetter[]): Promise<void> {
    if (rows !== null) {
      const body = FAILPOINTS ? halved('fold.inserting', rows) : [rows];
      await this.#store.insertRowBinary('snapshots', SNAPSHOT_OUTPUT, body);
      if (FAILPOINTS) await reach('fold.stored');
    }
    if (letters.length === 0) return;
    await this.#store.insertRows(
      'dead_letters',
      letters.map((letter) => ({
        job_id: this.#task.jobId,
        tenant_id: this.#task.spec.tenantId,
        kind: letter.kind,
        stage: 'fold',
        error_code: letter.code,
        error: letter.error,
        event_id: letter.eventId,
        event_type: letter.eventType,
        entity_type: letter.entityType,
        entity_id: letter.entityId,
        occurred_at: nanosDecimal(letter.occurredAtNs),
        topic_id: letter.topicId,
        partition: letter.partition,
        offset: letter.offset.toString(),
        n: letter.n,
        schema_id: -1,
        claim: this.#task.claim,
      })),
    );
  }
}

/** Seconds with nine decimals, the form that ClickHouse reads exactly into DateTime64(9). */
function nanosDecimal(ns: bigint): string {
  const seconds = ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n);
  return `${seconds}.${(ns - seconds * 1_000_000_000n).toString().padStart(9, '0')}`;
}
