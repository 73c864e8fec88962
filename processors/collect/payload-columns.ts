/** A payload's two columns: the names of its members as a key of a dictionary, their values beside them. */
import { ByteBlock, equalBytes } from '../snapshots/byte-block.js';
import type { MemberPlaces } from '../sources/event-places.js';
import { payloadMembers } from '../sources/payload-members.js';
import type { DictionaryColumn, StringColumn } from '../store/native-columns.js';

const LINE_FEED = 0x0a;

export class PayloadColumns {
  readonly #shape: DictionaryColumn;
  readonly #values: StringColumn;
  readonly #scratch = new ByteBlock(1024);

  constructor(shape: DictionaryColumn, values: StringColumn) {
    this.#shape = shape;
    this.#values = values;
  }

  /** A canonical JSON object as text; empty: a record that did not decode. */
  text(row: number, payload: string): void {
    const { shape, values } = payloadMembers(payload);
    this.#shape.text(row, shape);
    this.#values.text(row, values);
  }

  /** The same from the bytes where it lies. */
  places(row: number, source: Buffer, view: DataView, members: MemberPlaces): void {
    const { places, count } = members;
    this.#shape.key(row, this.#shapeKey(source, view, members));
    let size = count === 0 ? 0 : count - 1;
    for (let i = 0; i < count; i++) size += places[4 * i + 3]! - places[4 * i + 2]!;
    const block = this.#values.begin(row, size);
    for (let i = 0; i < count; i++) {
      if (i > 0) block.byte(LINE_FEED);
      block.copy(source, view, places[4 * i + 2]!, places[4 * i + 3]!);
    }
  }

  #shapeKey(source: Buffer, view: DataView, { places, count }: MemberPlaces): number {
    const { dictionary } = this.#shape;
    if (this.#isLast(source, view, places, count)) return dictionary.lastNumber;
    const scratch = this.#scratch;
    scratch.length = 0;
    scratch.reserve(1);
    scratch.byte(LINE_FEED);
    for (let i = 0; i < count; i++) {
      scratch.reserve(places[4 * i + 1]! - places[4 * i]! + 1);
      scratch.copy(source, view, places[4 * i]!, places[4 * i + 1]!);
      scratch.byte(LINE_FEED);
    }
    return dictionary.number(scratch.buffer, scratch.view, 0, scratch.length);
  }

  /** The names are those of the row before. No JSON string is the beginning of another, so comparing one by one is safe. */
  #isLast(source: Buffer, view: DataView, places: Int32Array, count: number): boolean {
    const { keys, lastStart, lastEnd } = this.#shape.dictionary;
    // The line feed that every shape begins with.
    let at = lastStart + 1;
    for (let i = 0; i < count; i++) {
      const start = places[4 * i]!;
      const size = places[4 * i + 1]! - start;
      if (at + size >= lastEnd) return false;
      if (!equalBytes(keys.buffer, keys.view, at, source, view, start, size)) return false;
      at += size + 1;
    }
    return at === lastEnd;
  }
}
