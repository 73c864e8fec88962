/**
 * Turns what a TypeBox schema finds wrong into issues that people can act on: a stable code, a JSON pointer, a message
 * with the value and, for a misspelt name, the name that was probably meant. Configuration and HTTP requests use it.
 */
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { type ErrorCode, excerpt } from './errors.js';

export interface Issue {
  readonly code: Extract<ErrorCode, 'field_invalid' | 'field_missing' | 'field_unknown'>;
  /** JSON pointer into the value; empty: the value itself. */
  readonly pointer: string;
  readonly message: string;
}

/** What TypeBox reports; the shape of Ajv's errors. */
interface RawError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

const ISSUES_MAX = 100;
// TypeBox stops at 8 by itself; every union and every unknown field takes several.
Settings.Set({ maxErrors: 4 * ISSUES_MAX });
const validators = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  return validator;
}

/** All problems of a value, none when it fits; at most 100. Compiled validators are kept per schema. */
export function findIssues(schema: TSchema, value: unknown): Issue[] {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return [];
  const issues = new Map<string, Issue>();
  for (const error of joinAlternatives([...(validator.Errors(value) as readonly RawError[])])) {
    for (const issue of issuesOfError(schema, value, error)) {
      const key = `${issue.pointer}\n${issue.message}`;
      if (issues.size < ISSUES_MAX && !issues.has(key)) issues.set(key, issue);
    }
  }
  return [...issues.values()];
}

/** A union of constants fails once per constant: make one error that lists them all. */
function joinAlternatives(errors: readonly RawError[]): RawError[] {
  const kept: RawError[] = [];
  const unions = new Map<string, unknown[]>();
  for (const error of errors) {
    const allowed = (error.params as { allowedValue?: unknown }).allowedValue;
    if (error.keyword !== 'const' || !/\/anyOf\/\d+$/.test(error.schemaPath)) {
      if (error.keyword !== 'anyOf') kept.push(error);
      continue;
    }
    const known = unions.get(error.instancePath);
    if (known !== undefined) {
      known.push(allowed);
      continue;
    }
    const values = [allowed];
    unions.set(error.instancePath, values);
    kept.push({ ...error, keyword: 'enum', params: { allowedValues: values } });
  }
  return kept;
}

function issuesOfError(schema: TSchema, value: unknown, error: RawError): Issue[] {
  const params = error.params as Record<string, unknown>;
  if (error.keyword === 'boolean') return [];
  if (error.keyword === 'required') {
    return (params.requiredProperties as string[]).map((name) => ({
      code: 'field_missing',
      pointer: `${error.instancePath}/${escapePointer(name)}`,
      message: `${name} is missing`,
    }));
  }
  if (error.keyword === 'additionalProperties') {
    const known = propertyNames(schema, error.schemaPath);
    return (params.additionalProperties as string[]).map((name) => {
      const near = closest(name, known);
      return {
        code: 'field_unknown',
        pointer: `${error.instancePath}/${escapePointer(name)}`,
        message: `${excerpt(name)} is not known${near === null ? '' : `; did you mean ${near}?`}`,
      };
    });
  }
  const found = excerpt(valueAt(value, error.instancePath));
  const expected =
    error.keyword === 'enum'
      ? `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
      : error.message;
  return [{ code: 'field_invalid', pointer: error.instancePath, message: `${expected}, got ${found}` }];
}

/** Names that the object schema at a schema path allows. */
function propertyNames(schema: TSchema, schemaPath: string): string[] {
  const node = valueAt(schema, schemaPath.replace(/^#/, ''));
  const properties = (node as { properties?: object } | undefined)?.properties;
  return properties === undefined ? [] : Object.keys(properties);
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** The known name within two edits (one for very short names), or null. */
export function closest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = (name.length < 4 ? 1 : 2) + 1;
  for (const candidate of known) {
    const distance =
      candidate.toLowerCase() === name.toLowerCase() ? 0 : editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row[b.length] ?? limit, limit);
}
