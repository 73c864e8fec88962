/**
 * The unit log in the store: appends claims and manifests, reads them back in insertion order and folds them by
 * `replay/units.ts`. Rows may be appended by any process; the order of the table is the only authority.
 */
import { randomBytes } from 'node:crypto';
import {
  applyUnitRow,
  emptyUnit,
  type UnitLogKind,
  type UnitLogRow,
  type UnitState,
} from '../replay/units.js';
import type { Store } from './store.js';

export interface UnitLogEntry {
  readonly scope: string;
  readonly unit: string;
  readonly kind: UnitLogKind;
  readonly claim: string;
  readonly worker: string;
  readonly from?: bigint;
  readonly to?: bigint;
  readonly final?: boolean;
  readonly counters?: Readonly<Record<string, number>>;
}

/** A unit's state and how far its log has been read, so that a writer reads back only what is new. */
export interface TrackedUnit {
  readonly scope: string;
  readonly unit: string;
  readonly state: UnitState;
  block: string;
  blockOffset: string;
}

/** The units of a scope whose names begin with a prefix, and how far their log has been read. */
export interface WatchedScope {
  readonly scope: string;
  readonly prefix: string;
  readonly units: Map<string, UnitState>;
  block: string;
  blockOffset: string;
}

interface Row {
  unit: string;
  kind: UnitLogKind;
  claim: string;
  worker: string;
  from_pos: string;
  to_pos: string;
  final: number;
  counters: string;
  block: string;
  block_offset: string;
}

/** A random, never reused claim id: 64 bits in decimal, not 0. */
export function newClaimId(): string {
  const id = randomBytes(8).readBigUInt64LE();
  return (id === 0n ? 1n : id).toString();
}

const COLUMNS = `unit, toString(kind) AS kind, toString(claim) AS claim, worker, toString(from_pos) AS from_pos,
  toString(to_pos) AS to_pos, final, counters, toString(_block_number) AS block, toString(_block_offset) AS block_offset`;

export class UnitLog {
  readonly #store: Store;
  readonly #table: string;

  constructor(store: Store) {
    this.#store = store;
    this.#table = store.t('unit_log');
  }

