/**
 * The fold of one unit: rows of many entities, sorted, become snapshots and diffs. Pure: the rows that come out are a
 * function of the options and the rows that go in, however these come in blocks and chunks, so that a unit can be done
 * again at will.
 *
 * This is the hot path of a replay. A row is read where it lies in its block, field values are compared and copied as
 * canonical bytes, and no JavaScript object is made for an event unless it fails.
 */
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import type { PlannedRule } from '../encodings/compile.js';
import { matchRule, ruleItems } from '../encodings/match-rule.js';
import { type Evolution, evolve } from '../reducers/evolve.js';
import type { NativeReader } from '../store/native-reader.js';
import type { FoldDecisions } from './fold-decisions.js';
import { CONFLICT, EventIds, FIRST } from './fold-ids.js';
import { KeptRow } from './fold-kept.js';
import { letterOf, tooLarge } from './fold-letters.js';
import type { SnapshotRows } from './fold-output.js';
import { EventPlans, PayloadShapes, type TypeState, TypeStates } from './fold-plans.js';
import { FoldRow, RowSubject } from './fold-row.js';
import { type FoldCounters, type FoldOptions, loserKey } from './fold-types.js';

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
  readonly #reader: NativeReader;
  readonly #row: FoldRow;
  readonly #subject: RowSubject;
  readonly #ids = new EventIds();
  readonly #plans: EventPlans;
  readonly #shapes = new PayloadShapes();
  readonly #types: TypeStates;
  readonly #output: SnapshotRows;
  readonly #decisions: FoldDecisions | null;
  readonly #outcome: Evolution = { exists: true, failure: null };

  /** Rows of the block at hand, and the next of them. */
  #rows = 0;
  #next = 0;

  /** The open entity; null before the first row. */
  #type: TypeState | null = null;
  /** Events of it that are no copies. */
  #firsts = 0;
  /** Events of it that were folded here. */
  #folded = 0;
  /** Place of the next one in its order. */
  #foldSeq = 0;
  /** Why all further events of it fail (onFailure: stop_entity); null: they do not. */
  #stopped: { readonly code: ErrorCode; readonly error: string } | null = null;
  /** Its last folded event, for `snapshots: final`. */
  readonly #last = new KeptRow();
  #lastExists = true;
  /** The record whose event id was new last: where a record fans out within the entity. */
  readonly #record = new KeptRow();

  constructor(options: FoldOptions) {
    this.#options = options;
    this.#reader = options.reader;
    this.#row = new FoldRow(this.#reader, options.mapped ?? false);
    this.#subject = new RowSubject(this.#row);
    this.#plans = new EventPlans(options.encoding);
    this.#types = new TypeStates(options.encoding);
    this.#output = options.sink.rows;
    this.#decisions = options.sink.decisions ?? null;
  }

  /** Takes a chunk of the input, cut anywhere; it may be reused afterwards. Only when `fold` has folded all there is. */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
  }

  /**
   * Folds the blocks that are whole. True: the sink is full, and there may be more to fold; false: push on. Errors:
   * entity_too_large; with onFailure `stop` the code of the failure, coordinates in `facts`.
   */
  fold(): boolean {
    for (;;) {
      while (this.#next < this.#rows) {
        if (this.#isFull) return true;
        this.#row.load(this.#next++);
        this.#foldRow();
      }
      this.#rows = 0;
      this.#next = 0;
      if (!this.#reader.next()) return this.#isFull;
      this.#rows = this.#reader.rows;
      this.#row.beginBlock();
      this.#plans.beginBlock();
      this.#shapes.beginBlock();
    }
  }

  get #isFull(): boolean {
    return this.#output.isFull || this.#decisions?.isFull === true;
  }

  /** Ends the last entity, which may write a row. Call once. Errors: store_unavailable where the input ended inside a block. */
  finish(): FoldCounters {
    this.#reader.end();
    this.#closeEntity();
    return { ...this.#counters };
  }

  #foldRow(): void {
    const row = this.#row;
    if (this.#type === null || !this.#output.isEntity(row)) this.#openEntity();
    // No event is without an id: this is the state that the entity begins with; see fold-select.ts.
    if (row.eventId === row.eventIdEnd) {
      this.#restore();
      return;
    }
    this.#counters.events++;
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
    subject.shape = this.#shapes.of(row);
    subject.shape.walk(plan.paths, row.bytes, row.payload, row.payloadEnd);
    const rule = matchRule(plan, subject);
    if (rule === null) this.#counters.skipped++;
    else if (this.#stopped !== null) this.#fail(this.#stopped.code, this.#stopped.error);
    else if (row.entityId === row.entityIdEnd) this.#fail('entity_id_missing', 'the event has no entity id');
    else this.#apply(rule);
  }

  #restore(): void {
    const row = this.#row;
    const state = this.#type!.state;
    this.#shapes.of(row).restore(state, row.bytes, row.payload, row.payloadEnd);
    state.settle();
    state.commit();
    this.#foldSeq = Number(row.offset) + 1;
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
      if (encoding.fansOut) this.#record.keep(row);
      return true;
    }
    // Rows of one record stand next to each other in both orderings.
    if (encoding.fansOut && this.#record.isRecordOf(row)) return true;
    if (seen === CONFLICT) this.#conflict('an event of this id with another body came first');
    else this.#counters.duplicates++;
    return false;
  }

  #isLoser(): boolean {
    const row = this.#row;
    return this.#options.losers.has(loserKey(row.text('event_id'), row.ownEntityType, row.ownEntityId));
  }

  #apply(rule: PlannedRule): void {
    const row = this.#row;
    const type = this.#type!;
    const state = type.state;
    const outcome = this.#outcome;
    if (rule.forEach !== null && !this.#walkItem(rule.forEach)) {
      this.#fail('operation_failed', `the encoding finds no item ${row.n} in the record`);
      return;
    }
    evolve(rule, type.cells(rule), state, this.#subject, outcome);
    if (outcome.failure !== null) {
      state.discard();
      this.#fail('operation_failed', outcome.failure);
      return;
    }
    state.settle();
    this.#emit(outcome.exists);
    state.commit();
  }

  /** Goes to the item of the record that this row stands for; false: there is none. */
  #walkItem(forEach: NonNullable<PlannedRule['forEach']>): boolean {
    const subject = this.#subject;
    const ranges = ruleItems(forEach, subject);
    const start = ranges[2 * this.#row.n];
    if (start === undefined) return false;
    forEach.items.walk(subject.bytes, start, ranges[2 * this.#row.n + 1]!);
    subject.items = forEach.items;
    subject.item = start;
    return true;
  }

  #emit(exists: boolean): void {
    const { snapshots } = this.#options;
    const counters = this.#counters;
    const state = this.#type!.state;
    const foldSeq = this.#foldSeq++;
    counters.processed++;
    if (this.#folded++ === 0) counters.entities++;
    if (state.changes > 0) counters.changed++;
    this.#decisions?.decide(this.#row, this.#subject.shape, state, foldSeq);
    if (snapshots === 'final') {
      this.#last.keep(this.#row);
      this.#lastExists = exists;
    } else if (snapshots === 'all' || (snapshots === 'changed' && state.changes > 0)) {
      counters.snapshots++;
      this.#output.write(state, foldSeq, exists, this.#row);
    }
  }

  #openEntity(): void {
    const row = this.#row;
    this.#closeEntity();
    this.#output.openEntity(row);
    this.#type = this.#types.of(row.ownEntityType);
    this.#type.state.clear();
    this.#ids.clear();
    this.#firsts = 0;
    this.#folded = 0;
    this.#foldSeq = 0;
    this.#stopped = null;
    this.#record.forget();
  }

  #closeEntity(): void {
    if (this.#options.snapshots !== 'final' || this.#folded === 0) return;
    const state = this.#type!.state;
    state.settleFromNothing();
    this.#counters.snapshots++;
    this.#output.write(state, this.#foldSeq - 1, this.#lastExists, this.#last);
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
