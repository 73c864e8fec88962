/** One field of the entity that is being folded: its value, what the current event stages, and its prepared texts. */
import { quote } from '../sources/json-text.js';
import { copyBytes, FixedBytes, viewOf } from './byte-block.js';

/** What is staged for a field. */
export const UNCHANGED = 0;
export const SET = 1;
export const REMOVED = 2;

export const NO_BYTES: Buffer = Buffer.alloc(0);
export const NO_VIEW = viewOf(NO_BYTES);

/** A field. `length` is that of its value in `value`; -1: the field is missing. */
export class Cell {
  readonly name: string;
  readonly nameBytes: Buffer;
  /** Place among the declared fields; the same large number for all others. */
  readonly rank: number;
  /** `"title"` */
  readonly token: FixedBytes;
  value = NO_BYTES;
  valueView = NO_VIEW;
  length = -1;
  staged = UNCHANGED;
  source = NO_BYTES;
  sourceView = NO_VIEW;
  start = 0;
  end = 0;

  constructor(name: string, rank: number) {
    this.name = name;
    this.rank = rank;
    this.nameBytes = Buffer.from(name);
    this.token = new FixedBytes(quote(name));
  }
}

/** Order of the state text: declared fields, then the others by the bytes of their names. */
export function precedes(a: Cell, b: Cell): boolean {
  return a.rank === b.rank ? a.nameBytes.compare(b.nameBytes) < 0 : a.rank < b.rank;
}

/** The staged value becomes the value. */
export function store(cell: Cell): void {
  const size = cell.end - cell.start;
  if (cell.value.length < size) {
    cell.value = Buffer.allocUnsafe(Math.max(size, 2 * cell.value.length, 32));
    cell.valueView = viewOf(cell.value);
  }
  copyBytes(cell.value, cell.valueView, 0, cell.source, cell.sourceView, cell.start, cell.end);
  cell.length = size;
}
