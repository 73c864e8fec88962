/**
 * What an encoding, and rules, make of a few sample events: the parts of the fold that matter to whoever writes a
 * definition (matching, deriving, evolving, deciding) are those of a job; only that they run over events in memory is
 * this file's own. Pure.
 */
import type { Encoding } from '../../schemas/encoding.js';
import type { AuditEvent } from '../../schemas/event.js';
import {
  type CompiledEncoding,
  compileEncoding,
  type EventPlan,
  type PlannedRule,
} from '../encodings/compile.js';
import type { Found } from '../encodings/lookup.js';
import { lookUp } from '../encodings/lookup.js';
import { eventEnvelope, type MappedEntity, mapEvent } from '../encodings/map-event.js';
import { matchRule, ruleItems } from '../encodings/match-rule.js';
import { type EventSubject, type Evolution, evolve } from '../reducers/evolve.js';
import { setMembers } from '../reducers/operations.js';
import { ruleEventText } from '../rules/event-text.js';
import type { RuleSet } from '../rules/rule-set.js';
import { type DecidedSample, decideSample } from './preview-decision.js';
import { SampleState } from './sample-state.js';

/** A value that a template found; null: it found nothing. */
export interface FoundValue {
  readonly field: string;
  readonly json: string | null;
}

export interface PreviewedEntity {
  readonly entityType: string;
  readonly entityId: string;
  readonly tracked: readonly FoundValue[];
  /** `field` is empty for deleteEntity and for a merge into the whole state; `json` is what the operation takes. */
  readonly operations: readonly (FoundValue & { readonly op: string })[];
  /** Why the event does not apply; null: it does. */
  readonly error: string | null;
  readonly exists: boolean;
  readonly stateBefore: string;
  readonly stateAfter: string;
  readonly diff: string;
  /** Null where nothing decides, or the event does not apply. */
  readonly decided: DecidedSample | null;
}

export interface PreviewedEvent {
  /** Place in the list of samples. */
  readonly index: number;
  readonly event: AuditEvent;
  /** skipped: ignored, or no rule applies; duplicate: its id came before. */
  readonly outcome: 'folded' | 'skipped' | 'failed' | 'duplicate';
  readonly rule: { readonly index: number; readonly match: string } | null;
  readonly entities: readonly PreviewedEntity[];
}

export interface PreviewRules {
  readonly rules: RuleSet;
  readonly baseline: RuleSet | null;
}

/** Folds the samples in the order of a job (event time, then event id); the answer is in that order. */
export function previewEvents(
  encoding: Encoding,
  events: readonly AuditEvent[],
  rules: PreviewRules | null,
): PreviewedEvent[] {
  const preview = new Preview(compileEncoding(encoding), rules);
  return events
    .map((event, index) => ({ event, index, id: Buffer.from(event.eventId) }))
    .sort((a, b) => byTime(a.event, b.event) || a.id.compare(b.id) || a.index - b.index)
    .map(({ event, index }) => preview.event(event, index));
}

function byTime(a: AuditEvent, b: AuditEvent): number {
  return a.occurredAtNs < b.occurredAtNs ? -1 : a.occurredAtNs > b.occurredAtNs ? 1 : 0;
}

class Preview {
  readonly #encoding: CompiledEncoding;
  readonly #rules: PreviewRules | null;
  readonly #ids = new Set<string>();
  readonly #states = new Map<string, SampleState>();

  constructor(encoding: CompiledEncoding, rules: PreviewRules | null) {
    this.#encoding = encoding;
    this.#rules = rules;
  }

