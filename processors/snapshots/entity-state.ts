/**
 * The state of the entity that is being folded, one at a time: canonical JSON values by field, with what the current
 * event would change staged beside them. An event stages its changes, `settle` says what they come to, the state text
 * and the diff are written, `commit` makes them the state. Until then `discard` undoes them: an event applies whole
 * or not at all.
 *
 * Declared fields come first, in their order; other fields follow, sorted by the bytes of their names. The object is
 * reused for all entities of a type.
 */
import { type ByteBlock, equalBytes, FixedBytes, viewOf } from './byte-block.js';
import { Cell, NO_BYTES, NO_VIEW, precedes, REMOVED, SET, store, UNCHANGED } from './cell.js';

const AFTER = new FixedBytes(',"after":');
const ADDED_TAIL = new FixedBytes(',"operation":"added"},');
const REMOVED_TAIL = new FixedBytes(',"operation":"removed"},');
const MODIFIED_TAIL = new FixedBytes(',"operation":"modified"},');

export class EntityState {
  /** The fields of the entity type, then the others in use, in the order of the state text. */
  readonly #cells: Cell[];
  readonly #own: number;
  readonly #byName = new Map<string, Cell>();
  readonly #ranks = new Map<string, number>();
  /** Bytes of all members, each with one comma. */
  #members = 0;
  #stateLength = 2;
  #diffLength = 2;
  /** What was staged from last, usually the chunk that all values of an event come from. */
  #source = NO_BYTES;
  #sourceView = NO_VIEW;
  /** Fields that the staged changes add, modify or remove; valid after `settle`. */
  changes = 0;

  /** `own`: fields of the entity type, whose cells live as long as this object; `others`: declared after them. */
  constructor(own: readonly string[], others: readonly string[] = []) {
    for (const [rank, name] of [...own, ...others].entries()) this.#ranks.set(name, rank);
    this.#cells = own.map((name, rank) => new Cell(name, rank));
    this.#own = own.length;
    for (const cell of this.#cells) this.#byName.set(cell.name, cell);
  }

  /** Back to `{}`, for the next entity. */
  clear(): void {
    for (let i = this.#own; i < this.#cells.length; i++) this.#byName.delete(this.#cells[i]!.name);
    this.#cells.length = this.#own;
    for (const cell of this.#cells) {
      cell.length = -1;
      cell.staged = UNCHANGED;
    }
    this.#members = 0;
    this.#stateLength = 2;
    this.changes = 0;
  }

  /** The cell of a field, made where there is none yet. Cells other than the type's own are lost at `clear`. */
  cell(name: string): Cell {
    return this.#byName.get(name) ?? this.#newCell(name);
  }

  #newCell(name: string): Cell {
    const cell = new Cell(name, this.#ranks.get(name) ?? Number.MAX_SAFE_INTEGER);
    let low = this.#own;
    let high = this.#cells.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (precedes(this.#cells[middle]!, cell)) low = middle + 1;
      else high = middle;
    }
    this.#cells.splice(low, 0, cell);
    this.#byName.set(name, cell);
    return cell;
  }

  /** Stages a value. The bytes must stay as they are until `commit` or `discard`. */
  set(cell: Cell, source: Buffer, start: number, end: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = viewOf(source);
    }
    cell.staged = SET;
    cell.source = source;
    cell.sourceView = this.#sourceView;
    cell.start = start;
    cell.end = end;
  }

  remove(cell: Cell): void {
    cell.staged = REMOVED;
  }

  /** Fields of the entity type itself: their cells can be kept. */
  isOwn(cell: Cell): boolean {
    return cell.rank < this.#own;
  }

