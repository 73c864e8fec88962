/**
 * What one sealed step of a followed set changed, to the output topics of the run that the set is made of: its snapshots
 * and their diffs. A crash here leaves records under a claim that no marker names.
 */
import { RewindError } from '../../schemas/errors.js';
import { OutputProducer } from '../kafka/output-producer.js';
import type { TaskCounters } from '../replay/tasks.js';
import { type SnapshotTexts, type StoredState, snapshotTexts } from '../snapshots/snapshot-text.js';
import type { RowBinaryReader } from '../store/rowbinary-reader.js';
import type { Clause } from '../store/selection.js';
import { latestStatesSql, setParams } from '../store/set-states.js';
import type { Store } from '../store/store.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import {
  diffValue,
  laneOf,
  type OutputRow,
  type OutputSnapshot,
  readRow,
  rowColumns,
  sendRows,
  snapshotValue,
} from './emit-rows.js';
import type { EmitStepTask, OutputLog } from './emitting.js';
import type { Folded } from './headers.js';
import { Tally } from './tally.js';

export async function runEmitStepTask(
  store: Store,
  log: OutputLog,
  task: EmitStepTask,
  signal: AbortSignal,
  onThrottled: (ms: number) => void,
): Promise<TaskCounters> {
  const producer = await OutputProducer.open(log, task.topics, task.producing, onThrottled);
  const tally = new Tally();
  const snapshots = laneOf(task, 'snapshots', producer, tally);
  const diffs = laneOf(task, 'diffs', producer, tally);
  const entity = new EntityRows();
  let rows = 0;
  try {
    const options = { signal, maxSeconds: task.statementMaxSeconds, settings: { max_threads: 1 } };
    await sendRows(store, producer, stepSelect(store, task), options, readStored, (stored) => {
      if (stored.kind === KIND.row) rows++;
      const told = entity.next(stored);
      if (told === null) return;
      snapshots?.write(told.row, snapshotValue, told.folded);
      const isFirst = told.folded === 'again' && told.row.foldSeq === 0n;
      // Whoever reads diffs alone must see that what was said before is void, also where nothing is said instead.
      if (told.row.changes > 0 || isFirst) diffs?.write(told.row, diffValue, told.folded);
    });
    await producer.flush();
  } finally {
    await producer.close();
  }
  if (FAILPOINTS) await reach('step.sent');
  // The generation went while it was read.
  if (rows !== task.rows)
    throw new RewindError('step_gone', `step ${task.step.step} has ${rows} of its ${task.rows} rows left`);
  return tally.counters();
}

/** `base`: what the entity was before the step; `gone`: none of its events counts any more. */
const KIND = { base: 0, row: 1, gone: 2 } as const;

interface StoredRow extends OutputRow {
  readonly kind: number;
  readonly exists: boolean;
  readonly changes: number;
  readonly shape: string;
  readonly state: string;
}

function readStored(row: RowBinaryReader): StoredRow {
  return {
    ...readRow(row),
    kind: row.i32(),
    exists: row.i32() === 1,
    changes: row.i32(),
    shape: row.string(),
    state: row.string(),
  };
}

/** Of each entity of the step its state before, its snapshots in the order of the fold, or that it is gone. */
function stepSelect(store: Store, { states, live, stepClaim, step }: EmitStepTask): Clause {
  const entity = 'entity_hash, entity_type, entity_id';
  const of =
    'WHERE scope = {setId:String} AND generation = {generation:UInt32} AND claim = {stepClaim:UInt64}';
  const place = (topic: string) =>
    `${topic} AS topic_id, toInt32(0) AS partition, toUInt64(0) AS offset, toUInt16(0) AS n`;
  const table = store.t('entity_states');
  const own = `concat({setId:String}, '/', {step:String})`;
  return {
    sql: `SELECT ${rowColumns(own)}, toInt32(kind), toInt32(exists), toInt32(changes), shape, state FROM (
        SELECT ${entity}, fold_seq, event_id, toString(event_type) AS event_type, occurred_at, toString(topic_id) AS topic_id,
          partition, offset, n, ${KIND.row} AS kind, exists, changes, toString(shape) AS shape, state
        FROM ${store.t('live_snapshots')} WHERE job_id = {live:String} AND claim = {stepClaim:UInt64}
        UNION ALL
        SELECT ${entity}, fold_seq, event_id, '' AS event_type, occurred_at, ${place("''")}, ${KIND.base} AS kind, exists,
          toUInt32(0) AS changes, toString(shape) AS shape, state
        FROM (${latestStatesSql(store, `entity_hash IN (SELECT entity_hash FROM ${table} ${of})`)})
        UNION ALL
        SELECT ${entity}, toUInt64(0) AS fold_seq, event_id, '' AS event_type, occurred_at,
          ${place("concat('/', entity_type, '/', entity_id)")}, ${KIND.gone} AS kind, toUInt8(0) AS exists,
          toUInt32(0) AS changes, '' AS shape, '' AS state
        FROM ${table} ${of} AND event_id = '')
      ORDER BY ${entity}, kind, fold_seq`,
    params: { ...setParams(states), step: step.step, stepClaim, live },
  };
}

interface Told {
  readonly row: OutputSnapshot;
  readonly folded: Folded;
}

/** Rows of one entity after the other, with what stood before each. */
class EntityRows {
  #key: Buffer = Buffer.alloc(0);
  #before: StoredState | null = null;
  #folded: Folded = 'on';

  /** Null: it is the state before the step. */
  next(stored: StoredRow): Told | null {
    if (!stored.key.equals(this.#key)) {
      this.#key = stored.key;
      this.#before = null;
      this.#folded = 'on';
    }
    if (stored.kind === KIND.base) {
      this.#before = stored;
      return null;
    }
    if (stored.kind === KIND.gone) return this.#gone(stored);
    // A fold from the first event on counts from 0: what stood before it is void.
    if (stored.foldSeq === 0n && this.#before !== null) {
      this.#folded = 'again';
      this.#before = null;
    }
    const texts = snapshotTexts(stored, this.#before);
    this.#before = stored;
    return { row: { ...stored, ...texts }, folded: this.#folded };
  }

  /** As if an event had ended the entity; there is none. */
  #gone(stored: StoredRow): Told {
    const before = this.#before ?? { shape: '', state: '' };
    const after = { shape: before.shape, state: '\n'.repeat(before.shape.split('\n').length - 1) };
    const texts: SnapshotTexts = snapshotTexts(after, before);
    const changes = before.state.split('\n').filter((value) => value !== '').length;
    return { row: { ...stored, ...texts, topicId: '', exists: false, changes }, folded: 'again' };
  }
}
