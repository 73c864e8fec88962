/**
 * Wrong schemes, each wrong in one way. The simulation must catch every one of them: that shows that it looks.
 */
import { applyJobEvent, type JobEvent, type JobState } from '../../replay/job-state.js';
import { applyUnitRow, type UnitLogRow, type UnitState } from '../../replay/units.js';
import { type Habits, RIGHT_HABITS } from './actors.js';
import type { Variant } from './simulate.js';
import { REAL_RULES } from './truth.js';

function unitRule(rule: (state: UnitState, row: UnitLogRow) => UnitState): Variant {
  return { rules: { ...REAL_RULES, applyUnitRow: rule }, habits: RIGHT_HABITS };
}

function jobRule(rule: (state: JobState | null, event: JobEvent) => JobState | null): Variant {
  return { rules: { ...REAL_RULES, applyJobEvent: rule }, habits: RIGHT_HABITS };
}

function habit(change: Partial<Habits>): Variant {
  return { rules: REAL_RULES, habits: { ...RIGHT_HABITS, ...change } };
}

const TERMINAL: Readonly<Record<string, string>> = {
  complete: 'Complete',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/**
 * Holder and position guard the same thing from two sides: with workers that read back as they should, the holder
 * check alone keeps readers right. So this is no mutant of its own, but a second line that must hold as well.
 */
export const POSITION_UNCHECKED = unitRule((state, row) => {
  if (row.kind === 'manifest' && row.claim === state.fence) state.position = row.from;
  return applyUnitRow(state, row);
});

/** Wrong workers that the rule makes harmless: their manifests do not count. */
export const STALE_WORKERS = habit({ writesFromStaleRead: true });

export const MUTANTS: Readonly<Record<string, Variant>> = {
  'manifests of any claim count': unitRule((state, row) => {
    if (row.kind === 'manifest') state.fence = row.claim;
    return applyUnitRow(state, row);
  }),
  'neither holder nor position is checked': unitRule((state, row) => {
    if (row.kind === 'manifest') {
      state.fence = row.claim;
      state.position = row.from;
    }
    return applyUnitRow(state, row);
  }),
  'the position is not checked, and workers write from a stale read': {
    ...POSITION_UNCHECKED,
    habits: { ...RIGHT_HABITS, writesFromStaleRead: true },
  },
  'a later claim moves the start': unitRule((state, row) => {
    if (row.kind === 'claim' && !state.sealed) state.position = row.from;
    return applyUnitRow(state, row);
  }),
  'a sealed unit takes more manifests': unitRule((state, row) => {
    if (state.sealed && row.kind === 'manifest') {
      state.sealed = false;
      state.fence = row.claim;
      state.position = row.from;
    }
    return applyUnitRow(state, row);
  }),
  'a claim voids what its predecessor sealed': unitRule((state, row) => {
    if (row.kind === 'claim' && !state.sealed) {
      state.segments = [];
      state.counters = {};
      state.position = null;
    }
    return applyUnitRow(state, row);
  }),
  'counters of void manifests are summed': unitRule((state, row) => {
    const before = state.position;
    applyUnitRow(state, row);
    if (row.kind === 'manifest' && state.position === before && row.to > row.from)
      for (const [name, count] of Object.entries(row.counters))
        state.counters[name] = (state.counters[name] ?? 0) + count;
    return state;
  }),
  'the newest claim owns all segments': unitRule((state, row) => {
    applyUnitRow(state, row);
    if (row.kind === 'claim' && !state.sealed)
      state.segments = state.segments.map((one) => ({ ...one, claim: row.claim }));
    return state;
  }),
  'the order of the log is not the order in which its rows appeared': {
    rules: { ...REAL_RULES, logReorders: true },
    habits: RIGHT_HABITS,
  },
  'the last terminal event wins': jobRule((state, event) => {
    const status = TERMINAL[event.kind];
    if (state !== null && status !== undefined) state.status = 'Running';
    return applyJobEvent(state, event);
  }),
  'the last plan counts': jobRule((state, event) => {
    if (state !== null && event.kind === 'planned' && state.status === 'Pending') state.plan = null;
    return applyJobEvent(state, event);
  }),
  'the last division into fold units counts': jobRule((state, event) => {
    if (state !== null && event.kind === 'folding' && state.status === 'Running') state.folding = null;
    return applyJobEvent(state, event);
  }),
  'a release voids the manifest that was sent before it': unitRule((state, row) => {
    applyUnitRow(state, row);
    if (row.kind === 'release' && row.claim === state.fence) state.fence = null;
    return state;
  }),
  'a resume revives an ended job': jobRule((state, event) => {
    if (state !== null && event.kind === 'resumed') state.status = 'Paused';
    return applyJobEvent(state, event);
  }),
  'an insert of unknown outcome is repeated under the same claim': habit({ repeatsInserts: true }),
  'a manifest follows an unacknowledged insert': habit({ trustsInserts: true }),
  'silent units are never taken over': habit({ neverTakesOver: true }),
  'folding starts before all is collected': habit({ foldsEarly: true }),
  'claim ids are used again': habit({ reusesClaimIds: true }),
  'a reader takes rows before the log of units': habit({ readsRowsFirst: true }),
};
