/**
 * The verification of one unit: rows of the stored run against rows that were folded again, by digests of whole
 * entities. Writes the sums of both sides, and the first entities that differ, under the unit's claim.
 */
import type { Clause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { ENTITY, rowDigest } from './sides.js';

/** Entities of a unit that are named; all are counted. */
const NAMED_MAX = 1_000;

export async function writeVerification(
  store: Store,
  unit: { readonly jobId: string; readonly claim: string; readonly sides: Clause },
  options: QueryOptions,
): Promise<void> {
  const params = { ...unit.sides.params, job: unit.jobId, newClaim: BigInt(unit.claim) };
  const entities = `SELECT ${ENTITY}, countIf(side = 0) AS rows_a, countIf(side = 1) AS rows_b,
      sumWithOverflowIf(digest, side = 0) AS digest_a, sumWithOverflowIf(digest, side = 1) AS digest_b
    FROM (SELECT side, ${ENTITY}, ${rowDigest} AS digest FROM (${unit.sides.sql})) GROUP BY ${ENTITY}`;
  const differ = 'rows_a != rows_b OR digest_a != digest_b';
  await store.command(
    `INSERT INTO ${store.t('run_digests')} (job_id, a_rows, b_rows, a_digest, b_digest, entities, differing, claim)
     SELECT {job:String}, sum(rows_a), sum(rows_b), sumWithOverflow(digest_a), sumWithOverflow(digest_b), count(),
       countIf(${differ}), {newClaim:UInt64} FROM (${entities})`,
    params,
    options,
  );
  await store.command(
    `INSERT INTO ${store.t('run_differences')} (job_id, ${ENTITY}, presence, final_differs, claim)
     SELECT {job:String}, ${ENTITY}, multiIf(rows_b = 0, 'only_a', rows_a = 0, 'only_b', 'both'), 1, {newClaim:UInt64}
     FROM (${entities}) WHERE ${differ} ORDER BY ${ENTITY} LIMIT ${NAMED_MAX}`,
    params,
    options,
  );
}
