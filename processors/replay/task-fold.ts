/**
 * One fold unit, from sorted input rows to snapshot rows in the store. Reading, folding and inserting overlap: while one
 * block is on its way to the store, the next is folded. A crash here leaves rows without a manifest: invisible.
 */
import { RewindError } from '../../schemas/errors.js';
import { compileEncoding } from '../encodings/compile.js';
import { envelopeNames } from '../encodings/envelope-names.js';
import { regoRules } from '../policy/rego-rules.js';
import type { RuleEngine } from '../rules/rule-set.js';
import { secondsText } from '../sources/time.js';
import { foldSelect } from '../store/fold-select.js';
import { NativeReader } from '../store/native-reader.js';
import type { LiveSet } from '../store/set-states.js';
import type { Store } from '../store/store.js';
import { FAILPOINTS, halved, reach } from '../testing/failpoints.js';
import { FoldUnit } from './fold.js';
import { DECISION_OUTPUT, foldInput, SNAPSHOT_OUTPUT } from './fold-columns.js';
import { DecisionRows } from './fold-decision-rows.js';
import { type DecisionRules, FoldDecisions } from './fold-decisions.js';
import { SnapshotRows } from './fold-output.js';
import type { FoldDeadLetter } from './fold-types.js';
import { loadInput, snapshotTarget, type TaskCounters, type TaskRules, type UnitTask } from './tasks.js';

/**
 * One thread reads faster than the fold takes the rows, and units run side by side anyway. A block is folded when it is
 * whole: with rows of a few hundred bytes, blocks of about 1 MB, which the processor's caches hold.
 */
const READ_SETTINGS = {
  optimize_read_in_order: 1,
  max_threads: 1,
  max_block_size: 4096,
  low_cardinality_allow_in_native_format: 1,
};

/**
 * Buffers of folds that have ended well, for the next of this thread: they have grown to what a unit takes. Those of a
 * fold that failed may still be on their way to the store.
 */
const spare: { readonly reader: NativeReader; readonly rows: SnapshotRows }[] = [];

/** Which entities of a unit, and where they begin; see FoldReadOptions. */
export interface FoldPart {
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  /** True: with their states in entity_states, under the unit's claim. */
  readonly based?: boolean;
  /** With their states in a followed set. */
  readonly states?: LiveSet;
}

/**
 * Folds the unit's entities, or a part of them. Rejects with the fold's own code (operation_failed,
 * entity_too_large, too_many_failures) or a store_* code.
 */
export async function runFoldTask(
  store: Store,
  task: UnitTask,
  signal: AbortSignal,
  part: FoldPart = {},
  engine: RuleEngine = regoRules,
): Promise<TaskCounters> {
  const { reader, rows } = spare.pop() ?? { reader: new NativeReader(), rows: new SnapshotRows() };
  reader.reset();
  rows.begin(task.jobId, BigInt(snapshotTarget(task).claim), task.limits.batchBytes);
  const decisionRows = new DecisionRows(task.jobId, BigInt(task.claim), task.limits.batchBytes);
  const decisions =
    task.rules === null ? null : new FoldDecisions(await openRules(task.rules, engine), decisionRows);
  const output = new UnitOutput(store, task, rows, decisionRows);
  const input = loadInput(task.input);
  const mapped = input.stage === 'mapped';
  const fold = new FoldUnit({
    encoding: compileEncoding(task.encoding),
    mapped,
    ordering: task.spec.ordering,
    snapshots: task.spec.jobType === 'DecisionOnly' ? 'none' : task.spec.snapshots,
    onFailure: task.spec.onFailure,
    maxEventsPerEntity: task.limits.maxEventsPerEntity,
    losers: new Set(task.losers),
    reader,
    sink: { rows, decisions, onDeadLetter: (letter) => output.letter(letter) },
  });
  const columns = foldInput(envelopeNames(task.encoding), mapped, decisions !== null);
  const { only, except, based, states } = part;
  const base = states ?? (based === true ? { scope: task.jobId, claim: task.claim } : undefined);
  const options = { repeated: task.repeated, only, except, base };
  const select = foldSelect(store, task.spec, input, task.range, columns, options);
  const stream = await store.streamFormat(select.sql, 'Native', select.params, {
    signal,
    maxSeconds: task.limits.statementMaxSeconds,
    settings: READ_SETTINGS,
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      fold.push(chunk);
      while (fold.fold()) await output.start();
      await output.startIfManyLetters();
    }
    const counters = fold.finish();
    await output.flush();
    spare.push({ reader, rows });
    return { ...counters, ...decisions?.counters };
  } finally {
    stream.destroy();
  }
}

async function openRules({ rules, baseline }: TaskRules, engine: RuleEngine): Promise<DecisionRules> {
  return {
    rules: await engine.open(rules),
    baseline: baseline === null ? null : await engine.open(baseline),
  };
}

/** Dead letters that are collected before they are stored. */
const LETTERS_MAX = 10_000;

/** Collects snapshot rows, decisions and dead letters and stores them in blocks, one insert under way at a time. */
class UnitOutput {
  readonly #store: Store;
  readonly #task: UnitTask;
  readonly #rows: SnapshotRows;
  readonly #decisions: DecisionRows;
  #letters: FoldDeadLetter[] = [];
  #failed = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(store: Store, task: UnitTask, rows: SnapshotRows, decisions: DecisionRows) {
    this.#store = store;
    this.#task = task;
    this.#rows = rows;
    this.#decisions = decisions;
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

  async startIfManyLetters(): Promise<void> {
    if (this.#letters.length >= LETTERS_MAX) await this.start();
  }

  async flush(): Promise<void> {
    await this.start();
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
  }

  /** Begins to insert what has been collected, once the insert before has ended. */
  async start(): Promise<void> {
    await this.#inFlight;
    if (this.#error !== null) throw this.#error;
    const letters = this.#letters;
    this.#letters = [];
    const rows = this.#rows.length > 0 ? this.#rows.take() : null;
    const decided = this.#decisions.length > 0 ? this.#decisions.take() : null;
    const { jobType } = this.#task.spec;
    // A dry run counts its decisions.
    this.#inFlight = this.#insert(rows, jobType === 'DryRun' ? null : decided, letters).catch(
      (error: unknown) => {
        this.#error ??= error;
      },
    );
  }

  async #insert(
    rows: Buffer[] | null,
    decided: Buffer[] | null,
    letters: readonly FoldDeadLetter[],
  ): Promise<void> {
    if (decided !== null) await this.#store.insertNative('decisions', DECISION_OUTPUT, decided);
    if (rows !== null) {
      const body = FAILPOINTS ? halved('fold.inserting', Buffer.concat(rows)) : rows;
      await this.#store.insertNative(snapshotTarget(this.#task).table, SNAPSHOT_OUTPUT, body);
      if (FAILPOINTS) await reach('fold.stored');
    }
    if (letters.length === 0 || this.#task.scratch?.keepsLetters === false) return;
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
        occurred_at: secondsText(letter.occurredAtNs),
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
