/**
 * The read of one fold unit: its events, and in an incremental run the states that its entities begin with, sorted by
 * entity and then by the job's ordering. processors/replay/fold.ts takes the rows as they come.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import { type Clause, hashRangeClause, type InputRows, repeatedClause, selectedClause } from './selection.js';
import { type LiveSet, latestStatesSql, setParams } from './set-states.js';
import type { Store } from './store.js';

/** A column of the fold's input: stored, or made from stored ones. */
function computed(name: string, input: InputRows, repeated: readonly string[] | null): string {
  if (name !== 'body_hash') return name;
  if (repeated?.length === 0) return 'toUInt64(0) AS body_hash';
  const hash = bodyHash(input.stage === 'mapped' ? ['envelope_entity_type', 'envelope_entity_id'] : []);
  return `${repeated === null ? hash : `if(${repeatedClause}, ${hash}, 0)`} AS body_hash`;
}

/** All that a producer says of an event: tells a duplicate from a conflict. */
const BODY_COLUMNS = [
  'tenant_id',
  'event_type',
  'entity_type',
  'entity_id',
  'declared_entity_type',
  'actor',
  'action',
  'severity',
  'occurred_at',
  'decision',
  'payload_shape',
  'payload_values',
];

/** Of all that a producer says of an event, and of `more` columns; never 0. */
export function bodyHash(more: readonly string[]): string {
  return `bitOr(sipHash64(${[...BODY_COLUMNS, ...more].join(', ')}), 1)`;
}

/** What the fold read of a unit narrows beside its hash range, and adds. */
export interface FoldReadOptions {
  /** cityHash64 of the event ids that occur more than once; null: any may. */
  readonly repeated: readonly string[] | null;
  /** Only entities with these hashes; undefined: all. */
  readonly only?: readonly string[] | undefined;
  /** No entities with these hashes. */
  readonly except?: readonly string[] | undefined;
  /** The states in entity_states that the entities begin with; undefined: with nothing. */
  readonly base?: { readonly scope: string; readonly claim: string } | LiveSet | undefined;
}

/** The columns of foldInput. */
export function foldSelect(
  store: Store,
  spec: FrozenSpec,
  input: InputRows,
  range: { lo: string; hi: string },
  columns: readonly string[],
  { repeated, only, except, base }: FoldReadOptions,
): Clause {
  const selected = selectedClause(spec, input);
  const selection = columns.map((name) => computed(name, input, repeated)).join(', ');
  const order =
    spec.ordering === 'log'
      ? 'topic_id, partition, offset, n'
      : 'occurred_at, event_id, topic_id, partition, offset, n';
  const entities = [
    hashRangeClause,
    ...(only === undefined ? [] : ['entity_hash IN {only:Array(UInt64)}']),
    ...(except === undefined ? [] : ['entity_hash NOT IN {except:Array(UInt64)}']),
  ].join(' AND ');
  const events = `FROM ${store.t(input.table)} WHERE ${selected.sql} AND ${entities}`;
  const entity = 'entity_hash, entity_type, entity_id';
  const sql =
    base === undefined
      ? `SELECT ${selection} ${events} ORDER BY ${entity}, ${order}`
      : `SELECT * FROM (SELECT ${selection} ${events} UNION ALL
           SELECT ${columns.map(stateColumn).join(', ')} FROM ${baseRows(store, base, `entity_hash IN (SELECT entity_hash ${events})`)})
         ORDER BY ${entity}, event_id != '', ${order}`;
  return {
    sql,
    params: {
      ...selected.params,
      lo: range.lo,
      hi: range.hi,
      repeated: (repeated ?? []).map(BigInt),
      only: (only ?? []).map(BigInt),
      except: (except ?? []).map(BigInt),
      ...baseParams(base),
    },
  };
}

/** The states that entities begin with, as the rest of a SELECT. */
function baseRows(store: Store, base: NonNullable<FoldReadOptions['base']>, where: string): string {
  return 'setId' in base
    ? `(${latestStatesSql(store, where)})`
    : `${store.t('entity_states')} WHERE ${baseClause} AND ${where}`;
}

function baseParams(base: FoldReadOptions['base']): Record<string, unknown> {
  if (base === undefined) return {};
  return 'setId' in base ? setParams(base) : { baseScope: base.scope, baseClaim: base.claim };
}

/** The states of one unit, as copied there for it. */
export const baseClause =
  'scope = {baseScope:String} AND generation = 0 AND claim = {baseClaim:UInt64} AND entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}';

/**
 * A state as a row of the fold's input: no event id, which no event lacks; the state where an event has its payload; the
 * place in the fold where it has its offset.
 */
function stateColumn(name: string): string {
  return `${STATE_COLUMNS[name] ?? "''"} AS ${name}`;
}

const EMPTY_WORD = "toLowCardinality('')";
const STATE_COLUMNS: Readonly<Record<string, string>> = {
  tenant_id: EMPTY_WORD,
  entity_hash: 'entity_hash',
  entity_type: 'entity_type',
  entity_id: 'entity_id',
  occurred_at: 'occurred_at',
  event_id: "''",
  event_type: EMPTY_WORD,
  topic_id: EMPTY_WORD,
  partition: 'toInt32(0)',
  offset: 'fold_seq',
  n: 'toUInt16(0)',
  body_hash: 'toUInt64(0)',
  payload_shape: `toLowCardinality(if(shape = '', '', concat('\\n', shape, '\\n')))`,
  payload_values: 'state',
  action: EMPTY_WORD,
  severity: EMPTY_WORD,
};
