/**
 * JSON Patch (RFC 6902) on JSON text: all of a list or nothing. Values are compared and copied as canonical text, so no
 * digit is lost. One thing more than the RFC: `add` makes the objects that are missing on the way. Pure.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { canonicalTreeText, type JsonTree, parseTree } from '../versions/json-tree.js';

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** Names of the way, from the root. */
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: JsonTree | null;
}

/** Of a list as a caller wrote it. Its shape is checked already. Errors: patch_invalid with a pointer below `at`. */
export function parsePatch(json: string, at: string): PatchOperation[] {
  const list = parseTree(json);
  if (list.kind !== 'array') throw invalid(at, 'a list of operations is expected');
  return list.items.map((item, i) => operationOf(item, `${at}/${i}`));
}

function operationOf(item: JsonTree, at: string): PatchOperation {
  const members = item.kind === 'object' ? item.members : new Map<string, JsonTree>();
  const text = (name: string): string | undefined => {
    const member = members.get(name);
    return member?.kind === 'scalar' && member.json.startsWith('"')
      ? (JSON.parse(member.json) as string)
      : undefined;
  };
  const op = text('op') as PatchOperation['op'];
  const way = (name: 'path' | 'from'): string[] => {
    const pointer = text(name);
    if (pointer === undefined || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer))
      throw invalid(`${at}/${name}`, 'a JSON pointer is expected');
    return pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  };
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  const value = members.get('value') ?? null;
  if (needsValue && value === null) throw invalid(`${at}/value`, `${op} takes a value`);
  const from = op === 'move' || op === 'copy' ? way('from') : [];
  const path = way('path');
  if (op === 'move' && path.length > from.length && from.every((name, i) => name === path[i]))
    throw invalid(`${at}/path`, 'a value cannot be moved into itself');
  return { op, path, from, value };
}

/** The document after all operations. Errors: patch_failed, its pointer below `at`. */
export function applyPatch(document: JsonTree, patch: readonly PatchOperation[], at: string): JsonTree {
  return patch.reduce((tree, operation, i) => {
    try {
      return applied(tree, operation);
    } catch (error) {
      if (!(error instanceof PatchFailure)) throw error;
      throw new RewindError(
        'patch_failed',
        `${operation.op} /${operation.path.join('/')}: ${error.message}`,
        {
          pointer: `${at}/${i}`,
        },
      );
    }
  }, document);
}

class PatchFailure extends Error {}

function applied(tree: JsonTree, { op, path, from, value }: PatchOperation): JsonTree {
  switch (op) {
    case 'add':
      return put(tree, path, value!, true);
    case 'replace':
      found(tree, path);
      return put(tree, path, value!, false);
    case 'remove':
      return removed(tree, path);
    case 'copy':
      return put(tree, path, found(tree, from), true);
    case 'move':
      return put(removed(tree, from), path, found(tree, from), true);
    case 'test':
      if (canonicalTreeText(found(tree, path)) === canonicalTreeText(value!)) return tree;
      throw new PatchFailure('another value stands there');
  }
}

function found(tree: JsonTree, path: readonly string[]): JsonTree {
  let at = tree;
  for (const name of path) {
    const next =
      at.kind === 'object'
        ? at.members.get(name)
        : at.kind === 'array'
          ? at.items[indexOf(name, at.items.length - 1)]
          : undefined;
    if (next === undefined) throw new PatchFailure('there is nothing');
    at = next;
  }
  return at;
}

/** `inserts`: an item goes in front of the one at its index, and missing objects are made. */
function put(tree: JsonTree, path: readonly string[], value: JsonTree, inserts: boolean): JsonTree {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (tree.kind === 'object') {
    const known = tree.members.get(name);
    const inner = rest.length === 0 ? value : put(known ?? emptyFor(inserts), rest, value, inserts);
    return { kind: 'object', members: new Map(tree.members).set(name, inner) };
  }
  if (tree.kind !== 'array') throw new PatchFailure('the way leads through a value that is no object');
  const items = [...tree.items];
  if (rest.length === 0 && inserts) {
    items.splice(name === '-' ? items.length : indexOf(name, items.length), 0, value);
  } else {
    const index = indexOf(name, items.length - 1);
    items[index] = rest.length === 0 ? value : put(items[index]!, rest, value, inserts);
  }
  return { kind: 'array', items };
}

function emptyFor(inserts: boolean): JsonTree {
  if (!inserts) throw new PatchFailure('there is nothing');
  return { kind: 'object', members: new Map() };
}

function removed(tree: JsonTree, path: readonly string[]): JsonTree {
  found(tree, path);
  const [name, ...rest] = path;
  if (name === undefined) return { kind: 'scalar', json: 'null' };
  if (tree.kind === 'object') {
    const members = new Map(tree.members);
    if (rest.length === 0) members.delete(name);
    else members.set(name, removed(members.get(name)!, rest));
    return { kind: 'object', members };
  }
  const items = [...(tree as { items: readonly JsonTree[] }).items];
  const index = indexOf(name, items.length - 1);
  if (rest.length === 0) items.splice(index, 1);
  else items[index] = removed(items[index]!, rest);
  return { kind: 'array', items };
}

function indexOf(name: string, last: number): number {
  const index = /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : -1;
  if (index < 0 || index > last) throw new PatchFailure(`${excerpt(name)} is no place in the list`);
  return index;
}

function invalid(pointer: string, message: string): RewindError {
  return new RewindError('patch_invalid', `${pointer}: ${message}`, { pointer });
}
