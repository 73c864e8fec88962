/**
 * Decisions beside the fold: each event that was folded is put to the job's rules with the states around it, the answer
 * is compared with the decision before, and becomes a row. Pure, like the fold: rows are a function of what went in.
 */
import { TRANSITIONS, type Transition } from '../../schemas/decision.js';
import type { PayloadShape } from '../encodings/payload-shape.js';
import { ruleEventText } from '../rules/event-text.js';
import type { RuleInput, RuleSet } from '../rules/rule-set.js';
import {
  type Before,
  outcomeBefore,
  outcomeOf,
  transitionCounter,
  transitionOf,
} from '../rules/transition.js';
import type { EntityState } from '../snapshots/entity-state.js';
import type { DecisionRows } from './fold-decision-rows.js';
import type { FoldRow } from './fold-row.js';

export interface DecisionRules {
  readonly rules: RuleSet;
  /** What decisions are compared with; null: with those recorded in the events. */
  readonly baseline: RuleSet | null;
}

export class FoldDecisions {
  readonly #rules: DecisionRules;
  readonly #rows: DecisionRows;
  readonly #input = new RowInput();
  readonly #counts = Object.fromEntries(TRANSITIONS.map((name) => [name, 0])) as Record<Transition, number>;

  constructor(rules: DecisionRules, rows: DecisionRows) {
    this.#rules = rules;
    this.#rows = rows;
  }

  /** How many decisions went which way, for the unit's manifest. */
  get counters(): Record<string, number> {
    return Object.fromEntries(TRANSITIONS.map((name) => [transitionCounter(name), this.#counts[name]]));
  }

  /** True: the block of rows is as large as it shall be. */
  get isFull(): boolean {
    return this.#rows.isFull;
  }

  /** Decides about the event at hand; its changes are settled in `state`, and not committed. */
  decide(row: FoldRow, shape: PayloadShape, state: EntityState, foldSeq: number): void {
    const input = this.#input;
    input.begin(row, shape, state);
    const { rules, baseline } = this.#rules;
    const now = rules.decide(input);
    const before: Before = baseline === null ? { recorded: row.recordedDecision } : baseline.decide(input);
    const is = outcomeOf(now);
    const was = outcomeBefore(before);
    const transition = transitionOf(before, was, now, is);
    this.#input.end();
    this.#counts[transition]++;
    this.#rows.write(row, foldSeq, { now, before, is, was, transition });
  }
}

/** The row at hand as rules see it; each text is made once, when it is asked for. */
class RowInput implements RuleInput {
  #row: FoldRow | null = null;
  #shape: PayloadShape | null = null;
  #state: EntityState | null = null;
  #event = '';
  #before = '';
  #after = '';
  occurredAtNs = 0n;

  begin(row: FoldRow, shape: PayloadShape, state: EntityState): void {
    this.#row = row;
    this.#shape = shape;
    this.#state = state;
    this.#event = '';
    this.#before = '';
    this.#after = '';
    this.occurredAtNs = row.occurredAtNs;
  }

  /** Nothing of the row is kept beyond its event. */
  end(): void {
    this.#row = null;
    this.#shape = null;
    this.#state = null;
  }

  get event(): string {
    if (this.#event === '') this.#event = eventText(this.#row!, this.#shape!);
    return this.#event;
  }

  get stateBefore(): string {
    if (this.#before === '') this.#before = this.#state!.text(false);
    return this.#before;
  }

  get stateAfter(): string {
    if (this.#after === '') this.#after = this.#state!.text(true);
    return this.#after;
  }
}

function eventText(row: FoldRow, shape: PayloadShape): string {
  return ruleEventText({
    eventId: row.text('event_id'),
    tenantId: row.text('tenant_id'),
    eventType: row.text('event_type'),
    entityType: row.ownEntityType,
    entityId: row.ownEntityId,
    actor: row.text('actor'),
    action: row.text('action'),
    severity: row.text('severity'),
    occurredAtNs: row.occurredAtNs,
    decision: row.recordedDecision,
    payload: shape.text(row.bytes, row.payload, row.payloadEnd),
  });
}
