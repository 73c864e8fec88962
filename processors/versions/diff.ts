/**
 * What differs between two definitions, as a list of changes that make one of the other when they are applied in order.
 * Pure.
 */
import { canonicalTreeText, type JsonTree, treeText } from './json-tree.js';

/**
 * `add`, `remove` and `replace` are those of a JSON Patch (RFC 6902). `order`: the members are the same, and stand in
 * another order where that has a meaning; before and after are the lists of their names.
 */
export interface DefinitionChange {
  readonly op: 'add' | 'remove' | 'replace' | 'order';
  /** JSON pointer, at the time when the change is applied. */
  readonly pointer: string;
  /** JSON text; undefined with `add`. */
  readonly before: string | undefined;
  /** JSON text; undefined with `remove`. */
  readonly after: string | undefined;
}

/** True for objects whose members' order has a meaning. */
export type IsOrdered = (pointer: string) => boolean;

export function diffTrees(before: JsonTree, after: JsonTree, isOrdered: IsOrdered): DefinitionChange[] {
  const changes: DefinitionChange[] = [];
  compare(before, after, '', isOrdered, changes);
  return changes;
}

function compare(
  a: JsonTree,
  b: JsonTree,
  pointer: string,
  isOrdered: IsOrdered,
  changes: DefinitionChange[],
): void {
  if (treeText(a) === treeText(b)) return;
  if (a.kind === 'object' && b.kind === 'object') {
    compareMembers(a.members, b.members, pointer, isOrdered, changes);
  } else if (a.kind === 'array' && b.kind === 'array') {
    compareItems(a.items, b.items, pointer, isOrdered, changes);
  } else if (canonicalTreeText(a) !== canonicalTreeText(b)) {
    changes.push({ op: 'replace', pointer, before: treeText(a), after: treeText(b) });
  }
}

function compareMembers(
  a: ReadonlyMap<string, JsonTree>,
  b: ReadonlyMap<string, JsonTree>,
  pointer: string,
  isOrdered: IsOrdered,
  changes: DefinitionChange[],
): void {
  const kept: string[] = [];
  for (const [name, was] of a) {
    const at = `${pointer}/${escapeToken(name)}`;
    const is = b.get(name);
    if (is === undefined)
      changes.push({ op: 'remove', pointer: at, before: treeText(was), after: undefined });
    else {
      kept.push(name);
      compare(was, is, at, isOrdered, changes);
    }
  }
  for (const [name, is] of b) {
    if (a.has(name)) continue;
    kept.push(name);
    const at = `${pointer}/${escapeToken(name)}`;
    changes.push({ op: 'add', pointer: at, before: undefined, after: treeText(is) });
  }
  const wanted = [...b.keys()];
  if (isOrdered(pointer) && kept.some((name, i) => name !== wanted[i])) {
    changes.push({ op: 'order', pointer, before: JSON.stringify(kept), after: JSON.stringify(wanted) });
  }
}

/** What both lists begin and end with stays; between, item is compared with item, and the longer list's rest is one-sided. */
function compareItems(
  a: readonly JsonTree[],
  b: readonly JsonTree[],
  pointer: string,
  isOrdered: IsOrdered,
  changes: DefinitionChange[],
): void {
  const same = (x: JsonTree | undefined, y: JsonTree | undefined): boolean =>
    x !== undefined && y !== undefined && treeText(x) === treeText(y);
  let start = 0;
  while (same(a[start], b[start])) start++;
  let end = 0;
  const shorter = Math.min(a.length, b.length);
  while (end < shorter - start && same(a[a.length - 1 - end], b[b.length - 1 - end])) end++;
  const paired = shorter - end;
  for (let i = start; i < paired; i++) compare(a[i]!, b[i]!, `${pointer}/${i}`, isOrdered, changes);
  // From the back, so that no removal moves what a later one names.
  for (let i = a.length - end - 1; i >= paired; i--)
    changes.push({ op: 'remove', pointer: `${pointer}/${i}`, before: treeText(a[i]!), after: undefined });
  for (let i = paired; i < b.length - end; i++)
    changes.push({ op: 'add', pointer: `${pointer}/${i}`, before: undefined, after: treeText(b[i]!) });
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
