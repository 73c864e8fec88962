/**
 * How one event changes the state of its entity, by the rule that reads it: the reducer of every entity type that
 * needs no code, the five built-in ones of encoding version 1 among them. The initial state is `{}`.
 */
import type { PlannedRule } from '../encodings/compile.js';
import { type Found, lookUp, type Subject } from '../encodings/lookup.js';
import { masked } from '../encodings/mask.js';
import { type Cell, SET } from '../snapshots/cell.js';
import type { EntityState } from '../snapshots/entity-state.js';
import { applyOperation } from './operations.js';

const found: Found = { bytes: Buffer.alloc(0), start: 0, end: 0 };

/** What an event did: `exists` is false when it ended the entity, `failure` says in words why it cannot apply. */
export interface Evolution {
  exists: boolean;
  failure: string | null;
}

/** An event as its rule reads it. */
export interface EventSubject extends Subject {
  /** Stages every member of the payload as a field, or of the item where there is one and it is an object. */
  trackDocument(state: EntityState): void;
}

/**
 * Stages what the event changes; on failure the caller discards it. `cells[i]` is the cell of `rule.fields[i]`,
 * `subject.paths` has walked the payload and, with forEach, `subject.items` the item.
 */
export function evolve(
  rule: PlannedRule,
  cells: readonly Cell[],
  state: EntityState,
  subject: EventSubject,
  outcome: Evolution,
): void {
  outcome.exists = true;
  outcome.failure = null;
  if (rule.ends) {
    state.removeAll();
    outcome.exists = false;
    return;
  }
  if (rule.trackDocument) subject.trackDocument(state);
  track(rule, cells, state, subject);
  let deleted = false;
  for (const operation of rule.operations) {
    const failure = applyOperation(operation, state, subject, rule.hidesValues);
    if (failure !== null) {
      outcome.failure = failure;
      return;
    }
    if (operation.op === 'deleteEntity') deleted = true;
  }
  if (rule.masks.length > 0) hide(rule, state);
  // Fields set after deleteEntity, in the same event, are a new beginning.
  outcome.exists = !deleted || state.anySet;
}

/** What the event set is replaced; what the state holds was replaced when it was set. */
function hide(rule: PlannedRule, state: EntityState): void {
  for (const { field, mask } of rule.masks) {
    const cell = state.known(field);
    if (cell === undefined || cell.staged !== SET) continue;
    const json = cell.source.toString('utf8', cell.start, cell.end);
    const bytes = Buffer.from(masked(mask, field, json));
    state.set(cell, bytes, 0, bytes.length);
  }
}

function track(rule: PlannedRule, cells: readonly Cell[], state: EntityState, subject: Subject): void {
  const { bytes, paths } = subject;
  const { starts, ends } = paths;
  const sources = rule.sources;
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    if (source.slot >= 0) {
      const start = starts[source.slot]!;
      if (start >= 0) state.set(cells[i]!, bytes, start, ends[source.slot]!);
    } else if (lookUp(source, subject, found)) {
      state.set(cells[i]!, found.bytes, found.start, found.end);
    }
  }
}
