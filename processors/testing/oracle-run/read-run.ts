/** A run as the views show it: what an analyst's SQL would get, in the oracle's words. */
import { RowBinaryReader } from '../../store/rowbinary-reader.js';
import type { Store } from '../../store/store.js';
import type { OracleSnapshot, Place } from '../oracle/types.js';

export interface LetterRow extends Place {
  readonly tenantId: string;
  readonly kind: string;
  readonly stage: string;
  readonly code: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly entityType: string;
  readonly entityId: string;
}

export interface RunRow {
  readonly tenant_id: string;
  readonly status: string;
  readonly job_type: string;
  readonly events_processed: string;
  readonly events_failed: string;
  readonly snapshots: string;
}

const PLACE = 'topic_id, partition, offset, toInt32(n)';

async function rows<Row>(
  store: Store,
  sql: string,
  job: string,
  read: (row: RowBinaryReader) => Row,
): Promise<Row[]> {
  const found: Row[] = [];
  const reader = new RowBinaryReader();
  const stream = await store.streamRowBinary(sql, { job }, { maxSeconds: 300, maxMemoryBytes: 2 ** 31 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    reader.push(chunk);
    reader.drain((row) => found.push(read(row)));
  }
  reader.end();
  return found;
}

const placeOf = (row: RowBinaryReader): Place => ({
  topicId: row.string(),
  partition: row.i32(),
  offset: row.u64(),
  n: row.i32(),
});

/** v1_snapshots in event-time order. */
export function readSnapshots(store: Store, job: string): Promise<OracleSnapshot[]> {
  return rows(
    store,
    `SELECT ${PLACE}, entity_type, entity_id, fold_seq, event_id, event_type, occurred_at,
       state_before, state_after, diff, toInt32(changes), toInt32(exists)
     FROM ${store.t('v1_snapshots')} WHERE job_id = {job:String}
     ORDER BY occurred_at, event_id, n`,
    job,
    (row) => ({
      ...placeOf(row),
      entityType: row.string(),
      entityId: row.string(),
      foldSeq: Number(row.u64()),
      eventId: row.string(),
      eventType: row.string(),
      occurredAtNs: row.i64(),
      stateBefore: row.string(),
      stateAfter: row.string(),
      diff: row.string(),
      changes: row.i32(),
      exists: row.i32() === 1,
    }),
  );
}

/** v1_timeline in its own order: each row as text. */
export function readTimeline(store: Store, job: string): Promise<string[]> {
  return rows(
    store,
    `SELECT occurred_at, event_id, toInt32(n), entity_type, entity_id, fold_seq, event_type, toInt32(changes)
     FROM ${store.t('v1_timeline')} WHERE job_id = {job:String} ORDER BY occurred_at, event_id, n`,
    job,
    (row) =>
      JSON.stringify([
        row.i64().toString(),
        row.string(),
        row.i32(),
        row.string(),
        row.string(),
        Number(row.u64()),
        row.string(),
        row.i32(),
      ]),
  );
}

export function timelineText(row: OracleSnapshot): string {
  const { eventId, n, entityType, entityId, foldSeq, eventType, changes } = row;
  return JSON.stringify([
    row.occurredAtNs.toString(),
    eventId,
    n,
    entityType,
    entityId,
    foldSeq,
    eventType,
    changes,
  ]);
}

export function readLetters(store: Store, job: string): Promise<LetterRow[]> {
  return rows(
    store,
    `SELECT ${PLACE}, tenant_id, toString(kind), stage, error_code, event_id, event_type, entity_type, entity_id
     FROM ${store.t('v1_dead_letters')} WHERE job_id = {job:String}
     ORDER BY topic_id, partition, offset, n`,
    job,
    (row) => ({
      ...placeOf(row),
      tenantId: row.string(),
      kind: row.string(),
      stage: row.string(),
      code: row.string(),
      eventId: row.string(),
      eventType: row.string(),
      entityType: row.string(),
      entityId: row.string(),
    }),
  );
}

/** v1_field_changes, each row as text: entity, place in its history, field, operation, the change as it stands in the diff. */
export function readFieldChanges(store: Store, job: string): Promise<string[]> {
  return rows(
    store,
    `SELECT entity_type, entity_id, fold_seq, event_id, field, operation, change
     FROM ${store.t('v1_field_changes')} WHERE job_id = {job:String}`,
    job,
    (row) =>
      JSON.stringify([
        row.string(),
        row.string(),
        Number(row.u64()),
        row.string(),
        row.string(),
        row.string(),
        row.string(),
      ]),
  );
}

export async function readRunRow(store: Store, job: string): Promise<RunRow | undefined> {
  const found = await store.query<RunRow>(
    `SELECT tenant_id, status, job_type, toString(events_processed) AS events_processed,
       toString(events_failed) AS events_failed, toString(snapshots) AS snapshots
     FROM ${store.t('v1_runs')} WHERE job_id = {job:String}`,
    { job },
  );
  return found[0];
}

const TABLES = [
  'audit_events',
  'replay_events',
  'unit_log',
  'job_events',
  'snapshots',
  'snapshot_timeline',
  'timeline_index',
  'dead_letters',
  'encodings',
];

export async function stopMerges(store: Store): Promise<void> {
  await store.command('SYSTEM STOP MERGES');
}

/** Merges everything there is to one part. */
export async function mergeAll(store: Store): Promise<void> {
  await store.command('SYSTEM START MERGES');
  for (const table of TABLES)
    await store.command(`OPTIMIZE TABLE ${store.t(table)} FINAL`, {}, { maxSeconds: 300 });
}
