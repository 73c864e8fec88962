/**
 * The verification of one unit: rows that a run has stored against rows that were folded again, by digests of whole entities.
 * Writes the sums of both sides, and of the first entities that differ the place where they part, under the unit's claim.
 */
import type { Clause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { ENTITY, fieldDifferences, rowDigest } from './sides.js';

/** Entities of a unit that are named; all are counted. */
const NAMED_MAX = 100;

export interface VerifiedUnit {
  readonly jobId: string;
  /** The run that is verified: side a. */
  readonly run: string;
  readonly claim: string;
  readonly sides: Clause;
  /** Longer values are not kept. */
  readonly valueMaxBytes: number;
}

export async function writeVerification(
  store: Store,
  unit: VerifiedUnit,
  options: QueryOptions,
): Promise<void> {
  const params = {
    ...unit.sides.params,
    job: unit.jobId,
    run: unit.run,
    newClaim: BigInt(unit.claim),
    valueMax: unit.valueMaxBytes,
  };
  const entities = `SELECT ${ENTITY}, countIf(side = 0) AS rows_a, countIf(side = 1) AS rows_b,
      sumWithOverflowIf(digest, side = 0) AS digest_a, sumWithOverflowIf(digest, side = 1) AS digest_b
    FROM (SELECT side, ${ENTITY}, ${rowDigest} AS digest FROM (${unit.sides.sql})) GROUP BY ${ENTITY}`;
  const differ = 'rows_a != rows_b OR digest_a != digest_b';
  await store.command(
    `INSERT INTO ${store.t('run_digests')} (job_id, run, rows, rows_again, digest, digest_again, entities, differing, claim)
     SELECT {job:String}, {run:String}, sum(rows_a), sum(rows_b), sumWithOverflow(digest_a), sumWithOverflow(digest_b), count(),
       countIf(${differ}), {newClaim:UInt64} FROM (${entities})`,
    params,
    options,
  );
  if ((await differing(store, unit, options)) === 0) return;
  const named = `SELECT ${ENTITY}, rows_a, rows_b FROM (${entities}) WHERE ${differ} ORDER BY ${ENTITY} LIMIT ${NAMED_MAX}`;
  await store.command(
    `INSERT INTO ${store.t('verified_entities')} (job_id, run, ${ENTITY}, rows, rows_again, fold_seq, here, here_again, columns,
       differences, cut, claim)
     SELECT {job:String}, {run:String}, ${ENTITY}, rows_a, rows_b, fold_seq, here_a, here_b, columns,
       arrayMap(one -> (one.1, ${shortened('one.2')}, ${shortened('one.3')}), fields),
       arrayExists(one -> length(one.2) > {valueMax:UInt64} OR length(one.3) > {valueMax:UInt64}, fields), {newClaim:UInt64}
     FROM (${parted(unit.sides.sql, named)})`,
    params,
    options,
  );
}

async function differing(
  store: Store,
  { jobId, claim }: VerifiedUnit,
  options: QueryOptions,
): Promise<number> {
  const rows = await store.query<{ count: string }>(
    `SELECT toString(sum(differing)) AS count FROM ${store.t('run_digests')}
     WHERE job_id = {job:String} AND claim = {newClaim:UInt64}`,
    { job: jobId, newClaim: BigInt(claim) },
    options,
  );
  return Number(rows[0]!.count);
}

const shortened = (value: string) => `if(length(${value}) > {valueMax:UInt64}, 'null', ${value})`;

/** What a snapshot says beside its fields. */
const COLUMNS = [
  'exists',
  'occurred_at',
  'event_id',
  'event_type',
  'topic_id',
  'partition',
  'offset',
  'n',
  'changes',
] as const;

/** Of each named entity the first place of its fold order where the sides differ, and in what. */
function parted(sides: string, named: string): string {
  const row = (side: number) =>
    `anyIf((exists, toString(shape), state, ${COLUMNS.slice(1)
      .map((name) => `toString(${name})`)
      .join(', ')}), side = ${side})`;
  const differs = COLUMNS.map((name, i) => {
    const place = i === 0 ? 1 : i + 3;
    return `(a.${place} != b.${place}, '${name}')`;
  });
  return `SELECT ${ENTITY}, rows_a, rows_b, fold_seq, here_a, here_b,
      if(here_a = 1 AND here_b = 1, arrayMap(one -> one.2, arrayFilter(one -> one.1, [${differs.join(', ')}])), []) AS columns,
      ${fieldDifferences('a', 'b')} AS fields
    FROM (
      SELECT ${ENTITY}, fold_seq, any(rows_a) AS rows_a, any(rows_b) AS rows_b, countIf(side = 0) AS here_a, countIf(side = 1) AS here_b,
        sumWithOverflowIf(digest, side = 0) AS digest_a, sumWithOverflowIf(digest, side = 1) AS digest_b,
        ${row(0)} AS a, ${row(1)} AS b
      FROM (SELECT *, ${rowDigest} AS digest FROM (${sides})) AS found INNER JOIN (${named}) AS named USING (${ENTITY})
      GROUP BY ${ENTITY}, fold_seq)
    WHERE here_a != here_b OR digest_a != digest_b
    ORDER BY ${ENTITY}, fold_seq LIMIT 1 BY ${ENTITY}`;
}