  event(event: AuditEvent, index: number): PreviewedEvent {
    const base = { index, event, rule: null, entities: [] };
    if (this.#ids.has(event.eventId)) return { ...base, outcome: 'duplicate' };
    this.#ids.add(event.eventId);
    const plan = this.#encoding.planFor(event.eventType);
    if (plan === null) return { ...base, outcome: 'skipped' };
    const subject = new SampleSubject(event, plan);
    const rule = matchRule(plan, subject);
    const derived = this.#entities(event);
    if (rule === null || derived.length === 0) return { ...base, outcome: 'skipped' };
    const entities = derived.map((entity, n) => this.#fold(event, subject, rule, entity, n));
    return {
      ...base,
      outcome: entities.some((entity) => entity.error !== null) ? 'failed' : 'folded',
      rule: { index: rule.index, match: this.#encoding.encoding.rules[rule.index]!.match },
      entities,
    };
  }

  #entities(event: AuditEvent): MappedEntity[] {
    if (this.#encoding.encoding.entity === 'rules') return mapEvent(this.#encoding, event);
    return [{ entityType: event.entityType, entityId: event.entityId }];
  }

  #fold(
    event: AuditEvent,
    subject: SampleSubject,
    rule: PlannedRule,
    entity: MappedEntity,
    n: number,
  ): PreviewedEntity {
    subject.goTo(rule, n);
    const state = this.#state(entity);
    const found = foundBy(rule, subject);
    const before = state.text;
    const failed = (error: string): PreviewedEntity => ({
      ...entity,
      ...found,
      error,
      exists: state.exists,
      stateBefore: before,
      stateAfter: before,
      diff: '[]',
      decided: null,
    });
    if (entity.entityId === '') return failed('the event has no entity id');
    const cells = rule.fields.map((field) => state.state.cell(field));
    evolve(rule, cells, state.state, subject, outcome);
    if (outcome.failure !== null) {
      state.state.discard();
      return failed(outcome.failure);
    }
    const texts = state.settle(outcome.exists);
    const own = { ...event, entityType: entity.entityType, entityId: entity.entityId };
    const decided =
      this.#rules === null
        ? null
        : decideSample(this.#rules, event.decision, {
            event: ruleEventText(own),
            stateBefore: texts.before,
            stateAfter: texts.after,
            occurredAtNs: event.occurredAtNs,
          });
    return {
      ...entity,
      ...found,
      error: null,
      exists: outcome.exists,
      stateBefore: texts.before,
      stateAfter: texts.after,
      diff: texts.diff,
      decided,
    };
  }

  #state({ entityType, entityId }: MappedEntity): SampleState {
    const key = JSON.stringify([entityType, entityId]);
    let state = this.#states.get(key);
    if (state === undefined) {
      const { own, others } = this.#encoding.trackedFields(entityType);
      state = new SampleState(own, others);
      this.#states.set(key, state);
    }
    return state;
  }
}

const outcome: Evolution = { exists: true, failure: null };
const value: Found = { bytes: Buffer.alloc(0), start: 0, end: 0 };

/** What the rule's templates find in the event, or in the item that the subject has gone to. */
function foundBy(rule: PlannedRule, subject: SampleSubject): Pick<PreviewedEntity, 'tracked' | 'operations'> {
  const json = (lookup: PlannedRule['sources'][number] | null): string | null =>
    lookup !== null && lookUp(lookup, subject, value)
      ? value.bytes.toString('utf8', value.start, value.end)
      : null;
  return {
    tracked: rule.fields.map((field, i) => ({ field, json: json(rule.sources[i]!) })),
    operations: rule.operations.map(({ op, field, from }) => ({ op, field, json: json(from) })),
  };
}

/** A sample as rules of an encoding read it. */
class SampleSubject implements EventSubject {
  readonly bytes: Buffer;
  readonly paths: EventPlan['paths'];
  readonly envelope;
  items: EventSubject['items'] = null;
  #item = 0;

  constructor(event: AuditEvent, plan: EventPlan) {
    this.bytes = Buffer.from(event.payload);
    this.paths = plan.paths;
    this.envelope = eventEnvelope(event);
    this.#walk();
  }

  /** Goes to the item that entity `n` of the record stands for, where the rule fans out. */
  goTo(rule: PlannedRule, n: number): void {
    // Deriving the entities has walked the same tree over the same payload: the places are those of this event.
    this.#walk();
    this.items = null;
    if (rule.forEach === null) return;
    const ranges = ruleItems(rule.forEach, this);
    this.#item = ranges[2 * n]!;
    rule.forEach.items.walk(this.bytes, this.#item, ranges[2 * n + 1]!);
    this.items = rule.forEach.items;
  }

  trackDocument(state: SampleState['state']): void {
    const at = this.items === null ? 0 : this.#item;
    if (this.bytes[at] === 0x7b) setMembers(state, this.bytes, at);
  }

  #walk(): void {
    this.paths.walk(this.bytes, 0, this.bytes.length);
  }
}
