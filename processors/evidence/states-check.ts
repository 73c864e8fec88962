/** Reads the lines of final states as they are unpacked: their order, the tree over them, and one that is looked for. */
import type { StateLine } from './format.js';
import { MerkleTree, type PathStep } from './merkle.js';

/** A line holds a type, an id and a hash; ids have at most a few kilobytes. */
const LINE_MAX_BYTES = 1 << 20;
const LINE_END = 0x0a;

export class StatesCheck {
  readonly #wanted: { readonly entityType: string; readonly entityId: string } | null;
  readonly #tree = new MerkleTree();
  #rest: Buffer = Buffer.alloc(0);
  #last: readonly [Buffer, Buffer] | null = null;
  found: StateLine | null = null;

  constructor(wanted: { readonly entityType: string; readonly entityId: string } | null) {
    this.#wanted = wanted;
  }

  get entities(): number {
    return this.#tree.leaves;
  }

  /** Throws where a line is none, or out of order. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      this.#line(JSON.parse(bytes.toString('utf8', from, end)) as StateLine);
      from = end + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > LINE_MAX_BYTES) throw new RangeError('a line is too long');
  }

  end(): void {
    if (this.#rest.length > 0) throw new RangeError('the last line is cut off');
  }

  finish(): { root: Buffer; path: readonly PathStep[] | null } {
    return this.#tree.finish();
  }

  #line(line: StateLine): void {
    const key = [Buffer.from(line.entity_type), Buffer.from(line.entity_id)] as const;
    if (this.#last !== null && order(this.#last, key) >= 0) throw new RangeError('two lines out of order');
    this.#last = key;
    const wanted = line.entity_type === this.#wanted?.entityType && line.entity_id === this.#wanted.entityId;
    if (wanted) this.found = line;
    this.#tree.add(Buffer.from(line.leaf, 'hex'), wanted);
  }
}

function order(a: readonly [Buffer, Buffer], b: readonly [Buffer, Buffer]): number {
  return Buffer.compare(a[0], b[0]) || Buffer.compare(a[1], b[1]);
}
