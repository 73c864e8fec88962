/**
 * Conditions on a state, as people write them: `/status eq published and /price/amount gt 10`. Pure.
 *
 * A condition is a JSON pointer, an operator, and a value but for `exists` and `missing`; `and` joins them. A value is JSON;
 * a word that is no JSON is a string. A pointer with spaces stands in double quotes. Values are canonical JSON texts, as those
 * of states are, so that equal is what has the same bytes and numbers keep every digit.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { pointerTokens } from '../encodings/path-tree.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { unquote } from '../sources/json-text.js';

export const OPERATORS = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'exists',
  'missing',
  'contains',
  'matches',
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
  /** Reference tokens of the pointer; the first one names the field. */
  readonly tokens: readonly [string, ...string[]];
  readonly operator: Operator;
  /** Canonical JSON; empty with exists and missing. */
  readonly value: string;
}

const CONDITIONS_MAX = 16;
/** A JSON string, a JSON array or object without spaces outside of strings, or a word. */
const TOKEN = /\s*("(?:[^"\\]|\\.)*"|(?:[^\s"]|"(?:[^"\\]|\\.)*")+)/y;

/** @throws RewindError field_invalid at /where */
export function parsePredicate(text: string): readonly Condition[] {
  const tokens = tokensOf(text);
  const conditions: Condition[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (conditions.length > 0 && tokens[at++] !== 'and')
      throw invalid(`conditions are joined by and, and here stands ${excerpt(tokens[at - 1]!)}`);
    const pointer = pointerOf(tokens[at]);
    const operator = operatorOf(tokens[++at]);
    const takesValue = operator !== 'exists' && operator !== 'missing';
    conditions.push({
      tokens: pointer,
      operator,
      value: takesValue ? givenValue(tokens[++at], operator) : '',
    });
  }
  if (conditions.length === 0) throw invalid('there is no condition');
  if (conditions.length > CONDITIONS_MAX) throw invalid(`at most ${CONDITIONS_MAX} conditions`);
  return conditions;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let end = 0; text.slice(end).trim() !== ''; end = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (found === null) throw invalid(`a string does not end: ${excerpt(text.slice(end).trim())}`);
    tokens.push(found[1]!);
  }
  return tokens;
}

function pointerOf(token: string | undefined): [string, ...string[]] {
  if (token === undefined) throw invalid('a condition is missing behind and');
  const pointer = token.startsWith('"') ? stringOf(token) : token;
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer))
    throw invalid(`${excerpt(token)} is no JSON pointer, such as /status`);
  return pointerTokens(pointer) as [string, ...string[]];
}

function operatorOf(token: string | undefined): Operator {
  const operator = OPERATORS.find((one) => one === token);
  if (operator !== undefined) return operator;
  const given = token === undefined ? 'an operator is missing' : `${excerpt(token)} is no operator`;
  throw invalid(`${given}; known: ${OPERATORS.join(', ')}`);
}

function givenValue(token: string | undefined, operator: Operator): string {
  if (token === undefined) throw invalid(`${operator} needs a value`);
  const value = canonicalOrWord(token);
  if (operator === 'matches' && !value.startsWith('"')) return canonicalJson(JSON.stringify(token));
  return value;
}

function canonicalOrWord(token: string): string {
  try {
    return canonicalJson(token);
  } catch (error) {
    if (/^["[{]/.test(token)) throw invalid(`${excerpt(token)}: ${(error as Error).message}`);
    return canonicalJson(JSON.stringify(token));
  }
}

function stringOf(token: string): string {
  try {
    return unquote(canonicalJson(token));
  } catch (error) {
    throw invalid(`${excerpt(token)}: ${(error as Error).message}`);
  }
}

function invalid(message: string): RewindError {
  return new RewindError('field_invalid', `where: ${message}`, { pointer: '/where' });
}
