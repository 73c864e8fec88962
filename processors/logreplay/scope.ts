/** Which logged decisions a replay looks at, and what of their results counts. Pure. */

/** One document of the request's `scope`, with its times and revisions found out. */
export interface Scope {
  /** Names of the path; empty: any. */
  readonly path: readonly string[];
  /** Both ends included; null: open. */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
  /** The revisions that count, as decisions name them; null: any. */
  readonly revisions: ReadonlySet<string> | null;
}

/** `/a/b/` → a, b. */
export function pathNames(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

export interface Scoped {
  readonly path: readonly string[];
  readonly revision: string;
  readonly ns: bigint;
}

/**
 * What of a decision's result counts: the whole (an empty way), or the values at these ways below it; null: the decision is
 * out of scope. A scope that takes in the decision's own path outweighs those that lie below it.
 */
export function waysOf(scopes: readonly Scope[], decision: Scoped): readonly (readonly string[])[] | null {
  if (scopes.length === 0) return WHOLE;
  const below = new Map<string, readonly string[]>();
  for (const scope of scopes) {
    if (!inTime(scope, decision.ns)) continue;
    if (scope.revisions !== null && !scope.revisions.has(decision.revision)) continue;
    if (isPrefix(scope.path, decision.path)) return WHOLE;
    if (!isPrefix(decision.path, scope.path)) continue;
    const way = scope.path.slice(decision.path.length);
    below.set(way.join('/'), way);
  }
  return below.size === 0 ? null : [...below.values()];
}

const WHOLE: readonly (readonly string[])[] = [[]];

function inTime({ fromNs, toNs }: Scope, ns: bigint): boolean {
  return (fromNs === null || ns >= fromNs) && (toNs === null || ns <= toNs);
}

/** By whole names: `a/b` does not lie below `a/bc`. */
export function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((name, i) => name === path[i]);
}
