/**
 * Seal: the last units of a job, done inside the store. Dead letters of records that did not decode, and the sparse
 * index of the timeline. Each is a unit with a claim like any other, so a crash repeats it unseen.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import { TIMELINE_INDEX_STEP } from '../store/run-results.js';
import { type InputRows, undecodableClause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import type { TaskCounters } from './tasks.js';

export async function writeUndecodable(
  store: Store,
  jobId: string,
  spec: FrozenSpec,
  input: InputRows,
  claim: string,
  options: QueryOptions,
): Promise<TaskCounters> {
  const where = undecodableClause(spec, input);
  await store.command(
    `INSERT INTO ${store.t('dead_letters')} (job_id, tenant_id, kind, stage, error_code, error, event_id, event_type,
       entity_type, entity_id, occurred_at, topic_id, partition, offset, n, schema_id, claim)
     SELECT {job:String}, {tenantId:String}, 'failed', 'decode', error_code, error, '', '', '', '',
       occurred_at, topic_id, partition, offset, n, schema_id, {newClaim:UInt64}
     FROM ${store.t(input.table)} WHERE ${where.sql}`,
    { ...where.params, job: jobId, newClaim: claim },
    options,
  );
  const rows = await store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM ${store.t('dead_letters')} WHERE job_id = {job:String} AND claim = {newClaim:UInt64}`,
    { job: jobId, newClaim: claim },
  );
  return { undecodable: Number(rows[0]!.count) };
}

/**
 * Every so many rows of the timeline one row with its index. `foldClaims`: the claims that count, of all fold units. The rows come
 * in key order and are numbered as they stream by, so memory does not grow with the run.
 */
export async function writeTimelineIndex(
  store: Store,
  jobId: string,
  foldClaims: readonly string[],
  claim: string,
  options: QueryOptions,
): Promise<TaskCounters> {
  const params = { job: jobId, newClaim: claim, foldClaims: foldClaims.map(BigInt) };
  const rows = `FROM ${store.t('snapshot_timeline')} WHERE job_id = {job:String} AND claim IN {foldClaims:Array(UInt64)}`;
  await store.command(
    `INSERT INTO ${store.t('timeline_index')}
     SELECT {job:String}, idx, occurred_at, event_id, n, {newClaim:UInt64} FROM (
       SELECT *, rowNumberInAllBlocks() AS idx FROM (
         SELECT occurred_at, event_id, n ${rows} ORDER BY occurred_at, event_id, n))
     WHERE idx % ${TIMELINE_INDEX_STEP} = 0`,
    params,
    { ...options, settings: { optimize_read_in_order: 1 } },
  );
  const counted = await store.query<{ count: string }>(
    `SELECT toString(count()) AS count ${rows}`,
    params,
    options,
  );
  return { timeline: Number(counted[0]!.count) };
}
