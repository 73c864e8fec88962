/**
 * The scheme of claims and units, as a pure function of the unit log. Everything that must hold after crashes, lost
 * answers, late inserts and frozen workers is decided here and nowhere else; `units.simulation.test.ts` tries to break it.
 *
 * The log of one unit is a list of rows in the store's insertion order. The order is the only authority:
 * - `claim` takes the unit over from whoever held it. From here on rows of the former holder are void.
 * - `manifest` counts only if its claim is the last one before it in the log, and if it starts where the unit's
 *   output so far ends. It makes the rows written under (claim, from..to) visible; `final` seals the unit.
 * - `release` gives the unit back, `beat` says that the holder lives. Both change nothing that readers see: a manifest
 *   that its releaser sent before and that arrives after still counts, until the next claim fences it.
 * A manifest that counted once counts for ever: later rows cannot void it. So nothing visible ever changes or doubles.
 */

export type UnitLogKind = 'claim' | 'manifest' | 'beat' | 'release';

export interface UnitLogRow {
  readonly kind: UnitLogKind;
  /** Random 64-bit id in decimal digits. */
  readonly claim: string;
  readonly worker: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly final: boolean;
  readonly counters: Readonly<Record<string, number>>;
}

/** Rows written under `claim` with positions in from..to (exclusive) are visible. */
export interface Segment {
  readonly claim: string;
  readonly from: bigint;
  readonly to: bigint;
}

export interface UnitState {
  /** The claim that may write now; null: free (never claimed, released or sealed). */
  holder: string | null;
  /** The last claim in the log, released or not: only its manifests count. */
  fence: string | null;
  holderWorker: string | null;
  /** How often the unit was claimed: a unit that kills its workers is noticed by it. */
  claims: number;
  /** Rows of the log so far: an observer that sees this number stand still for a lease takes the unit over. */
  activity: number;
  /** Where the next manifest must start; null until the first claim sets the start. */
  position: bigint | null;
  /** Contiguous and in order; segments of one claim are joined. */
  segments: Segment[];
  sealed: boolean;
  counters: Record<string, number>;
}

export function emptyUnit(): UnitState {
  return {
    holder: null,
    fence: null,
    holderWorker: null,
    claims: 0,
    activity: 0,
    position: null,
    segments: [],
    sealed: false,
    counters: {},
  };
}

/** Folds one row into the state, in place. Rows come in the store's insertion order. */
export function applyUnitRow(state: UnitState, row: UnitLogRow): UnitState {
  state.activity++;
  if (state.sealed) return state;
  switch (row.kind) {
    case 'claim':
      state.claims++;
      state.holder = row.claim;
      state.fence = row.claim;
      state.holderWorker = row.worker;
      // The first claim says where an empty unit starts (retention may have moved it); later ones cannot.
      if (state.position === null) state.position = row.from;
      else if (state.segments.length === 0 && row.from > state.position) state.position = row.from;
      break;
    case 'manifest':
      if (row.claim === state.fence && row.from === state.position && advances(row))
        applyManifest(state, row);
      break;
    case 'release':
      if (row.claim === state.holder) {
        state.holder = null;
        state.holderWorker = null;
      }
      break;
    case 'beat':
      break;
  }
  return state;
}

/** A manifest that neither moves on nor seals could be sent twice and count twice. */
function advances(row: UnitLogRow): boolean {
  return row.to > row.from || (row.final && row.to === row.from);
}

function applyManifest(state: UnitState, row: UnitLogRow): void {
  const last = state.segments.at(-1);
  if (row.to > row.from) {
    if (last !== undefined && last.claim === row.claim) {
      state.segments[state.segments.length - 1] = { claim: row.claim, from: last.from, to: row.to };
    } else {
      state.segments.push({ claim: row.claim, from: row.from, to: row.to });
    }
  }
  state.position = row.to;
  for (const [name, count] of Object.entries(row.counters))
    state.counters[name] = (state.counters[name] ?? 0) + count;
  if (row.final) {
    state.sealed = true;
    state.holder = null;
    state.holderWorker = null;
  }
}

/** The state of a unit from its whole log. */
export function foldUnitLog(rows: Iterable<UnitLogRow>): UnitState {
  const state = emptyUnit();
  for (const row of rows) applyUnitRow(state, row);
  return state;
}

/** The claims under which the output of units stands. */
export function claimsOf(units: Iterable<UnitState>): string[] {
  return [...units].flatMap(({ segments }) => segments.map(({ claim }) => claim));
}
