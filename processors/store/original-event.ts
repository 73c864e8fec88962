/**
 * The event behind a snapshot as the archive, or the job's own input, holds it: with the values that the encoding masks.
 * Found by its coordinates within the tenant and the event's time.
 */
import type { OriginalEvent } from '../results/contract.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { COUNTS, type RunFacts, type RunResults } from './run-results.js';
import { PAYLOAD } from './selection.js';
import type { Store } from './store.js';

interface Place {
  topic_id: string;
  partition: number;
  offset: string;
  ns: string;
}

type Row = Readonly<Record<'event_id' | 'event_type' | 'entity_type' | 'entity_id', string>> &
  Readonly<Record<'actor' | 'action' | 'severity' | 'decision' | 'payload', string>>;

/** Null: the run has no such snapshot, or nothing holds the event any more. */
export async function originalEvent(
  store: Store,
  results: RunResults,
  run: RunFacts,
  tenantId: string,
  index: number,
): Promise<OriginalEvent | null> {
  const [at] = await results.timelineRows(run, index, 1);
  if (at === undefined) return null;
  const [place] = await store.query<Place>(
    `SELECT topic_id, partition, toString(offset) AS offset, toString(toUnixTimestamp64Nano(occurred_at)) AS ns
     FROM ${store.t('snapshots')} AS s
     WHERE s.${COUNTS} AND s.entity_hash = sipHash64({type:String}, {id:String})
       AND s.entity_type = {type:String} AND s.entity_id = {id:String} AND s.fold_seq = {seq:UInt64}`,
    {
      job: run.jobId,
      claims: run.claims.fold.map(BigInt),
      type: at.entity_type,
      id: at.entity_id,
      seq: at.fold_seq,
    },
  );
  if (place === undefined) return null;
  const params = { ...place, tenantId, job: run.jobId };
  const own = `job_id = {job:String} AND stage = 'collected' AND`;
  const row =
    (await find(store, 'replay_events', own, params)) ?? (await find(store, 'audit_events', '', params));
  if (row === null) return null;
  return {
    eventId: row.event_id,
    eventType: row.event_type,
    entityType: row.entity_type,
    entityId: row.entity_id,
    timestamp: formatRfc3339Ns(BigInt(place.ns)),
    actor: row.actor,
    action: row.action,
    severity: row.severity,
    decisionJson: row.decision === '' ? null : row.decision,
    payloadJson: row.payload,
    topic: run.topics.get(place.topic_id) ?? place.topic_id,
    partition: place.partition,
    offset: place.offset,
  };
}

/** Copies of a record under other claims hold the same event: any of them will do. */
async function find(
  store: Store,
  table: 'replay_events' | 'audit_events',
  own: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Row | null> {
  const rows = await store.query<Row>(
    `SELECT e.event_id AS event_id, e.event_type AS event_type, e.entity_type AS entity_type, e.entity_id AS entity_id,
       e.actor AS actor, e.action AS action, e.severity AS severity, e.decision AS decision, ${PAYLOAD} AS payload
     FROM ${store.t(table)} AS e
     WHERE ${own} e.tenant_id = {tenantId:String} AND e.error_code = ''
       AND e.occurred_at = fromUnixTimestamp64Nano({ns:Int64}, 'UTC')
       AND e.topic_id = {topic_id:String} AND e.partition = {partition:Int32} AND e.offset = {offset:UInt64}
     LIMIT 1`,
    params,
  );
  return rows[0] ?? null;
}
