/**
 * Which rule reads an event, and which items a rule with `forEach` finds: one enumeration for the map stage, which
 * numbers the entities of a record, and for the fold, which has to meet the same item again under that number.
 */
import type { Condition, EventPlan, ForEach, PlannedRule } from './compile.js';
import { arrayItems, isArray, sameBytes } from './json-bytes.js';
import { type Found, lookUp, type Subject } from './lookup.js';

/** Reused by every look-up; nothing here keeps what it holds beyond the call. */
const found: Found = { bytes: Buffer.alloc(0), start: 0, end: 0 };

/** The rule that reads the event, or null: ignored, or no rule's conditions hold. `plan.paths` must have walked it. */
export function matchRule(plan: EventPlan, subject: Subject): PlannedRule | null {
  for (const entry of plan.ignore) if (holds(entry, subject)) return null;
  for (const rule of plan.rules) {
    if (rule.conditions.length === 0 || holds(rule.conditions, subject)) return rule;
  }
  return null;
}

function holds(conditions: readonly Condition[], subject: Subject): boolean {
  for (const { lookup, equals, exists } of conditions) {
    const present = lookUp(lookup, subject, found);
    if (present !== exists) return false;
    if (equals !== null && !sameBytes(found.bytes, found.start, found.end, equals, 0, equals.length))
      return false;
  }
  return true;
}

/**
 * Ranges (start, end pairs) of the items to which the rule applies, in order: entity n of the record is pair n.
 * A pointer that finds no array gives none.
 */
export function ruleItems(forEach: ForEach, subject: Subject): number[] {
  if (!lookUp(forEach.array, subject, found) || !isArray(found.bytes, found.start)) return [];
  const all = arrayItems(found.bytes, found.start);
  if (forEach.conditions.length === 0) return all;
  const itemSubject: Subject = { ...subject, items: forEach.items };
  const kept: number[] = [];
  for (let i = 0; i < all.length; i += 2) {
    forEach.items.walk(subject.bytes, all[i]!, all[i + 1]!);
    if (holds(forEach.conditions, itemSubject)) kept.push(all[i]!, all[i + 1]!);
  }
  return kept;
}
