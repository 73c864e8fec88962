/**
 * The simulated store with its watchman: append-only logs, output rows, and after every single change a check of
 * everything that must hold. What must be visible is known from the simulated history itself (which rows each position
 * holds), never from the scheme under test.
 */

import type { JobEvent, JobState } from '../../replay/job-state.js';
import { applyJobEvent } from '../../replay/job-state.js';
import { applyUnitRow, emptyUnit, type UnitLogRow, type UnitState } from '../../replay/units.js';

/** The rules under test; mutants replace one of them. */
export interface Rules {
  readonly applyUnitRow: (state: UnitState, row: UnitLogRow) => UnitState;
  readonly applyJobEvent: (state: JobState | null, event: JobEvent) => JobState | null;
  /** A store that breaks its promise: now and then a row appears in the log before one that was there already. */
  readonly logReorders?: boolean;
}

export const REAL_RULES: Rules = { applyUnitRow, applyJobEvent };

export class InvariantBroken extends Error {}

function demand(holds: boolean, what: () => string): void {
  if (!holds) throw new InvariantBroken(what());
}

export interface UnitSpec {
  readonly name: string;
  readonly kind: 'collect' | 'fold';
  readonly start: bigint;
  /** Exclusive. A fold unit has the one position 0. */
  readonly end: bigint;
}

/** Output rows of a unit as stored: claim → position → row name → how often it was stored. */
type StoredRows = Map<string, Map<bigint, Map<string, number>>>;

export class Unit {
  readonly log: UnitLogRow[] = [];
  readonly rows: StoredRows = new Map();
  state: UnitState = emptyUnit();
  /** Where the log's history begins now; retention moves it on. */
  lowWatermark: bigint;
  /** Rows that were visible after the last change: they must stay. */
  seen = new Set<string>();

  constructor(
    readonly spec: UnitSpec,
    /** Names of the rows that a position holds, from the history. */
    readonly expected: (position: bigint) => readonly string[],
  ) {
    this.lowWatermark = spec.start;
  }

  /** The same unit over other rows: what a reader took away earlier. */
  withRows(rows: StoredRows): this {
    for (const [claim, byPosition] of rows) this.rows.set(claim, byPosition);
    return this;
  }

  /** What a reader sees: rows under the claims of the segments, with repetitions. */
  visible(state: UnitState = this.state): string[] {
    const names: string[] = [];
    for (const segment of state.segments) {
      const byPosition = this.rows.get(segment.claim);
      if (byPosition === undefined) continue;
      for (const [position, byName] of byPosition) {
        if (position < segment.from || position >= segment.to) continue;
        for (const [name, count] of byName) for (let i = 0; i < count; i++) names.push(name);
      }
    }
    return names;
  }
}

export class Truth {
  readonly units = new Map<string, Unit>();
  readonly jobLog: JobEvent[] = [];
  job: JobState | null = null;
  /** The job as it was when it became terminal. */
  #frozen: string | null = null;
  /** What the job froze so far (plan, folding): later ones must not replace it. */
  #bound: readonly (string | null)[] = [null, null];

  constructor(readonly rules: Rules) {}

  unit(name: string): Unit {
    return this.units.get(name)!;
  }

  appendUnit(unit: Unit, row: UnitLogRow): void {
    unit.log.push(row);
    if (this.rules.logReorders === true && unit.log.length % 3 === 0) {
      unit.log.splice(-2, 2, row, unit.log.at(-2)!);
      unit.state = emptyUnit();
      for (const one of unit.log) this.rules.applyUnitRow(unit.state, one);
    } else this.rules.applyUnitRow(unit.state, row);
    this.check(unit);
  }

  storeRow(unit: Unit, claim: string, position: bigint, name: string): void {
    const byPosition = unit.rows.get(claim) ?? new Map<bigint, Map<string, number>>();
    unit.rows.set(claim, byPosition);
    const byName = byPosition.get(position) ?? new Map<string, number>();
    byPosition.set(position, byName);
    byName.set(name, (byName.get(name) ?? 0) + 1);
    this.check(unit);
  }

