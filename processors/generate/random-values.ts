/**
 * JSON texts that are hard on a pipeline: every digit counts, names are hostile, and the same value is spelled in many
 * ways. Made as text, so that no value passes through a double.
 */
import type { Prng } from './prng.js';

/** Member of an object: name and JSON text of the value. */
export type Member = readonly [name: string, valueJson: string];

export const HOSTILE_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '',
  ' ',
  'a/b',
  'm~n',
  'q"uote',
  'back\\slash',
  'line\nbreak',
  'ü',
  '名前',
  '😀',
  '\uffff',
  '0',
  'NULL',
];

const TEXTS = [
  '',
  'draft',
  'Ünïcødé',
  '日本語の題',
  '😀👍🏽',
  'line\nbreak',
  'tab\t"quote"\\',
  '\u0001',
  'null',
  '0',
  '\uffff',
  "'; --",
];

const NUMBERS = [
  '0',
  '-0',
  '0.0',
  '1',
  '1.0',
  '1.00',
  '10e-1',
  '1E0',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551615',
  '-9223372036854775808',
  '123456789012345678901234567890',
  '123456789012345678901234567891',
  '0.1',
  '0.10',
  '0.1000000000000000055511151231257827',
  '1e400',
  '1E+400',
  '-1.5e-400',
  '1e20',
  '1e21',
  '0.000001',
  '0.0000001',
];

/** Text as some producer would write it: plain, or with needless escapes. */
export function spellText(prng: Prng, value: string): string {
  if (!prng.chance(0.2)) return JSON.stringify(value);
  let out = '"';
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    const plain = unit >= 32 && unit !== 34 && unit !== 92 && (unit < 0xd800 || unit > 0xdfff);
    if (plain && prng.chance(0.5)) out += value[i];
    else out += `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return `${out}"`;
}

export function randomText(prng: Prng): string {
  return prng.chance(0.5) ? prng.pick(TEXTS) : `${prng.pick(TEXTS)}${prng.int(0, 50)}`;
}

export function randomNumber(prng: Prng): string {
  if (prng.chance(0.4)) return prng.pick(NUMBERS);
  if (prng.chance(0.5)) return String(prng.int(-5, 50));
  return `${prng.int(0, 99)}.${prng.int(0, 9)}${prng.pick(['', '0', '00'])}`;
}

/** Any JSON value, at most three levels deep. */
export function randomValue(prng: Prng, depth = 0): string {
  const kind = prng.int(0, depth >= 3 ? 4 : 6);
  if (kind === 0) return prng.pick(['null', 'true', 'false']);
  if (kind <= 2) return randomNumber(prng);
  if (kind <= 4) return spellText(prng, randomText(prng));
  if (kind === 5) {
    const items = Array.from({ length: prng.int(0, 3) }, () => randomValue(prng, depth + 1));
    return `[${items.join(prng.pick([',', ', ', ' ,\n']))}]`;
  }
  const names = new Set(Array.from({ length: prng.int(0, 4) }, () => prng.pick(HOSTILE_NAMES)));
  return spellObject(
    prng,
    [...names].map((name) => [name, randomValue(prng, depth + 1)]),
  );
}

/** The members in any order and with any white space: one value, many texts. */
export function spellObject(prng: Prng, members: readonly Member[]): string {
  const comma = prng.pick([',', ', ', ',\n  ']);
  const colon = prng.pick([':', ': ', ' : ']);
  const spelled = prng
    .shuffle([...members])
    .map(([name, value]) => `${spellText(prng, name)}${colon}${value}`);
  return `{${spelled.join(comma)}}`;
}
