/**
 * The state of the entity that is being folded, one at a time: canonical JSON values by field, with what the current
 * event would change staged beside them. An event stages its changes, `settle` says what they come to, shape and values
 * are written, `commit` makes them the state. Until then `discard` undoes them: an event applies whole or not at all.
 *
 * A state is written as two texts: its shape, the names of the fields as JSON strings, and their values, both joined by
 * line feeds, which canonical JSON never holds. A field that is missing has an empty value: its place stays, so that
 * two states of an entity compare place by place. Declared fields come first, in their order; other fields follow,
 * sorted by the bytes of their names. The object is reused for all entities of a type.
 */
import { quote } from '../sources/json-text.js';
import { ByteBlock, equalBytes, viewOf } from './byte-block.js';
import { Cell, NO_BYTES, NO_VIEW, precedes, REMOVED, SET, store, UNCHANGED } from './cell.js';

const SEPARATOR = 0x0a;

export class EntityState {
  /** The fields of the entity type, then the others in use, in the order of the state text. */
  readonly #cells: Cell[];
  readonly #own: number;
  readonly #byName = new Map<string, Cell>();
  readonly #ranks = new Map<string, number>();
  /** Bytes of all values. */
  #bytes = 0;
  #valuesLength = 0;
  readonly #shape = new ByteBlock(256);
  #shapeIsOld = true;
  /** Another number for each text that `shape` has had. */
  shapeVersion = 0;
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
    if (this.#cells.length > this.#own) {
      for (let i = this.#own; i < this.#cells.length; i++) this.#byName.delete(this.#cells[i]!.name);
      this.#cells.length = this.#own;
      this.#shapeIsOld = true;
    }
    for (const cell of this.#cells) {
      cell.length = -1;
      cell.staged = UNCHANGED;
    }
    this.#bytes = 0;
    this.changes = 0;
  }

  /** The cell of a field, made where there is none yet. Cells other than the type's own are lost at `clear`. */
  cell(name: string): Cell {
    return this.#byName.get(name) ?? this.#newCell(name);
  }

  /** The cell of a field that is in use. */
  known(name: string): Cell | undefined {
    return this.#byName.get(name);
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
    this.#shapeIsOld = true;
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

  /** Compares what is staged with the state: sets `changes` and `valuesLength`. */
  settle(): void {
    const cells = this.#cells;
    let bytes = this.#bytes;
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
        bytes -= before;
      } else {
        const after = cell.end - cell.start;
        if (
          before === after &&
          equalBytes(cell.value, cell.valueView, 0, cell.source, cell.sourceView, cell.start, after)
        ) {
          cell.staged = UNCHANGED;
          continue;
        }
        bytes += before < 0 ? after : after - before;
      }
      changes++;
    }
    this.#settled(bytes, changes);
  }

  #settled(bytes: number, changes: number): void {
    this.#bytes = bytes;
    this.#valuesLength = bytes + Math.max(0, this.#cells.length - 1);
    this.changes = changes;
  }

  /** Bytes that `writeValues` writes; valid after `settle`. */
  get valuesLength(): number {
    return this.#valuesLength;
  }

  /** The names of all fields in their order, as JSON strings joined by line feeds. */
  get shape(): ByteBlock {
    if (this.#shapeIsOld) {
      const shape = this.#shape;
      shape.length = 0;
      for (const cell of this.#cells) {
        shape.reserve(cell.token.length + 1);
        if (shape.length > 0) shape.byte(SEPARATOR);
        shape.fixed(cell.token);
      }
      this.#shapeIsOld = false;
      this.shapeVersion++;
    }
    return this.#shape;
  }

  /** Writes the values after the staged changes, joined by line feeds. The block has room for `valuesLength` bytes. */
  writeValues(block: ByteBlock): void {
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (i > 0) block.byte(SEPARATOR);
      if (cell.staged === SET) block.copy(cell.source, cell.sourceView, cell.start, cell.end);
      else if (cell.staged === UNCHANGED && cell.length >= 0)
        block.copy(cell.value, cell.valueView, 0, cell.length);
    }
  }

  /**
   * The state as a JSON object, fields in the order of the shape: before what is staged, or after it. Valid after `settle`
   * and before `commit`.
   */
  text(after: boolean): string {
    let text = '';
    for (const cell of this.#cells) {
      const staged = after && cell.staged !== UNCHANGED;
      if (staged ? cell.staged === REMOVED : cell.length < 0) continue;
      const value = staged
        ? cell.source.toString('utf8', cell.start, cell.end)
        : cell.value.toString('utf8', 0, cell.length);
      text += `${text === '' ? '' : ','}${quote(cell.name)}:${value}`;
    }
    return `{${text}}`;
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
   * Makes `changes` those from `{}` to the state: every field that is there. Only after `commit`, and only as the last
   * thing done with an entity.
   */
  settleFromNothing(): void {
    let changes = 0;
    for (const cell of this.#cells) if (cell.length >= 0) changes++;
    this.#settled(this.#bytes, changes);
  }
}