  /** Appends rows in one insert: they stand together in the order. Rejects with insert_unknown like any insert. */
  async append(entries: readonly UnitLogEntry[]): Promise<void> {
    await this.#store.insertRows(
      'unit_log',
      entries.map((entry) => ({
        scope: entry.scope,
        unit: entry.unit,
        kind: entry.kind,
        claim: entry.claim,
        worker: entry.worker,
        from_pos: (entry.from ?? 0n).toString(),
        to_pos: (entry.to ?? 0n).toString(),
        final: entry.final === true ? 1 : 0,
        counters: entry.counters === undefined ? '' : JSON.stringify(entry.counters),
      })),
    );
  }

  track(scope: string, unit: string): TrackedUnit {
    return { scope, unit, state: emptyUnit(), block: '0', blockOffset: '0' };
  }

  /** Reads what is new in the unit's log and applies it. */
  async refresh(tracked: TrackedUnit): Promise<UnitState> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table}
       WHERE scope = {scope:String} AND unit = {unit:String}
         AND (_block_number, _block_offset) > ({block:UInt64}, {blockOffset:UInt64})
       ORDER BY _block_number, _block_offset`,
      {
        scope: tracked.scope,
        unit: tracked.unit,
        block: tracked.block,
        blockOffset: tracked.blockOffset,
      },
    );
    for (const row of rows) applyTo(tracked, row);
    return tracked.state;
  }

  /** The same for several units of one scope in one query. */
  async refreshAll(units: readonly TrackedUnit[]): Promise<void> {
    const [first] = units;
    if (first === undefined) return;
    const byName = new Map(units.map((one) => [one.unit, one]));
    const least = units.map((one) => BigInt(one.block)).reduce((a, b) => (a < b ? a : b));
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table}
       WHERE scope = {scope:String} AND unit IN {units:Array(String)} AND _block_number >= {least:UInt64}
       ORDER BY _block_number, _block_offset`,
      { scope: first.scope, units: [...byName.keys()], least: least.toString() },
    );
    for (const row of rows) {
      const tracked = byName.get(row.unit);
      if (tracked !== undefined && isBehind(row, tracked)) applyTo(tracked, row);
    }
  }

  watch(scope: string, prefix: string): WatchedScope {
    return { scope, prefix, units: new Map(), block: '0', blockOffset: '0' };
  }

  /** Reads what is new in the log of all units of the scope and applies it. */
  async refreshScope(watched: WatchedScope): Promise<ReadonlyMap<string, UnitState>> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table}
       WHERE scope = {scope:String} AND startsWith(unit, {prefix:String})
         AND (_block_number, _block_offset) > ({block:UInt64}, {blockOffset:UInt64})
       ORDER BY _block_number, _block_offset`,
      {
        scope: watched.scope,
        prefix: watched.prefix,
        block: watched.block,
        blockOffset: watched.blockOffset,
      },
    );
    for (const row of rows) applyNamed(watched.units, row);
    const last = rows.at(-1);
    if (last !== undefined) {
      watched.block = last.block;
      watched.blockOffset = last.block_offset;
    }
    return watched.units;
  }

  /** When units were claimed, ascending, and now, by the store's clock in milliseconds. */
  async claimTimes(scope: string, prefix: string): Promise<{ startsMs: number[]; nowMs: number }> {
    const rows = await this.#store.query<{ starts: string[]; now: string }>(
      `SELECT arraySort(groupArray(toUnixTimestamp64Milli(written_at))) AS starts,
         toString(toUnixTimestamp64Milli(now64(3))) AS now
       FROM ${this.#table} WHERE scope = {scope:String} AND startsWith(unit, {prefix:String}) AND kind = 'claim'`,
      { scope, prefix },
    );
    return { startsMs: rows[0]!.starts.map(Number), nowMs: Number(rows[0]!.now) };
  }

  /** When each unit of a scope was begun first, and its last row, by the store's clock in milliseconds. */
  async unitTimes(
    scope: string,
  ): Promise<Map<string, { readonly startedMs: number; readonly lastMs: number }>> {
    const rows = await this.#store.query<{ unit: string; started: string; last: string }>(
      `SELECT unit, toString(toUnixTimestamp64Milli(min(written_at))) AS started,
         toString(toUnixTimestamp64Milli(max(written_at))) AS last
       FROM ${this.#table} WHERE scope = {scope:String} GROUP BY unit`,
      { scope },
    );
    return new Map(
      rows.map(({ unit, started, last }) => [unit, { startedMs: Number(started), lastMs: Number(last) }]),
    );
  }

  /** The last beat of each unit that says something, and how long ago it was, by the store's clock. */
  async lastBeats(
    scope: string,
    prefix: string,
  ): Promise<{ readonly counters: Readonly<Record<string, number>>; readonly ageMs: number }[]> {
    const rows = await this.#store.query<{ last: string; age: string }>(
      `SELECT argMax(counters, (_block_number, _block_offset)) AS last,
         toString(toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(max(written_at))) AS age
       FROM ${this.#table}
       WHERE scope = {scope:String} AND startsWith(unit, {prefix:String}) AND kind = 'beat' AND counters != ''
       GROUP BY unit`,
      { scope, prefix },
    );
    return rows.map(({ last, age }) => ({
      counters: JSON.parse(last) as Record<string, number>,
      ageMs: Number(age),
    }));
  }

  /** What the manifests of the last milliseconds count together, by counter; those that do not count are among them. */
  async countedLately(scope: string, prefix: string, ms: number): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#store.query<{ name: string; total: number }>(
      `SELECT tupleElement(pair, 1) AS name, toFloat64(sum(tupleElement(pair, 2))) AS total FROM (
         SELECT arrayJoin(JSONExtractKeysAndValues(counters, 'Float64')) AS pair FROM ${this.#table}
         WHERE scope = {scope:String} AND startsWith(unit, {prefix:String}) AND kind = 'manifest'
           AND written_at >= now64(3) - toIntervalMillisecond({ms:UInt32}))
       GROUP BY name`,
      { scope, prefix, ms },
    );
    return Object.fromEntries(rows.map(({ name, total }) => [name, total]));
  }

  async read(scope: string, unit: string): Promise<UnitState> {
    return this.refresh(this.track(scope, unit));
  }

  /** The last unit of a scope by name; null: none. */
  async lastUnit(scope: string, prefix: string): Promise<string | null> {
    const rows = await this.#store.query<{ last: string }>(
      `SELECT max(unit) AS last FROM ${this.#table} WHERE scope = {scope:String} AND startsWith(unit, {prefix:String})`,
      { scope, prefix },
    );
    const unit = rows[0]?.last ?? '';
    return unit === '' ? null : unit;
  }

  /** The state of every unit of a scope whose name starts with the prefix. */
  async readScope(scope: string, prefix = ''): Promise<Map<string, UnitState>> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table}
       WHERE scope = {scope:String} AND startsWith(unit, {prefix:String})
       ORDER BY _block_number, _block_offset`,
      { scope, prefix },
    );
    const units = new Map<string, UnitState>();
    for (const row of rows) applyNamed(units, row);
    return units;
  }
}

function applyNamed(units: Map<string, UnitState>, row: Row): void {
  let state = units.get(row.unit);
  if (state === undefined) {
    state = emptyUnit();
    units.set(row.unit, state);
  }
  applyUnitRow(state, parseRow(row));
}

function isBehind(row: Row, { block, blockOffset }: TrackedUnit): boolean {
  if (row.block !== block) return BigInt(row.block) > BigInt(block);
  return BigInt(row.block_offset) > BigInt(blockOffset);
}

function applyTo(tracked: TrackedUnit, row: Row): void {
  applyUnitRow(tracked.state, parseRow(row));
  tracked.block = row.block;
  tracked.blockOffset = row.block_offset;
}

function parseRow(row: Row): UnitLogRow {
  return {
    kind: row.kind,
    claim: row.claim,
    worker: row.worker,
    from: BigInt(row.from_pos),
    to: BigInt(row.to_pos),
    final: row.final === 1,
    counters: row.counters === '' ? {} : (JSON.parse(row.counters) as Record<string, number>),
  };
}
