/**
 * A set of current states against the last states of a run, by range of entity hashes, inside the store. States are
 * compared as they are stored, canonical text by field: the order of fields and of object keys never counts. An entity
 * that does not exist has no fields.
 */
import type { EntityChange, ReviewFilters } from '../current/contract.js';
import type { StateSet } from '../current/promotions.js';
import { OF_SET, setParams } from './current-reads.js';
import { runStatesParams, runStatesSql } from './run-states.js';
import type { QueryOptions, Store } from './store.js';

export interface DiffSides {
  /** Null: nothing is current. */
  readonly set: StateSet | null;
  readonly run: { readonly jobId: string; readonly claims: readonly string[] };
}

/** Both ends included. */
export interface HashRange {
  readonly lo: string;
  readonly hi: string;
}

export interface CountRow {
  readonly entity_type: string;
  readonly change: EntityChange | 'unchanged';
  /** JSON string; empty: the row counts entities. */
  readonly field: string;
  readonly operation: 'added' | 'removed' | 'modified' | '';
  readonly count: string;
}

export interface DiffRow {
  readonly hash: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly change: EntityChange;
  /** JSON array. */
  readonly changes: string;
}

/** Where a page goes on. */
export interface DiffPlace {
  readonly hash: string;
  readonly type: string;
  readonly id: string;
}

const OPERATION = `multiIf(d.2 = '', 'added', d.3 = '', 'removed', 'modified')`;
const CHANGES = `concat('[', arrayStringConcat(arrayMap(d -> concat('{"field":', d.1,
  if(d.2 = '', '', concat(',"before":', d.2)), if(d.3 = '', '', concat(',"after":', d.3)),
  ',"operation":"', ${OPERATION}, '"}'), shown), ','), ']')`;

/** Entities by type and change, and of those that changed the fields. */
export function countDifferences(
  store: Store,
  sides: DiffSides,
  range: HashRange,
  options: QueryOptions,
): Promise<CountRow[]> {
  return store.query<CountRow>(
    `SELECT entity_type, change, tupleElement(part, 1) AS field, tupleElement(part, 2) AS operation, toString(count()) AS count
     FROM (
       SELECT entity_type, change,
         arrayJoin(arrayConcat([('', '')], if(change = 'changed', arrayMap(d -> (d.1, ${OPERATION}), fields), []))) AS part
       FROM (${differencesSql(store, sides)}))
     GROUP BY entity_type, change, field, operation`,
    sidesParams(sides, range),
    options,
  );
}

/** Entities that differ, by hash, type and id, behind `after`. */
export function listDifferences(
  store: Store,
  sides: DiffSides,
  range: HashRange,
  page: { readonly filters: ReviewFilters; readonly after: DiffPlace | null; readonly limit: number },
  options: QueryOptions,
): Promise<DiffRow[]> {
  const { entityType, change, field } = page.filters;
  const where = [`change != 'unchanged'`];
  if (entityType !== undefined) where.push('entity_type = {entityType:String}');
  if (change !== undefined) where.push('change = {change:String}');
  if (field !== undefined) where.push('notEmpty(shown)');
  if (page.after !== null)
    where.push('(entity_hash, entity_type, entity_id) > ({hash:UInt64}, {type:String}, {id:String})');
  const shown =
    field === undefined ? 'fields' : 'arrayFilter(d -> JSONExtractString(d.1) = {field:String}, fields)';
  return store.query<DiffRow>(
    `SELECT toString(entity_hash) AS hash, entity_type, entity_id, change, ${CHANGES} AS changes
     FROM (SELECT *, ${shown} AS shown FROM (${differencesSql(store, sides)}))
     WHERE ${where.join(' AND ')} ORDER BY entity_hash, entity_type, entity_id LIMIT {limit:UInt32}`,
    {
      ...sidesParams(sides, range),
      limit: page.limit,
      ...(entityType === undefined ? {} : { entityType }),
      ...(change === undefined ? {} : { change }),
      ...(field === undefined ? {} : { field }),
      ...(page.after ?? {}),
    },
    options,
  );
}

/** Of each entity that exists on a side: `change`, and `fields`, (name, before, after) of each that differs. */
function differencesSql(store: Store, { set }: DiffSides): string {
  const key = 'entity_hash, entity_type, entity_id';
  const current = `SELECT ${key}, 1 AS there, toString(shape) AS shape, state FROM (
      SELECT ${key}, step, exists, shape, state, max(step) OVER (PARTITION BY ${key}) AS last_step
      FROM ${store.t('entity_states')} AS s
      WHERE ${set === null ? '0' : OF_SET} AND s.entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64})
    WHERE step = last_step AND exists = 1`;
  const run = `SELECT ${key}, 1 AS there, toString(shape) AS shape, state FROM (${runStatesSql(store)}) WHERE exists = 1`;
  return `SELECT *,
      multiIf(NOT in_current, 'added', NOT in_run, 'removed', notEmpty(fields), 'changed', 'unchanged') AS change,
      arrayFilter(d -> d.2 != d.3, arrayMap(name -> (name, before[indexOf(names_before, name)], after[indexOf(names_after, name)]),
        if(names_before = names_after, names_after, arraySort(arrayDistinct(arrayConcat(names_before, names_after)))))) AS fields
    FROM (
      SELECT ${key}, c.there = 1 AS in_current, r.there = 1 AS in_run,
        splitByChar('\n', c.shape) AS names_before, splitByChar('\n', c.state) AS before,
        splitByChar('\n', r.shape) AS names_after, splitByChar('\n', r.state) AS after
      FROM (${current}) AS c FULL JOIN (${run}) AS r USING (${key}))
    SETTINGS join_algorithm = 'full_sorting_merge'`;
}

function sidesParams({ set, run }: DiffSides, { lo, hi }: HashRange): Record<string, unknown> {
  return { ...(set === null ? {} : setParams(set)), ...runStatesParams(run), lo, hi };
}
