/**
 * Collect, the storing end: takes contiguous log batches, writes their rows under claims and makes them visible by
 * manifests. Used by a job's collect stage, the live archiver and the embedded log alike.
 *
 * A crash at any line loses nothing: rows without a manifest are invisible, and the next claim starts where the last
 * manifest that counted ends. After any error the writer is broken: open a new one, which claims anew.
 */
import { RewindError } from '../../schemas/errors.js';
import type { RawRecord } from '../../schemas/event.js';
import type { Decoder, LogBatch } from '../sources/source.js';
import { RowBinaryWriter } from '../store/rowbinary.js';
import type { Store } from '../store/store.js';
import { newClaimId, type TrackedUnit, type UnitLog } from '../store/unit-log.js';
import { FAILPOINTS, halved, reach } from '../testing/failpoints.js';
import { type RowTarget, targetColumns, writeRecordRows } from './archive-rows.js';
import type { CollectLayout } from './layout.js';

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
  /** True if a unit that another worker holds may be taken over now. */
  readonly mayTake: (tracked: TrackedUnit) => boolean;
}

/** What one flush makes visible in one unit. */
interface Part {
  readonly tracked: TrackedUnit;
  readonly claim: string;
  readonly from: bigint;
  to: bigint;
  readonly end: bigint;
  records: number;
  undecodable: number;
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
  readonly #columns: readonly string[];
  readonly #partitions = new Map<string, PartitionState>();
  readonly #rows = new RowBinaryWriter(1 << 20);
  #rowCount = 0;
  #parts: Part[] = [];
  #flushing: Promise<void> | null = null;
  #broken: unknown = null;

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
    this.#columns = targetColumns(options.target);
  }

  /**
   * Claims the unit that holds offset `at` and returns the offset to read from: where the unit's output ends so far,
   * or, for an empty unit, the later of the unit's start and `logStart`. Null: another live worker holds it.
   */
  async open(topicId: string, partition: number, at: bigint, logStart: bigint): Promise<bigint | null> {
    const slot = this.#options.layout.unitAt(topicId, partition, at);
    const tracked = this.#options.unitLog.track(this.#options.layout.scope, slot.unit);
    const first = slot.start > logStart ? slot.start : logStart;
    const claim = await this.#take(tracked, first);
    if (claim === null) return null;
    let position = tracked.state.position ?? first;
    if (position < logStart)
      position = await this.#expire(tracked, claim, position, logStart < slot.end ? logStart : slot.end);
    this.#partitions.set(key(topicId, partition), {
      topicId,
      partition,
      tracked,
      claim,
      claimBits: BigInt(claim),
      end: slot.end,
      part: null,
      position,
    });
    return position;
  }

  /** Decodes and buffers a batch; stores when the buffer is full. Batches of a partition must be contiguous. */
  async write(batch: LogBatch): Promise<void> {
    this.#throwIfBroken();
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
      if (this.#rowCount >= this.#options.batchRows || this.#rows.length >= this.#options.batchBytes)
        await this.#startFlush();
      if (state.position === state.end && state.position < batch.to) await this.#nextUnit(state);
    }
  }

  /** Stores everything buffered; resolves when it is visible. */
  async flush(): Promise<void> {
    await this.#startFlush();
    while (this.#flushing !== null) await this.#flushing;
    this.#throwIfBroken();
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
    while (this.#flushing !== null) await this.#flushing;
    const held = this.held();
    this.#partitions.clear();
    if (held.length === 0) return;
    await this.#options.unitLog.append(
      held.map((unit) => ({ ...unit, kind: 'release' as const, worker: this.#options.worker })),
    );
  }

  async #take(tracked: TrackedUnit, from: bigint): Promise<string | null> {
    const { unitLog, worker, mayTake } = this.#options;
    await unitLog.refresh(tracked);
    if (tracked.state.sealed) throw new RewindError('internal', `unit ${tracked.unit} is complete already`);
    if (tracked.state.holder !== null && !mayTake(tracked)) return null;
    const claim = newClaimId();
    await unitLog.append([{ scope: tracked.scope, unit: tracked.unit, kind: 'claim', claim, worker, from }]);
    await unitLog.refresh(tracked);
    return tracked.state.holder === claim ? claim : null;
  }

  /** Offsets that retention removed before anyone archived them: the unit goes on behind them, and says so. */
  async #expire(tracked: TrackedUnit, claim: string, from: bigint, to: bigint): Promise<bigint> {
    const { unitLog, worker } = this.#options;
    const counters = { expired: Number(to - from) };
    await unitLog.append([
      { scope: tracked.scope, unit: tracked.unit, kind: 'manifest', claim, worker, from, to, counters },
    ]);
    await unitLog.refresh(tracked);
    if (tracked.state.position !== to)
      throw new RewindError('claim_lost', `unit ${tracked.unit} was taken over`);
    return to;
  }

  async #nextUnit(state: PartitionState): Promise<void> {
    const slot = this.#options.layout.unitAt(state.topicId, state.partition, state.position);
    const tracked = this.#options.unitLog.track(this.#options.layout.scope, slot.unit);
    const claim = await this.#take(tracked, slot.start);
    if (claim === null || tracked.state.position !== slot.start) {
      throw new RewindError('claim_lost', `unit ${slot.unit} is held by ${tracked.state.holderWorker}`);
    }
    state.tracked = tracked;
    state.claim = claim;
    state.claimBits = BigInt(claim);
    state.end = slot.end;
    state.part = null;
  }

  #writeRecords(state: PartitionState, records: readonly RawRecord[], start: number, upTo: bigint): number {
    const part = this.#partOf(state);
    const { decoder, target, keepRaw } = this.#options;
    let at = start;
    for (; at < records.length; at++) {
      const record = records[at]!;
      if (record.offset >= upTo) break;
      const decoded = decoder.decode(record);
      this.#rowCount += writeRecordRows(this.#rows, target, record, decoded, state.claimBits, { keepRaw });
      part.records++;
      if (!decoded.ok) part.undecodable++;
    }
    part.to = upTo;
    state.position = upTo;
    return at;
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
    };
    state.part = part;
    this.#parts.push(part);
    return part;
  }

  /**
   * Hands the buffer to the store; resolves as soon as the next buffer may be filled. One insert is under way at most:
   * the manifests of a unit must reach the log in order.
   */
  async #startFlush(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    this.#throwIfBroken();
    if (this.#parts.length === 0) return;
    const parts = this.#parts;
    const rows = this.#rowCount > 0 ? this.#rows.take() : null;
    this.#parts = [];
    this.#rowCount = 0;
    for (const state of this.#partitions.values()) state.part = null;
    this.#flushing = this.#store(parts, rows)
      .catch((error: unknown) => {
        this.#broken ??= error;
      })
      .finally(() => {
        this.#flushing = null;
      });
  }

  async #store(parts: readonly Part[], rows: Buffer | null): Promise<void> {
    const { store, target, unitLog, worker } = this.#options;
    if (FAILPOINTS) await reach('collect.decoded');
    if (rows !== null) {
      const body = FAILPOINTS ? halved('collect.inserting', rows) : [rows];
      await store.insertRowBinary(target.table, this.#columns, body);
    }
    if (FAILPOINTS) await reach('collect.stored');
    const manifests = parts
      .filter((part) => part.to > part.from)
      .map((part) => ({
        scope: part.tracked.scope,
        unit: part.tracked.unit,
        kind: 'manifest' as const,
        claim: part.claim,
        worker,
        from: part.from,
        to: part.to,
        final: part.to === part.end,
        counters: { records: part.records, undecodable: part.undecodable },
      }));
    await unitLog.append(manifests);
    if (FAILPOINTS) await reach('collect.manifest');
    for (const part of parts) {
      await unitLog.refresh(part.tracked);
      if (!counted(part))
        throw new RewindError(
          'claim_lost',
          `unit ${part.tracked.unit} was taken over by ${part.tracked.state.holderWorker}`,
        );
    }
  }

  #throwIfBroken(): void {
    if (this.#broken !== null) throw this.#broken;
  }
}

function counted(part: Part): boolean {
  if (part.to === part.from) return true;
  const state = part.tracked.state;
  return state.segments.some(
    (segment) => segment.claim === part.claim && segment.from <= part.from && segment.to >= part.to,
  );
}

function key(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}
