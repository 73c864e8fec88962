/**
 * The report of one unit of a dry run, counted inside the store from the rows of its fold, whichever way it was folded:
 * events by type, entities by type, changes by field with a few samples. Written under the unit's claim.
 */
import type { QueryOptions, Store } from '../store/store.js';
import { ENTITY, scratchRows } from './sides.js';

export interface ReportLimits {
  /** Samples of each kind of change. */
  readonly samples: number;
  /** Longer values are left out of samples. */
  readonly sampleMaxBytes: number;
}

export async function writeReport(
  store: Store,
  unit: { readonly jobId: string; readonly claim: string; readonly scratch: string },
  limits: ReportLimits,
  options: QueryOptions,
): Promise<void> {
  const rows = scratchRows(store, unit.scratch, 'b');
  const params = {
    ...rows.params,
    job: unit.jobId,
    newClaim: BigInt(unit.claim),
    maxBytes: limits.sampleMaxBytes,
  };
  const counts = (kind: 'event' | 'entity', by: readonly string[], name: string) =>
    `SELECT '${kind}' AS kind, entity_type, ${name} AS name, '' AS operation, count() AS count, countIf(changes > 0) AS changed,
       uniqExact(entity_hash, entity_id) AS entities, [] AS samples
     FROM (${rows.sql}) GROUP BY ${by.join(', ')}`;
  const insert = (select: string) =>
    store.command(
      `INSERT INTO ${store.t('report_counts')}
         (job_id, kind, entity_type, name, operation, count, changed, entities, samples, claim)
       SELECT {job:String}, kind, entity_type, name, operation, count, changed, entities, samples, {newClaim:UInt64} FROM (${select})`,
      params,
      options,
    );
  await insert(counts('event', ['entity_type', 'event_type'], 'toString(event_type)'));
  await insert(counts('entity', ['entity_type'], "''"));
  await insert(fieldCounts(rows.sql, limits.samples));
}

/** Changes by field and operation: each row against the one before it of its entity, place by place. */
function fieldCounts(rows: string, samples: number): string {
  const before = `splitByChar('\\n', state_before)`;
  const shown = (value: string) => `if(length(${value}) > {maxBytes:UInt32}, '', ${value})`;
  return `SELECT 'field' AS kind, entity_type, step.1 AS name, multiIf(step.2 = '', 'added', step.3 = '', 'removed', 'modified') AS operation,
      count() AS count, count() AS changed, uniqExact(entity_hash, entity_id) AS entities,
      groupArraySorted(${Math.max(1, samples)})((sipHash64(entity_id, event_id, n), entity_id, event_id, fold_seq,
        toUnixTimestamp64Nano(occurred_at), ${shown('step.2')}, ${shown('step.3')},
        toUInt8(greatest(length(step.2), length(step.3)) > {maxBytes:UInt32}))) AS samples
    FROM (
      SELECT entity_hash, entity_type, entity_id, fold_seq, occurred_at, event_id, n, arrayJoin(arrayFilter(one -> one.2 != one.3,
        arrayZip(names, if(shape = shape_before, ${before},
          arrayMap(name -> ${before}[indexOf(splitByChar('\\n', shape_before), name)], names)), splitByChar('\\n', state)))) AS step
      FROM (
        SELECT *, splitByChar('\\n', toString(shape)) AS names, toString(lagInFrame(shape) OVER entity) AS shape_before,
          lagInFrame(state) OVER entity AS state_before
        FROM (${rows})
        WINDOW entity AS (PARTITION BY ${ENTITY} ORDER BY fold_seq ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)))
    GROUP BY entity_type, name, operation`;
}
