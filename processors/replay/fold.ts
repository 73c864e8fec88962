/**
 * The fold of one unit: rows of many entities, sorted, become snapshots and diffs. Pure: the output is a function of
 * the options and the bytes of the rows, wherever the chunks are cut, so that a unit can be done again at will.
 *
 * This is the hot path of a replay. A row is read where it lies in the chunk, field values are compared and copied as
 * canonical bytes, and no JavaScript object is made for an event unless it fails.
 */
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import type { PlannedRule } from '../encodings/compile.js';
import { sameBytes } from '../encodings/json-bytes.js';
import { matchRule, ruleItems } from '../encodings/match-rule.js';
import { type Evolution, evolve } from '../reducers/evolve.js';
import { copyBytes, viewOf } from '../snapshots/byte-block.js';
import { CONFLICT, EventIds, FIRST } from './fold-ids.js';
import { letterOf, tooLarge } from './fold-letters.js';
import { SnapshotRows } from './fold-output.js';
import { EventPlans, type TypeState, TypeStates } from './fold-plans.js';
import { FoldRow, RowSubject } from './fold-row.js';
import { type FoldCounters, type FoldOptions, loserKey } from './fold-types.js';

/** How much of a chunk is first copied behind a row that the chunk before cut; doubled until the row is whole. */
const CARRY_STEP_BYTES = 4096;