  /**
   * Clears away rows that can never become visible: those of a claim that has lost the unit and that no segment covers.
   * Safe because a claim that has lost never counts again.
   */
  sweep(unit: Unit): void {
    const { log, rows, state } = unit;
    for (const row of log) {
      const stored = rows.get(row.claim);
      if (row.kind !== 'claim' || row.claim === state.fence || stored === undefined) continue;
      const kept = state.segments.filter((one) => one.claim === row.claim);
      for (const position of stored.keys())
        if (!kept.some((one) => position >= one.from && position < one.to)) stored.delete(position);
    }
    this.check(unit);
  }

  /** A reader may look at any moment: what it would see must be whole, single, in order and never less than before. */
  check(unit: Unit): void {
    const { state, spec } = unit;
    let at = state.segments[0]?.from ?? null;
    demand(
      at === null || (at >= spec.start && at <= unit.lowWatermark),
      () => `${spec.name}: starts at ${at}`,
    );
    const wanted = new Map<string, number>();
    for (const segment of state.segments) {
      demand(segment.from === at && segment.to > segment.from, () => `${spec.name}: gap or overlap at ${at}`);
      for (let position = segment.from; position < segment.to; position++)
        for (const name of unit.expected(position)) wanted.set(name, 1);
      at = segment.to;
    }
    demand(at === null || at <= spec.end, () => `${spec.name}: ends at ${at}`);
    demand(spec.kind === 'collect' || state.sealed || at === null, () => `${spec.name}: visible unsealed`);
    const visible = unit.visible();
    const now = new Set(visible);
    demand(now.size === visible.length, () => `${spec.name}: a row is visible twice`);
    demand(
      visible.length === wanted.size && visible.every((name) => wanted.has(name)),
      () => `${spec.name}: visible ${visible.length} rows, history has ${wanted.size}`,
    );
    for (const name of unit.seen) demand(now.has(name), () => `${spec.name}: row ${name} vanished`);
    unit.seen = now;
    if (spec.kind === 'fold')
      demand(
        sealedClaim(unit.log) === (state.segments[0]?.claim ?? null),
        () => `${spec.name}: the views differ`,
      );
    const counted = state.counters.rows ?? 0;
    demand(
      counted === visible.length,
      () => `${spec.name}: counters say ${counted}, there are ${visible.length}`,
    );
  }

  appendJob(event: JobEvent): void {
    this.jobLog.push(event);
    this.job = this.rules.applyJobEvent(this.job, event);
    const job = this.job;
    if (job === null) return;
    const bound = [job.plan, job.folding].map((body) => (body === null ? null : JSON.stringify(body)));
    for (const [i, body] of bound.entries())
      demand(this.#bound[i] === null || this.#bound[i] === body, () => `the plan changed to ${body}`);
    this.#bound = bound;
    const terminal = ['Complete', 'Failed', 'Cancelled'].includes(job.status);
    const text = JSON.stringify([job.status, job.result, job.error, job.completedAt]);
    demand(this.#frozen === null || this.#frozen === text, () => `left the end: ${this.#frozen} → ${text}`);
    if (terminal) this.#frozen ??= text;
  }
}

/** How the views find the one claim of a unit (`sealed_units` in schemas/clickhouse), told a second time. */
function sealedClaim(log: readonly UnitLogRow[]): string | null {
  let fence: string | null = null;
  for (const row of log) {
    if (row.kind === 'claim') fence = row.claim;
    if (row.kind === 'manifest' && row.final && row.from === 0n && row.claim === fence) return row.claim;
  }
  return null;
}

export function copyState(state: UnitState): UnitState {
  return { ...state, segments: state.segments.slice(), counters: { ...state.counters } };
}
