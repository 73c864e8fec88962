/**
 * Many JSON pointers looked up in one pass over a payload. Each pointer has a slot; a walk leaves the range of the
 * value that each pointer finds. An object is left as soon as all names asked of it were seen.
 */
import { quote } from '../sources/json-text.js';
import { lineEnd, skipString, skipToClose, skipValue } from './json-bytes.js';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

class PathNode {
  slot = -1;
  readonly names = new Map<string, PathNode>();
  /** Children by the byte length of their escaped name: one or two comparisons instead of a look-up by text. */
  byLength: (Child[] | undefined)[] = [];
  items: (PathNode | undefined)[] = [];
  count = 0;
}

interface Child {
  readonly name: Buffer;
  readonly node: PathNode;
}

/** Which of a list of members a walk has to look at: their places in the list, ascending, and what is asked of each. */
export interface MemberSteps {
  readonly places: Int32Array;
  readonly nodes: readonly PathNode[];
}

/** Reference tokens of an RFC 6901 pointer. `''` is the whole value. */
export function pointerTokens(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export class PathTree {
  readonly #root = new PathNode();
  #slots = 0;
  /** Ranges found by the last walk, by slot; a start of -1: not found. */
  starts = new Int32Array(8).fill(-1);
  ends = new Int32Array(8);

  /** The slot of a pointer; the same pointer has one slot. */
  add(pointer: string): number {
    let node = this.#root;
    for (const token of pointerTokens(pointer)) {
      let next = node.names.get(token);
      if (next === undefined) {
        next = new PathNode();
        node.names.set(token, next);
        node.count++;
        const name = Buffer.from(quote(token).slice(1, -1));
        let sameLength = node.byLength[name.length];
        if (sameLength === undefined) {
          while (node.byLength.length < name.length) node.byLength.push(undefined);
          sameLength = [];
          node.byLength[name.length] = sameLength;
        }
        sameLength.push({ name, node: next });
        if (/^(0|[1-9]\d{0,8})$/.test(token)) node.items[Number(token)] = next;
      }
      node = next;
    }
    if (node.slot < 0) {
      node.slot = this.#slots++;
      if (this.#slots > this.starts.length) {
        this.starts = new Int32Array(this.#slots * 2).fill(-1);
        this.ends = new Int32Array(this.#slots * 2);
      }
    }
    return node.slot;
  }

  get size(): number {
    return this.#slots;
  }

  /** Looks all pointers up in the value at start..end. */
  walk(bytes: Buffer, start: number, end: number): void {
    const starts = this.starts;
    for (let i = 0; i < this.#slots; i++) starts[i] = -1;
    const root = this.#root;
    if (root.slot >= 0) this.#found(root, start, end);
    if (root.count > 0) this.#inside(root, bytes, start);
  }

  /** The steps of `walkMembers` for an object whose members have these names, escaped as in canonical JSON. */
  stepsFor(names: readonly Buffer[]): MemberSteps {
    const places: number[] = [];
    const nodes: PathNode[] = [];
    for (const [place, name] of names.entries()) {
      const children = this.#root.byLength[name.length];
      const node = children === undefined ? undefined : childNamed(children, name, 0, name.length);
      if (node === undefined) continue;
      places.push(place);
      nodes.push(node);
    }
    return { places: Int32Array.from(places), nodes };
  }

  /**
   * Looks all pointers up in an object that is not there as text: the values of its members stand at start..end, a line
   * feed between two. A pointer to the whole object finds nothing.
   */
  walkMembers({ places, nodes }: MemberSteps, bytes: Buffer, start: number, end: number): void {
    const starts = this.starts;
    for (let i = 0; i < this.#slots; i++) starts[i] = -1;
    let at = start;
    let place = 0;
    for (let step = 0; step < places.length; step++) {
      for (const next = places[step]!; place < next; place++) at = lineEnd(bytes, at, end) + 1;
      const stop = lineEnd(bytes, at, end);
      const node = nodes[step]!;
      if (node.slot >= 0) this.#found(node, at, stop);
      if (node.count > 0) this.#inside(node, bytes, at);
      at = stop + 1;
      place++;
    }
  }

  #inside(node: PathNode, bytes: Buffer, at: number): void {
    if (bytes[at] === OPEN_OBJECT) this.#object(node, bytes, at, false);
    else if (bytes[at] === OPEN_ARRAY) this.#array(node, bytes, at);
  }

  #found(node: PathNode, start: number, end: number): void {
    this.starts[node.slot] = start;
    this.ends[node.slot] = end;
  }

  #value(node: PathNode, bytes: Buffer, at: number): number {
    let end: number;
    if (node.count === 0) end = skipValue(bytes, at);
    else if (bytes[at] === OPEN_OBJECT) end = this.#object(node, bytes, at, true);
    else if (bytes[at] === OPEN_ARRAY) end = this.#array(node, bytes, at);
    else end = skipValue(bytes, at);
    if (node.slot >= 0) this.#found(node, at, end);
    return end;
  }

  /** Index after the object; anything where `needEnd` is false. */
  #object(node: PathNode, bytes: Buffer, at: number, needEnd: boolean): number {
    const byLength = node.byLength;
    let left = node.count;
    let i = at + 1;
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    for (;;) {
      const keyStart = i + 1;
      const keyEnd = skipString(bytes, keyStart) - 1;
      const length = keyEnd - keyStart;
      const children = length < byLength.length ? byLength[length] : undefined;
      const child = children === undefined ? undefined : childNamed(children, bytes, keyStart, length);
      if (child === undefined) {
        i = skipValue(bytes, keyEnd + 2);
      } else {
        i = this.#value(child, bytes, keyEnd + 2);
        if (--left === 0) return needEnd ? skipToClose(bytes, i) : i;
      }
      if (bytes[i] !== COMMA) return i + 1;
      i++;
    }
  }

  #array(node: PathNode, bytes: Buffer, at: number): number {
    let i = at + 1;
    if (bytes[i] === CLOSE_ARRAY) return i + 1;
    for (let index = 0; index < node.items.length; index++) {
      const child = node.items[index];
      i = child === undefined ? skipValue(bytes, i) : this.#value(child, bytes, i);
      if (bytes[i] !== COMMA) return i + 1;
      i++;
    }
    return skipToClose(bytes, i);
  }
}

function childNamed(
  children: readonly Child[],
  bytes: Buffer,
  at: number,
  length: number,
): PathNode | undefined {
  for (let c = 0; c < children.length; c++) {
    const child = children[c]!;
    const name = child.name;
    let i = 0;
    while (i < length && name[i] === bytes[at + i]) i++;
    if (i === length) return child.node;
  }
  return undefined;
}
