/** What a decision came to, and when two of them differ. Pure. */
import type { Outcome } from '../../schemas/decision.js';
import type { Evaluated } from '../policy/contract.js';
import { resolvePointer } from '../sources/json-scan.js';

/** A result, logged or made. */
export type Result =
  /** Canonical JSON. */
  | { readonly kind: 'value'; readonly json: string }
  | { readonly kind: 'undefined' }
  | { readonly kind: 'error'; readonly message: string };

export type Word = Exclude<Outcome, 'none'>;

export function resultOf(evaluated: Exclude<Evaluated, { kind: 'not_replayable' }>): Result {
  if (evaluated.kind !== 'error') return evaluated;
  return { kind: 'error', message: `${evaluated.code}: ${evaluated.message}` };
}

/** The value at a way below a result; undefined where there is none. */
export function narrowed(result: Result, way: readonly string[]): Result {
  if (result.kind !== 'value' || way.length === 0) return result;
  const pointer = way.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const json = resolvePointer(result.json, pointer);
  return json === undefined ? { kind: 'undefined' } : { kind: 'value', json };
}

/**
 * Whether two results say the same. `significant`: pointers of the fields that count where either result is an object that
 * has one; empty: all of a result counts. Errors are alike whatever they say.
 */
export function sameResult(a: Result, b: Result, significant: readonly string[]): boolean {
  if (a.kind !== 'value' || b.kind !== 'value') return a.kind === b.kind;
  if (a.json === b.json) return true;
  const counting = significant.filter((field) => has(a.json, field) || has(b.json, field));
  if (counting.length === 0) return false;
  return counting.every((field) => resolvePointer(a.json, field) === resolvePointer(b.json, field));
}

/** `allow` and `deny`: true and false, or an object whose first significant field is. */
export function wordOf(result: Result, fields: readonly string[]): Word {
  if (result.kind !== 'value') return result.kind;
  const field = fields.find((one) => has(result.json, one));
  const verdict = field === undefined ? result.json : resolvePointer(result.json, field);
  return verdict === 'true' ? 'allow' : verdict === 'false' ? 'deny' : 'other';
}

function has(json: string, field: string): boolean {
  return json.startsWith('{') && resolvePointer(json, field) !== undefined;
}
