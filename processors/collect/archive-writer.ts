/**
 * Collect, the storing end: takes contiguous log batches, writes their rows under claims and makes them visible by
 * manifests. Used by a job's collect stage, the live archiver and the embedded log alike.
 *
 * A crash at any line loses nothing: rows without a manifest are invisible, and the next claim starts where the last
 * manifest that counted ends. After any error the writer is broken: open a new one, which claims anew.
 */
import { RewindError } from '../../schemas/errors.js';
import { EventPlaces } from '../sources/event-places.js';
import { type LogRecords, recordBytes } from '../sources/log-records.js';
import type { Decoder, LogBatch } from '../sources/source.js';
import type { Store } from '../store/store.js';
import type { TrackedUnit, UnitLog } from '../store/unit-log.js';
import type { ArchiveBlock } from './archive-block.js';
import type { RowTarget } from './archive-columns.js';
import { BlockStore, type Part } from './block-store.js';
import type { CollectLayout } from './layout.js';
import { expireRange, takeUnits } from './take-units.js';

export interface ArchiveWriterOptions {
  readonly store: Store;
  readonly unitLog: UnitLog;
  readonly decoder: Decoder;
  readonly layout: CollectLayout;
  readonly target: RowTarget;
  readonly worker: string;
  readonly batchRows: number;
  readonly batchBytes: number;
  readonly keepRaw: boolean;
  /** Inserts that are under way are waited for, so long up to now. */
  readonly onStoreWait?: (ms: number) => void;
  /** True if a unit that another worker holds may be taken over now. */
  readonly mayTake: (tracked: TrackedUnit) => boolean;
}

export interface OpenPlace {
  readonly topicId: string;
  readonly partition: number;
  readonly at: bigint;
  /** Where the log began when that was looked up. */
  readonly logStart: bigint;
}

interface PartitionState {
  readonly topicId: string;
  readonly partition: number;
  tracked: TrackedUnit;
  claim: string;
  claimBits: bigint;
  end: bigint;
  part: Part | null;
  position: bigint;
}

