/**
 * What two folds of a unit see differently, compared inside the store: one row for each entity that ends differently or
 * differed on the way. The last states are compared value by value; after each event the states so far are compared by
 * digest, so that the first event that made a difference has a name. Rows are written under the unit's claim.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import type { Clause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { ENTITY, eventOrder, fieldDifferences, operationsOf, stateDigest } from './sides.js';

/** Names of the counters of a unit's manifest; each starts with `cmp`, so that they never meet those of a fold. */
export interface DifferenceCounters {
  /** Entities on either side: the sum of the five below. */
  readonly cmpEntities: number;
  readonly cmpUnchanged: number;
  /** End alike, and differed on the way. */
  readonly cmpHistory: number;
  readonly cmpDiffer: number;
  readonly cmpOnlyA: number;
  readonly cmpOnlyB: number;
}

export interface DifferenceTask {
  readonly jobId: string;
  readonly claim: string;
  /** See bothSides. */
  readonly sides: Clause;
  readonly ordering: FrozenSpec['ordering'];
  /** False: a side keeps last states only, so there is no way to look at. */
  readonly history: boolean;
  /** Of a comparison of two runs. */
  readonly runs?: { readonly a: string; readonly b: string };
}

export async function writeDifferences(
  store: Store,
  task: DifferenceTask,
  options: QueryOptions,
): Promise<DifferenceCounters> {
  const { a, b } = task.runs ?? { a: '', b: '' };
  const params = { ...task.sides.params, job: task.jobId, newClaim: BigInt(task.claim), runA: a, runB: b };
  await store.command(
    `INSERT INTO ${store.t('run_differences')} (job_id, run_a, run_b, ${ENTITY}, presence, final_differs, signature, changes,
       differences, events, first_at, first_event_id, first_event_type, first_topic_id, first_partition, first_offset, claim)
     SELECT {job:String}, {runA:String}, {runB:String}, ${ENTITY}, presence, final_differs,
       sipHash64(toString(entity_type), presence, final_differs, changes), changes, differences,
       events, first.1, first.2, first.3, first.4, first.5, first.6, {newClaim:UInt64}
     FROM (${compared(task)})`,
    params,
    options,
  );
  const [rows, all] = await Promise.all([
    store.query<{ presence: string; final_differs: number; entities: string }>(
      `SELECT toString(presence) AS presence, final_differs, toString(count()) AS entities
       FROM ${store.t('run_differences')} WHERE job_id = {job:String} AND claim = {newClaim:UInt64}
       GROUP BY presence, final_differs`,
      params,
      options,
    ),
    store.query<{ entities: string }>(
      `SELECT toString(count()) AS entities FROM (SELECT 1 FROM (${task.sides.sql}) GROUP BY ${ENTITY})`,
      params,
      options,
    ),
  ]);
  const of = (presence: string, differs: number): number =>
    Number(rows.find((row) => row.presence === presence && row.final_differs === differs)?.entities ?? 0);
  const cmpEntities = Number(all[0]!.entities);
  const found = {
    cmpHistory: of('both', 0),
    cmpDiffer: of('both', 1),
    cmpOnlyA: of('only_a', 1),
    cmpOnlyB: of('only_b', 1),
  };
  const differing = Object.values(found).reduce((sum, count) => sum + count, 0);
  return { cmpEntities, cmpUnchanged: cmpEntities - differing, ...found };
}

/** A row for each entity that has a difference. */
function compared({ sides, ordering, history }: DifferenceTask): string {
  const last = (side: number) => `argMaxIf((exists, toString(shape), state), fold_seq, side = ${side})`;
  const finals = `SELECT ${ENTITY}, countIf(side = 0) > 0 AS in_a, countIf(side = 1) > 0 AS in_b,
      ${last(0)} AS a, ${last(1)} AS b
    FROM (${sides.sql}) GROUP BY ${ENTITY}`;
  const firsts = history
    ? `LEFT JOIN (${firstDifferences(sides.sql, ordering)}) AS firsts USING (${ENTITY})`
    : '';
  return `SELECT ${ENTITY}, presence, ${history ? 'events, first' : `toUInt64(0) AS events, ${NO_EVENT} AS first`}, differences,
      presence != 'both' OR ended != 0 OR notEmpty(differences) AS final_differs,
      if(presence != 'both', [], arrayConcat(multiIf(ended = 1, [('', 'ended')], ended = -1, [('', 'revived')], []),
        ${operationsOf('differences')})) AS changes
    FROM (
      SELECT *, multiIf(NOT in_b, 'only_a', NOT in_a, 'only_b', 'both') AS presence,
        ${fieldDifferences('a', 'b')} AS differences,
        if(in_a AND in_b, toInt8(a.1) - toInt8(b.1), 0) AS ended
      FROM (${finals}) AS finals ${firsts})
    WHERE final_differs OR events > 0`;
}

const EVENT = 'occurred_at, event_id, toString(event_type), toString(topic_id), partition, offset';
const NO_EVENT = `(fromUnixTimestamp64Nano(0, 'UTC'), '', '', '', toInt32(0), toUInt64(0))`;

/**
 * Of each entity whose states differ after some event: the first such event, and their number. A side that has no row of
 * an event is in the state that it had before.
 */
function firstDifferences(sides: string, ordering: FrozenSpec['ordering']): string {
  const digest = (side: number) => `maxOrNullIf(digest, side = ${side})`;
  return `SELECT ${ENTITY}, count() AS events, argMin((${EVENT}), place) AS first
    FROM (
      SELECT *, row_number() OVER entity AS place,
        last_value(digest_a) IGNORE NULLS OVER entity AS a_now, last_value(digest_b) IGNORE NULLS OVER entity AS b_now
      FROM (
        SELECT ${ENTITY}, occurred_at, event_id, topic_id, partition, offset, n, any(event_type) AS event_type,
          ${digest(0)} AS digest_a, ${digest(1)} AS digest_b
        FROM (SELECT *, ${stateDigest} AS digest FROM (${sides}))
        GROUP BY ${ENTITY}, occurred_at, event_id, topic_id, partition, offset, n)
      WINDOW entity AS (PARTITION BY ${ENTITY} ORDER BY ${eventOrder(ordering)}
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))
    WHERE ifNull(a_now, 0) != ifNull(b_now, 0)
    GROUP BY ${ENTITY}`;
}
