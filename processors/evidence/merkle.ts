/**
 * One hash over the final states of all entities, as in RFC 6962: leaves and inner nodes are hashed apart, a tree of any
 * size has one shape, and a path of some twenty hashes ties one entity to the root. Leaves stream by; what is kept grows
 * with the logarithm of their number. Pure.
 */
import { createHash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export interface Leaf {
  readonly entityType: string;
  readonly entityId: string;
  /** False: its last event ended it. */
  readonly exists: boolean;
  /** Canonical JSON of the final state. */
  readonly state: Buffer;
}

/** SHA-256(00 ‖ length and bytes of type ‖ length and bytes of id ‖ 01 or 00 ‖ state); lengths in four bytes, big-endian. */
export function leafHash({ entityType, entityId, exists, state }: Leaf): Buffer {
  const hash = createHash('sha256').update(LEAF);
  for (const text of [entityType, entityId]) {
    const bytes = Buffer.from(text);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    hash.update(size).update(bytes);
  }
  return hash
    .update(Buffer.from([exists ? 1 : 0]))
    .update(state)
    .digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

export interface PathStep {
  readonly side: 'left' | 'right';
  /** Hash of the neighbour on that side, hexadecimal. */
  readonly hash: string;
}

interface Node {
  readonly hash: Buffer;
  readonly leaves: number;
  /** Set on nodes above the tracked leaf. */
  readonly path: readonly PathStep[] | null;
}

export class MerkleTree {
  readonly #stack: Node[] = [];
  #leaves = 0;

  get leaves(): number {
    return this.#leaves;
  }

  /** `tracked`: the leaf whose path is wanted. */
  add(hash: Buffer, tracked = false): void {
    this.#leaves++;
    let node: Node = { hash, leaves: 1, path: tracked ? [] : null };
    for (
      let top = this.#stack.at(-1);
      top !== undefined && top.leaves === node.leaves;
      top = this.#stack.at(-1)
    ) {
      this.#stack.pop();
      node = joined(top, node);
    }
    this.#stack.push(node);
  }

  /** The root over what was added, and the path of the tracked leaf, from the leaf up; null: none was tracked. */
  finish(): { root: Buffer; path: readonly PathStep[] | null } {
    const [last, ...rest] = [...this.#stack].reverse();
    if (last === undefined) return { root: createHash('sha256').digest(), path: null };
    const { hash, path } = rest.reduce((right, left) => joined(left, right), last);
    return { root: hash, path };
  }
}

function joined(left: Node, right: Node): Node {
  const path =
    left.path !== null
      ? [...left.path, { side: 'right' as const, hash: right.hash.toString('hex') }]
      : right.path !== null
        ? [...right.path, { side: 'left' as const, hash: left.hash.toString('hex') }]
        : null;
  return { hash: nodeHash(left.hash, right.hash), leaves: left.leaves + right.leaves, path };
}

/** The root that a leaf and its path lead to. */
export function rootOf(leaf: Buffer, path: readonly PathStep[]): Buffer {
  let hash = leaf;
  for (const step of path) {
    const other = Buffer.from(step.hash, 'hex');
    hash = step.side === 'left' ? nodeHash(other, hash) : nodeHash(hash, other);
  }
  return hash;
}
