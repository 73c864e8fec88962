/** Which fields of the envelope an encoding names: the fold reads no others. */
import type { Encoding } from '../../schemas/encoding.js';
import { ENVELOPE_NAMES, type EnvelopeName } from './lookup.js';

/** Names whose template stands anywhere in the rules, as a key or a value; one too many would cost a column, no more. */
export function envelopeNames(encoding: Encoding): EnvelopeName[] {
  const texts = new Set<string>();
  collectTexts([encoding.rules, encoding.ignore], texts);
  return ENVELOPE_NAMES.filter((name) => texts.has(`$${name}`));
}

function collectTexts(value: unknown, texts: Set<string>): void {
  if (typeof value === 'string') texts.add(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    texts.add(name);
    collectTexts(member, texts);
  }
}
