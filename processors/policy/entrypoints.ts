/** From the path of a decision to the entry point that answers it. Pure. */
import { RewindError } from '../../schemas/errors.js';
import type { CompiledPolicy } from './contract.js';

/** What answers a path: an entry point, and the names that narrow its value. */
export interface AnsweringEntrypoint {
  readonly entrypoint: string;
  readonly below: readonly string[];
}

/** `/httpapi/authz/` is `httpapi/authz`. */
export function normalPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

/**
 * The longest entry point that the path is, or lies below; null: none. A package whose rules are all entry points has
 * nothing more below it: it is not worked out as a whole to find that out.
 */
export function answering(
  entrypoints: ReadonlySet<string>,
  packages: ReadonlySet<string>,
  path: string,
): AnsweringEntrypoint | null {
  const wanted = normalPath(path);
  if (entrypoints.has(wanted)) return { entrypoint: wanted, below: [] };
  const names = wanted.split('/');
  for (let length = names.length - 1; length > 0; length--) {
    const entrypoint = names.slice(0, length).join('/');
    if (!entrypoints.has(entrypoint)) continue;
    return packages.has(entrypoint) ? null : { entrypoint, below: names.slice(length) };
  }
  return null;
}

/** Throws entrypoint_unknown with those that exist; `facts.entrypoints` has all. */
export function requireEntrypoint(
  policy: Pick<CompiledPolicy, 'entrypoints'>,
  path: string,
  pointer = '',
): void {
  if (policy.entrypoints.includes(normalPath(path))) return;
  throw entrypointUnknown(path, policy.entrypoints, pointer);
}

const LISTED_MAX = 20;

export function entrypointUnknown(path: string, entrypoints: readonly string[], pointer = ''): RewindError {
  const listed = entrypoints.slice(0, LISTED_MAX).join(', ');
  const rest = entrypoints.length > LISTED_MAX ? ` and ${entrypoints.length - LISTED_MAX} more` : '';
  return new RewindError('entrypoint_unknown', `no entry point ${path}; there are ${listed}${rest}`, {
    pointer,
    facts: { entrypoints },
  });
}