export class ArchiveWriter {
  readonly #options: ArchiveWriterOptions;
  readonly #partitions = new Map<string, PartitionState>();
  readonly #places = new EventPlaces();
  readonly #stores: BlockStore;
  /** Filled now. */
  #block: ArchiveBlock;
  #parts: Part[] = [];
  /** When the first record of the block came; 0: it is empty. */
  #since = 0;

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
    this.#stores = new BlockStore(options);
    this.#block = this.#stores.block();
  }

  /**
   * Claims for each place the unit that holds offset `at`, and returns the offset to read from: where the unit's output
   * ends so far, or, for an empty unit, the later of the unit's start and `logStart`. Null: another live worker holds it.
   */
  async open(places: readonly OpenPlace[]): Promise<(bigint | null)[]> {
    const { layout, unitLog } = this.#options;
    const wanted = places.map(({ topicId, partition, at, logStart }) => {
      const slot = layout.unitAt(topicId, partition, at);
      const from = slot.start > logStart ? slot.start : logStart;
      return { tracked: unitLog.track(layout.scope, slot.unit), slot, from, topicId, partition, logStart };
    });
    const claims = await takeUnits(this.#options, wanted);
    const positions: (bigint | null)[] = [];
    for (const [i, { tracked, slot, from, topicId, partition, logStart }] of wanted.entries()) {
      const claim = claims[i]!;
      if (claim === null) {
        positions.push(null);
        continue;
      }
      let position = tracked.state.position ?? from;
      const kept = logStart < slot.end ? logStart : slot.end;
      if (position < logStart) position = await expireRange(this.#options, tracked, claim, position, kept);
      const state = { topicId, partition, tracked, claim, claimBits: BigInt(claim), end: slot.end };
      this.#partitions.set(key(topicId, partition), { ...state, part: null, position });
      positions.push(position);
    }
    return positions;
  }

  /** Decodes and buffers a batch; stores when the buffer is full. Batches of a partition must be contiguous. */
  async write(batch: LogBatch): Promise<void> {
    this.#stores.throwIfBroken();
    const state = this.#partitions.get(key(batch.topicId, batch.partition));
    if (state === undefined || batch.from !== state.position) {
      throw new RewindError(
        'internal',
        `batch ${batch.topic}/${batch.partition} from ${batch.from} does not continue ${state?.position}`,
      );
    }
    await this.#options.decoder.prepare(batch.records);
    let next = 0;
    while (state.position < batch.to) {
      const upTo = batch.to < state.end ? batch.to : state.end;
      next = this.#writeRecords(state, batch.records, next, upTo);
      // Another partition's batch may have been stored while this one waited: what is left then may be little.
      while (this.#isFull()) await this.#startFlush();
      if (state.position === state.end && state.position < batch.to) await this.#nextUnit(state);
    }
  }

  /** Stores what is buffered where its first record came `ms` ago or earlier. */
  async flushOlder(ms: number): Promise<void> {
    this.#stores.throwIfBroken();
    if (this.#since > 0 && performance.now() - this.#since >= ms) await this.flush();
  }

  /** Stores everything buffered; resolves when it is visible. */
  async flush(): Promise<void> {
    await this.#startFlush();
    while (await this.#stores.next());
    this.#stores.throwIfBroken();
  }

  /** Where an open partition stands (buffered rows included), and the unit and claim it writes under. */
  openUnit(topicId: string, partition: number): { position: bigint; end: bigint; claim: string } | null {
    const state = this.#partitions.get(key(topicId, partition));
    return state === undefined ? null : { position: state.position, end: state.end, claim: state.claim };
  }

  /** Units held now, for lease renewal. */
  held(): readonly { readonly scope: string; readonly unit: string; readonly claim: string }[] {
    return [...this.#partitions.values()]
      .filter((state) => !state.tracked.state.sealed)
      .map((state) => ({ scope: state.tracked.scope, unit: state.tracked.unit, claim: state.claim }));
  }

  /** Gives all units back; buffered rows that were not flushed are dropped (their range is collected again). */
  async release(): Promise<void> {
    while (await this.#stores.next());
    const held = this.held();
    this.#partitions.clear();
    if (held.length === 0) return;
    await this.#options.unitLog.append(
      held.map((unit) => ({ ...unit, kind: 'release' as const, worker: this.#options.worker })),
    );
  }

  async #nextUnit(state: PartitionState): Promise<void> {
    const slot = this.#options.layout.unitAt(state.topicId, state.partition, state.position);
    const tracked = this.#options.unitLog.track(this.#options.layout.scope, slot.unit);
    // The same claim goes on: its rows stay one contiguous range of offsets, and a job that reads thousands of units
    // names one claim for each stretch instead of one for each unit. A writer that failed never gets here.
    const [claim = null] = await takeUnits(this.#options, [
      { tracked, from: slot.start, claim: state.claim },
    ]);
    if (claim === null || tracked.state.position !== slot.start) {
      throw new RewindError('claim_lost', `unit ${slot.unit} is held by ${tracked.state.holderWorker}`);
    }
    state.tracked = tracked;
    state.end = slot.end;
    state.part = null;
  }

  /** Adds records from `start` on that lie below offset `upTo`; returns the first that does not. */
  #writeRecords(state: PartitionState, records: LogRecords, start: number, upTo: bigint): number {
    const written = this.#partOf(state);
    const { decoder, keepRaw } = this.#options;
    const block = this.#block;
    const places = this.#places;
    const end = firstFrom(records, start, upTo);
    block.begin(records.name, state.claimBits);
    for (const part of records.parts) {
      const last = part.end < end ? part.end : end;
      for (let i = part.first < start ? start : part.first; i < last; i++) {
        if (decoder.locate?.(records, part, i, places) === true) {
          block.addPlaces(records, part, i, places, keepRaw);
          continue;
        }
        const record = records.record(part, i);
        const decoded = decoder.decode(record);
        block.addRecord(record, decoded, keepRaw);
        if (!decoded.ok) written.undecodable++;
      }
    }
    written.records += end - start;
    written.bytes += recordBytes(records, start, end);
    written.to = upTo;
    state.position = upTo;
    return end;
  }

  #partOf(state: PartitionState): Part {
    if (state.part !== null) return state.part;
    const part: Part = {
      tracked: state.tracked,
      claim: state.claim,
      from: state.position,
      to: state.position,
      end: state.end,
      records: 0,
      undecodable: 0,
      bytes: 0,
    };
    state.part = part;
    if (this.#since === 0) this.#since = performance.now();
    this.#parts.push(part);
    return part;
  }

  /** Hands the block to the store; resolves as soon as the next one may be filled. */
  async #startFlush(): Promise<void> {
    await this.#stores.free(this.#options.onStoreWait);
    this.#stores.throwIfBroken();
    if (this.#parts.length === 0) return;
    this.#stores.submit(this.#block, this.#parts);
    this.#parts = [];
    this.#since = 0;
    this.#block = this.#stores.block();
    for (const state of this.#partitions.values()) state.part = null;
  }

  #isFull(): boolean {
    const { batchRows, batchBytes } = this.#options;
    return this.#block.rows >= batchRows || this.#block.byteLength >= batchBytes;
  }
}

/** Place of the first record at or behind `offset`, from `start` on. */
function firstFrom({ offsets, length }: LogRecords, start: number, offset: bigint): number {
  if (start === length || offsets[length - 1]! < offset) return length;
  let at = start;
  while (at < length && offsets[at]! < offset) at++;
  return at;
}

function key(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}
