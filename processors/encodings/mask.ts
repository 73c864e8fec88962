/**
 * Masked fields: what an event would set is replaced before it is part of a state, so that no snapshot, diff, topic,
 * export or digest ever holds the value. Null stays null. Pure: the same value always has the same mask.
 */
import { createHash } from 'node:crypto';
import type { EncodingRule, Mask } from '../../schemas/encoding.js';
import { quote } from '../sources/json-text.js';

const HIDDEN = '"***"';
const SHOWN = 4;
/** Of shorter texts four characters say too much. */
const SHOWN_FROM = 12;

/** @param json canonical JSON of the value; gives canonical JSON */
export function masked(mask: Mask, field: string, json: string): string {
  if (json === 'null') return json;
  if (mask === 'hash') {
    const hash = createHash('sha256').update(field).update('\0').update(json).digest('hex');
    return quote(`sha256:${hash.slice(0, 32)}`);
  }
  if (mask === 'last4') {
    const text = json.startsWith('"') ? (JSON.parse(json) as string) : /^-?\d/.test(json) ? json : '';
    const letters = [...text];
    if (letters.length >= SHOWN_FROM) return quote(`***${letters.slice(-SHOWN).join('')}`);
  }
  return HIDDEN;
}

export interface FieldMask {
  readonly field: string;
  readonly mask: Mask;
}

/** The masks that a rule can need: of fields that it may set. */
export function masksOf(rule: EncodingRule, mask: Readonly<Record<string, Mask>> | undefined): FieldMask[] {
  return Object.entries(mask ?? {})
    .filter(([field]) => maySet(rule, field))
    .map(([field, how]) => ({ field, mask: how }));
}

export function maySet(rule: EncodingRule, field: string): boolean {
  if (rule.trackDocument === true || Object.hasOwn(rule.track ?? {}, field)) return true;
  return (rule.operations ?? []).some(
    (operation) =>
      (operation.op === 'set' && operation.field === field) ||
      (operation.op === 'merge' && operation.field === undefined),
  );
}
