/**
 * The SQL of two folds side by side: where the rows of each side stand, and what is compared of them. Pure: builds
 * texts. Side a is what was before (the baseline), b what is now.
 */
import type { FrozenSpec } from '../../schemas/job.js';
import { type Clause, hashRangeClause } from '../store/selection.js';
import type { Store } from '../store/store.js';

const COLUMNS = `entity_hash, entity_type, entity_id, fold_seq, occurred_at, event_id, event_type, topic_id, partition,
  offset, n, exists, changes, shape, state`;

export const ENTITY = 'entity_hash, entity_type, entity_id';

/** Rows of one fold into the scratch table. */
export function scratchRows(store: Store, claim: string, as: 'a' | 'b'): Clause {
  const name = `scratch_${as}`;
  return {
    sql: `SELECT ${COLUMNS} FROM ${store.t('fold_scratch')} WHERE claim = {${name}:UInt64}`,
    params: { [name]: BigInt(claim) },
  };
}

/** A finished run, and the claims whose rows show. */
export interface StoredRun {
  readonly jobId: string;
  readonly claims: readonly string[];
  /** It began with the states of another run: those are rows, too, in front of its own. */
  readonly based: boolean;
}

/** Rows of a run in one part of the hash space (`lo` and `hi` are parameters of the statement), or of `where`. */
export function storedRows(store: Store, run: StoredRun, as: 'a' | 'b', where = hashRangeClause): Clause {
  const own = `SELECT ${COLUMNS} FROM ${store.t('snapshots')}
    WHERE job_id = {job_${as}:String} AND claim IN {claims_${as}:Array(UInt64)} AND ${where}`;
  const base = `SELECT entity_hash, entity_type, entity_id, fold_seq, occurred_at, event_id, '' AS event_type, '' AS topic_id,
      toInt32(0) AS partition, toUInt64(0) AS offset, toUInt16(0) AS n, exists, toUInt32(0) AS changes, shape, state
    FROM ${store.t('entity_states')}
    WHERE scope = {job_${as}:String} AND generation = 0 AND claim IN {claims_${as}:Array(UInt64)} AND ${where}`;
  return {
    sql: run.based ? `${own} UNION ALL ${base}` : own,
    params: { [`job_${as}`]: run.jobId, [`claims_${as}`]: run.claims.map(BigInt) },
  };
}

/** Rows of both sides, told apart by `side`: 0 is a, 1 is b. */
export function bothSides(a: Clause, b: Clause): Clause {
  return {
    sql: `SELECT 0 AS side, * FROM (${a.sql}) UNION ALL SELECT 1 AS side, * FROM (${b.sql})`,
    params: { ...a.params, ...b.params },
  };
}

/** Two states are equal if and only if these texts are: the members that are there, sorted by name. */
const stateText = `arrayStringConcat(arrayMap(member -> concat(member.1, ':', member.2), arraySort(arrayFilter(member -> member.2 != '',
  arrayZip(splitByChar('\\n', toString(shape)), splitByChar('\\n', state))))), ',')`;

export const stateDigest = `reinterpretAsUInt128(sipHash128(exists, ${stateText}))`;

/** All that a snapshot says but its run, claim and place in memory. The digest of a run is the sum of these, modulo 2^128. */
export const rowDigest = `reinterpretAsUInt128(sipHash128(toString(entity_type), entity_id, fold_seq,
  toUnixTimestamp64Nano(occurred_at), event_id, toString(event_type), toString(topic_id), partition, offset, n, exists,
  changes, ${stateText}))`;

/** The order in which the events of an entity were folded. */
export function eventOrder(ordering: FrozenSpec['ordering']): string {
  return ordering === 'log'
    ? 'topic_id, partition, offset, n'
    : 'occurred_at, event_id, topic_id, partition, offset, n';
}

/** Members of a tuple (exists, shape, state) as [name, value] lists to look up in. */
const names = (of: string) => `splitByChar('\\n', ${of}.2)`;
const values = (of: string) => `splitByChar('\\n', ${of}.3)`;

/** [(field, before, after)] of two tuples (exists, shape, state), sorted by field; equal fields are left out. */
export function fieldDifferences(a: string, b: string): string {
  return `if(${a}.2 = ${b}.2 AND ${a}.3 = ${b}.3, [], arrayFilter(one -> one.2 != one.3, arrayMap(
    name -> (name, ${values(a)}[indexOf(${names(a)}, name)], ${values(b)}[indexOf(${names(b)}, name)]),
    arraySort(arrayDistinct(arrayConcat(${names(a)}, ${names(b)}))))))`;
}

/** [(field, operation)] of what `fieldDifferences` gave. */
export function operationsOf(differences: string): string {
  return `arrayMap(one -> (one.1, multiIf(one.2 = '', 'added', one.3 = '', 'removed', 'modified')), ${differences})`;
}
