/** Where a field of an entity changed: the next place of its fold order, forward or back. */
import type { ChangeSearch } from '../results/contract.js';
import type { Entity, RunFacts } from './run-results.js';
import type { Store } from './store.js';

/** Null: it does not change there any more. */
export async function nextChangeSeq(
  store: Store,
  run: RunFacts,
  entity: Entity,
  search: ChangeSearch,
): Promise<string | null> {
  const { field, direction, afterSeq, afterNs } = search;
  const [sign, order] = direction === 'next' ? ['>', 'ASC'] : ['<', 'DESC'];
  const bySeq = afterSeq === undefined ? '' : `AND c.fold_seq ${sign} {afterSeq:UInt64}`;
  const byTime =
    afterNs === undefined ? '' : `AND c.occurred_at ${sign} fromUnixTimestamp64Nano({afterNs:Int64}, 'UTC')`;
  const rows = await store.query<{ seq: string }>(
    `SELECT toString(c.fold_seq) AS seq FROM ${store.t('v1_field_changes')} AS c
     WHERE c.job_id = {job:String} AND c.entity_hash = sipHash64({type:String}, {id:String})
       AND c.entity_type = {type:String} AND c.entity_id = {id:String} AND c.field = {field:String} ${bySeq} ${byTime}
     ORDER BY c.fold_seq ${order} LIMIT 1`,
    { job: run.jobId, ...entity, field, afterSeq: afterSeq ?? '0', afterNs: afterNs ?? '0' },
  );
  return rows[0]?.seq ?? null;
}