export class FoldUnit {
  readonly #options: FoldOptions;
  readonly #counters: FoldCounters = {
    events: 0,
    processed: 0,
    failed: 0,
    duplicates: 0,
    conflicts: 0,
    skipped: 0,
    snapshots: 0,
    changed: 0,
    entities: 0,
  };
  readonly #row: FoldRow;
  readonly #subject: RowSubject;
  readonly #ids = new EventIds();
  readonly #plans: EventPlans;
  readonly #types: TypeStates;
  readonly #output: SnapshotRows;
  readonly #outcome: Evolution = { exists: true, failure: null };

  /** The beginning of a row that the last chunk cut. */
  #carry = Buffer.allocUnsafe(2 * CARRY_STEP_BYTES);
  #carried = 0;

  /** The open entity; null before the first row. */
  #type: TypeState | null = null;
  /** Events of it that are no copies. */
  #firsts = 0;
  /** Events of it that were folded: the next fold_seq. */
  #folded = 0;
  /** Why all further events of it fail (onFailure: stop_entity); null: they do not. */
  #stopped: { readonly code: ErrorCode; readonly error: string } | null = null;
  /** occurred_at to n of its last folded event, for `snapshots: final`. */
  #last = Buffer.alloc(256);
  #lastView = viewOf(this.#last);
  #lastLength = 0;
  #lastExists = true;
  /** Coordinates, but for n, of the record whose event id was new last: where a record fans out within the entity. */
  #record = Buffer.alloc(128);
  #recordLength = 0;

  constructor(options: FoldOptions) {
    this.#options = options;
    this.#row = new FoldRow(options.mapped ?? false);
    this.#subject = new RowSubject(this.#row);
    this.#plans = new EventPlans(options.encoding);
    this.#types = new TypeStates(options.encoding);
    this.#output = new SnapshotRows(options.sink.rows, options.jobId, options.claim);
  }

  /**
   * Folds the rows of a chunk, cut anywhere; the chunk may be reused afterwards. All rows made are in the sink on
   * return. Errors: entity_too_large; with onFailure `stop` the code of the failure, coordinates in `facts`.
   */
  push(chunk: Buffer): void {
    let at = 0;
    if (this.#carried > 0) {
      at = this.#completeRow(chunk);
      if (at < 0) return;
    }
    const end = chunk.length;
    for (;;) {
      const next = this.#row.parse(chunk, at, end);
      if (next < 0) break;
      this.#foldRow();
      at = next;
    }
    this.#keep(chunk, at, end);
    this.#output.flush();
  }

  /** Ends the last entity. Call once. Errors: store_unavailable where the input ended inside a row. */
  finish(): FoldCounters {
    if (this.#carried > 0)
      throw new RewindError(
        'store_unavailable',
        `the fold's input ended inside a row, ${this.#carried} bytes left`,
      );
    this.#closeEntity();
    this.#output.flush();
    return { ...this.#counters };
  }

  /** Folds the row that begins in the carry; how much of the chunk it took, or -1: all, and it is still not whole. */
  #completeRow(chunk: Buffer): number {
    const before = this.#carried;
    let taken = 0;
    for (let step = CARRY_STEP_BYTES; taken < chunk.length; step *= 2) {
      const until = Math.min(taken + step, chunk.length);
      this.#keep(chunk, taken, until);
      taken = until;
      const next = this.#row.parse(this.#carry, 0, this.#carried);
      if (next < 0) continue;
      this.#foldRow();
      this.#carried = 0;
      return next - before;
    }
    return -1;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#carry.length));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    chunk.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }

  #foldRow(): void {
    const row = this.#row;
    this.#counters.events++;
    if (this.#type === null || !this.#output.isEntity(row.bytes, row.view, row.entity, row.entityEnd))
      this.#openEntity();
    if (!this.#isFirst()) return;
    const plan = this.#plans.of(row);
    if (plan === null) {
      this.#counters.skipped++;
      return;
    }
    const subject = this.#subject;
    subject.bytes = row.bytes;
    subject.paths = plan.paths;
    subject.items = null;
    plan.paths.walk(row.bytes, row.payload, row.payloadEnd);
    const rule = matchRule(plan, subject);
    if (rule === null) this.#counters.skipped++;
    else if (this.#stopped !== null) this.#fail(this.#stopped.code, this.#stopped.error);
    else if (row.entityId === row.entityEnd) this.#fail('entity_id_missing', 'the event has no entity id');
    else this.#apply(rule);
  }

  /** Counts and records copies: true for the first event of an id, and for further items of the same record. */
  #isFirst(): boolean {
    const { losers, encoding, maxEventsPerEntity } = this.#options;
    const row = this.#row;
    const { bytes, view } = row;
    if (losers.size > 0 && this.#isLoser()) {
      this.#conflict('the first event of this id belongs to another entity');
      return false;
    }
    // A body hash of 0: the store has seen that the id occurs once in the whole input.
    const alone = view.getInt32(row.bodyHash) === 0 && view.getInt32(row.bodyHash + 4) === 0;
    const seen = alone ? FIRST : this.#ids.add(bytes, view, row.eventId, row.eventIdEnd, row.bodyHash);
    if (seen === FIRST) {
      if (++this.#firsts > maxEventsPerEntity) throw tooLarge(this.#row, maxEventsPerEntity);
      if (encoding.fansOut) this.#rememberRecord();
      return true;
    }
    // Rows of one record stand next to each other in both orderings.
    if (encoding.fansOut && sameBytes(bytes, row.place, row.placeEnd, this.#record, 0, this.#recordLength))
      return true;
    if (seen === CONFLICT) this.#conflict('an event of this id with another body came first');
    else this.#counters.duplicates++;
    return false;
  }

  #isLoser(): boolean {
    const row = this.#row;
    return this.#options.losers.has(loserKey(row.text('event_id'), row.ownEntityType, row.ownEntityId));
  }

  #rememberRecord(): void {
    const { bytes, place, placeEnd } = this.#row;
    this.#recordLength = placeEnd - place;
    if (this.#recordLength > this.#record.length) this.#record = Buffer.alloc(2 * this.#recordLength);
    bytes.copy(this.#record, 0, place, placeEnd);
  }

  #apply(rule: PlannedRule): void {
    const row = this.#row;
    const type = this.#type!;
    const state = type.state;
    const outcome = this.#outcome;
    let start = row.payload;
    if (rule.forEach !== null) {
      start = this.#walkItem(rule.forEach);
      if (start < 0) {
        this.#fail('operation_failed', `the encoding finds no item ${row.n} in the record`);
        return;
      }
    }
    evolve(rule, type.cells(rule), state, this.#subject, start, outcome);
    if (outcome.failure !== null) {
      state.discard();
      this.#fail('operation_failed', outcome.failure);
      return;
    }
    state.settle();
    this.#emit(outcome.exists);
    state.commit();
  }

  /** Where the item of the record begins that this row stands for; -1: there is none. */
  #walkItem(forEach: NonNullable<PlannedRule['forEach']>): number {
    const ranges = ruleItems(forEach, this.#subject);
    const start = ranges[2 * this.#row.n];
    if (start === undefined) return -1;
    forEach.items.walk(this.#row.bytes, start, ranges[2 * this.#row.n + 1]!);
    this.#subject.items = forEach.items;
    return start;
  }

  #emit(exists: boolean): void {
    const { bytes, view, source, sourceEnd } = this.#row;
    const { snapshots } = this.#options;
    const counters = this.#counters;
    const state = this.#type!.state;
    const foldSeq = this.#folded++;
    counters.processed++;
    if (foldSeq === 0) counters.entities++;
    if (state.changes > 0) counters.changed++;
    if (snapshots === 'final') {
      const size = sourceEnd - source;
      if (size > this.#last.length) {
        this.#last = Buffer.alloc(2 * size);
        this.#lastView = viewOf(this.#last);
      }
      copyBytes(this.#last, this.#lastView, 0, bytes, view, source, sourceEnd);
      this.#lastLength = size;
      this.#lastExists = exists;
    } else if (snapshots === 'all' || state.changes > 0) {
      counters.snapshots++;
      this.#output.write(state, foldSeq, exists, bytes, view, source, sourceEnd);
    }
  }

  #openEntity(): void {
    const row = this.#row;
    this.#closeEntity();
    this.#output.openEntity(row.bytes, row.entity, row.entityEnd);
    this.#type = this.#types.of(row.ownEntityType);
    this.#type.state.clear();
    this.#ids.clear();
    this.#firsts = 0;
    this.#folded = 0;
    this.#stopped = null;
    this.#recordLength = 0;
  }

  #closeEntity(): void {
    if (this.#options.snapshots !== 'final' || this.#folded === 0) return;
    const state = this.#type!.state;
    state.settleFromNothing();
    this.#counters.snapshots++;
    this.#output.write(
      state,
      this.#folded - 1,
      this.#lastExists,
      this.#last,
      viewOf(this.#last),
      0,
      this.#lastLength,
    );
    this.#folded = 0;
  }

  #fail(code: ErrorCode, error: string): void {
    const { onFailure, sink } = this.#options;
    const letter = letterOf(this.#row, 'failed', code, error);
    if (onFailure === 'stop') {
      throw new RewindError(code, `event ${excerpt(letter.eventId)}: ${excerpt(error)}`, {
        facts: { ...letter },
      });
    }
    this.#counters.failed++;
    if (onFailure === 'stop_entity') {
      this.#stopped ??= { code, error: `stopped by event ${excerpt(letter.eventId)}: ${excerpt(error)}` };
    }
    sink.onDeadLetter(letter);
  }

  #conflict(error: string): void {
    this.#counters.conflicts++;
    this.#options.sink.onDeadLetter(letterOf(this.#row, 'conflict', 'event_id_conflict', error));
  }
}