  removeAll(): void {
    for (const cell of this.#cells) cell.staged = REMOVED;
  }

  /** True: a value is staged, of whatever field. */
  get anySet(): boolean {
    return this.#cells.some((cell) => cell.staged === SET);
  }

  /** The value of a field as staged so far, handed to `use`; false: the field is missing. */
  read(cell: Cell, use: { bytes: Buffer; start: number; end: number }): boolean {
    if (cell.staged === REMOVED) return false;
    if (cell.staged === SET) {
      use.bytes = cell.source;
      use.start = cell.start;
      use.end = cell.end;
      return true;
    }
    if (cell.length < 0) return false;
    use.bytes = cell.value;
    use.start = 0;
    use.end = cell.length;
    return true;
  }

  /** Compares what is staged with the state: sets `changes`, `stateLength` and `diffLength`. */
  settle(): void {
    const cells = this.#cells;
    let members = this.#members;
    let diff = 0;
    let changes = 0;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (cell.staged === UNCHANGED) continue;
      const before = cell.length;
      if (cell.staged === REMOVED) {
        if (before < 0) {
          cell.staged = UNCHANGED;
          continue;
        }
        members -= cell.key.length + before;
        diff += cell.beforeHead.length + before + REMOVED_TAIL.length;
      } else {
        const after = cell.end - cell.start;
        if (before < 0) {
          members += cell.key.length + after;
          diff += cell.addedHead.length + after + ADDED_TAIL.length;
        } else if (
          before === after &&
          equalBytes(cell.value, cell.valueView, 0, cell.source, cell.sourceView, cell.start, after)
        ) {
          cell.staged = UNCHANGED;
          continue;
        } else {
          members += after - before;
          diff += cell.beforeHead.length + before + AFTER.length + after + MODIFIED_TAIL.length;
        }
      }
      changes++;
    }
    this.#settled(members, diff, changes);
  }

  #settled(members: number, diff: number, changes: number): void {
    this.#members = members;
    this.#stateLength = members === 0 ? 2 : members + 1;
    // Each item has its comma, and the last one's gives way to the bracket.
    this.#diffLength = changes === 0 ? 2 : diff + 1;
    this.changes = changes;
  }

  /** Bytes of the state text after the staged changes. */
  get stateLength(): number {
    return this.#stateLength;
  }

  get diffLength(): number {
    return this.#diffLength;
  }

  /** Writes the state after the staged changes. The block has room for `stateLength` bytes. */
  writeState(block: ByteBlock): void {
    const cells = this.#cells;
    const start = block.length;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (cell.staged === SET) {
        block.fixed(cell.key);
        block.copy(cell.source, cell.sourceView, cell.start, cell.end);
      } else if (cell.staged === UNCHANGED && cell.length >= 0) {
        block.fixed(cell.key);
        block.copy(cell.value, cell.valueView, 0, cell.length);
      }
    }
    // Every key brings a comma: the first one's place is the brace's.
    if (block.length === start) block.length++;
    block.buffer[start] = 0x7b;
    block.byte(0x7d);
  }

  /** Writes the diff from the state to the staged changes. The block has room for `diffLength` bytes. */
  writeDiff(block: ByteBlock): void {
    const cells = this.#cells;
    let left = this.changes;
    block.byte(0x5b);
    if (left === 0) block.length++;
    for (let i = 0; left > 0; i++) {
      const cell = cells[i]!;
      if (cell.staged === UNCHANGED) continue;
      left--;
      if (cell.length < 0) {
        block.fixed(cell.addedHead);
        block.copy(cell.source, cell.sourceView, cell.start, cell.end);
        block.fixed(ADDED_TAIL);
        continue;
      }
      block.fixed(cell.beforeHead);
      block.copy(cell.value, cell.valueView, 0, cell.length);
      if (cell.staged === SET) {
        block.fixed(AFTER);
        block.copy(cell.source, cell.sourceView, cell.start, cell.end);
        block.fixed(MODIFIED_TAIL);
      } else {
        block.fixed(REMOVED_TAIL);
      }
    }
    block.buffer[block.length - 1] = 0x5d;
  }

  /** The staged changes become the state. */
  commit(): void {
    if (this.changes === 0) return;
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (cell.staged === SET) store(cell);
      else if (cell.staged === REMOVED) cell.length = -1;
      cell.staged = UNCHANGED;
    }
  }

  /** Drops what is staged; only before `settle`. */
  discard(): void {
    for (const cell of this.#cells) cell.staged = UNCHANGED;
  }

  /**
   * Turns the diff that is written next into the one from `{}` to the state: every field that is there, as added.
   * Only after `commit`, and only as the last thing done with an entity.
   */
  settleFromNothing(): void {
    let changes = 0;
    let diff = 0;
    for (const cell of this.#cells) {
      if (cell.length < 0) continue;
      cell.staged = SET;
      cell.source = cell.value;
      cell.sourceView = cell.valueView;
      cell.start = 0;
      cell.end = cell.length;
      diff += cell.addedHead.length + cell.length + ADDED_TAIL.length;
      cell.length = -1;
      changes++;
    }
    this.#settled(this.#members, diff, changes);
  }
}
