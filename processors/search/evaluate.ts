/**
 * Whether a condition holds for a state, on canonical JSON texts: numbers of any length are compared digit by digit, strings by
 * code points. Regular expressions are not for this process: who asks says which strings match. Pure.
 */
import { arrayItems, eachMember, isArray, isObject, keyText, sameBytes } from '../encodings/json-bytes.js';
import { compareNumbers } from '../reducers/exact-number.js';
import { compareCodePoints, unquote } from '../sources/json-text.js';
import type { Condition } from './predicate.js';

/** The value that a condition looks at: canonical text; null: there is none. `top` is the field's value; empty: missing. */
export function valueAt(condition: Condition, top: string): string | null {
  if (top === '') return null;
  if (condition.tokens.length === 1) return top;
  const bytes = Buffer.from(top);
  let [start, end] = [0, bytes.length];
  for (const token of condition.tokens.slice(1)) {
    const found = step(bytes, start, token);
    if (found === null) return null;
    [start, end] = found;
  }
  return bytes.toString('utf8', start, end);
}

function step(bytes: Buffer, start: number, token: string): [number, number] | null {
  if (isObject(bytes, start)) return member(bytes, start, token);
  if (!isArray(bytes, start) || !/^(0|[1-9]\d{0,8})$/.test(token)) return null;
  const ranges = arrayItems(bytes, start);
  const [from, to] = [ranges[2 * Number(token)], ranges[2 * Number(token) + 1]];
  return from === undefined || to === undefined ? null : [from, to];
}

function member(bytes: Buffer, start: number, name: string): [number, number] | null {
  let found: [number, number] | null = null;
  eachMember(bytes, start, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyText(bytes, keyStart, keyEnd) === name) found = [valueStart, valueEnd];
  });
  return found;
}

/** For all operators but matches. */
export function holds(condition: Condition, value: string | null): boolean {
  const { operator, value: given } = condition;
  if (value === null) return operator === 'missing';
  switch (operator) {
    case 'exists':
      return true;
    case 'missing':
      return false;
    case 'eq':
      return value === given;
    case 'ne':
      return value !== given;
    case 'contains':
      return contains(value, given);
    case 'matches':
      throw new Error('matches is decided by the store');
    default:
      return ordered(operator, order(value, given));
  }
}

function ordered(operator: 'lt' | 'le' | 'gt' | 'ge', sign: number | null): boolean {
  if (sign === null) return false;
  if (operator === 'lt') return sign < 0;
  if (operator === 'le') return sign <= 0;
  return operator === 'gt' ? sign > 0 : sign >= 0;
}

/** Null: a number and a string, or neither of both: these have no order. */
function order(value: string, given: string): number | null {
  if (isText(value) && isText(given)) return compareCodePoints(unquote(value), unquote(given));
  return isNumber(value) && isNumber(given) ? compareNumbers(value, given) : null;
}

const isText = (json: string): boolean => json.startsWith('"');
const isNumber = (json: string): boolean => /^[-\d]/.test(json);

/** A string that has the text in it, an array with the item, an object with a member of the name. */
function contains(value: string, given: string): boolean {
  if (isText(value)) return isText(given) && unquote(value).includes(unquote(given));
  const bytes = Buffer.from(value);
  const wanted = Buffer.from(given);
  if (isArray(bytes, 0)) {
    const ranges = arrayItems(bytes, 0);
    for (let i = 0; i < ranges.length; i += 2)
      if (sameBytes(bytes, ranges[i]!, ranges[i + 1]!, wanted, 0, wanted.length)) return true;
    return false;
  }
  return isObject(bytes, 0) && isText(given) && member(bytes, 0, unquote(given)) !== null;
}
