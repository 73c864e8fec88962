/**
 * The embedded log: without Kafka, the archive itself is the log. Appended records get the next offsets of partition 0
 * and go the way of every collected record: decode, rows, manifest. Accepted means durable and visible.
 */
import { RewindError } from '../../schemas/errors.js';
import type { AppendResult, LogAppender } from '../replay/service.js';
import { LogRecords } from '../sources/log-records.js';
import type { UnitLog } from '../store/unit-log.js';
import { ArchiveWriter, type ArchiveWriterOptions } from './archive-writer.js';
import { ARCHIVE_SCOPE, archivePartitionPrefix, archiveSlotStart } from './layout.js';

export const EMBEDDED_TOPIC_ID = 'embedded';
const PARTITION = 0;

export interface EmbeddedLogOptions {
  readonly writer: Omit<ArchiveWriterOptions, 'mayTake' | 'target'>;
  readonly topic: string;
  readonly slotOffsets: number;
  /** Tries of one append before it is refused. */
  readonly retries: number;
  readonly groupIntervalMs: number;
}

type AppendRecord = Parameters<LogAppender['append']>[0][number];

/** One try to append within one unit: what it wrote and under which claim. */
interface Step {
  from: bigint;
  to: bigint;
  claim: string | null;
}

export class EmbeddedLog implements LogAppender {
  readonly #options: EmbeddedLogOptions;
  #writer: ArchiveWriter | null = null;
  #chain: Promise<unknown> = Promise.resolve();

  constructor(options: EmbeddedLogOptions) {
    this.#options = options;
  }

  get groupIntervalMs(): number {
    return this.#options.groupIntervalMs;
  }

  async append(records: readonly AppendRecord[]): Promise<readonly AppendResult[]> {
    const run = this.#chain.then(() => this.#append(records));
    this.#chain = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    await this.#chain;
    await this.#writer?.release();
    this.#writer = null;
  }

  /**
   * Appends in steps that stay within one unit. After a lost answer the next claim fences the old one, and the unit's
   * log says how far the step really came; only the rest is appended again, so no record is there twice.
   */
  async #append(records: readonly AppendRecord[]): Promise<AppendResult[]> {
    const results: AppendResult[] = [];
    let failures = 0;
    while (results.length < records.length) {
      const step: Step = { from: 0n, to: 0n, claim: null };
      try {
        await this.#appendStep(records.slice(results.length), step);
        for (let at = step.from; at < step.to; at++) results.push(this.#result(at));
      } catch (error) {
        this.#writer = null;
        const retryable = error instanceof RewindError && error.retryable;
        if (!retryable || ++failures >= this.#options.retries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** failures));
        const counted = await this.#countedUpTo(step);
        for (let at = step.from; at < counted; at++) results.push(this.#result(at));
      }
    }
    return results;
  }

  async #appendStep(records: readonly AppendRecord[], step: Step): Promise<void> {
    const writer = await this.#openWriter();
    const open = writer.openUnit(EMBEDDED_TOPIC_ID, PARTITION)!;
    step.claim = open.claim;
    step.from = open.position;
    const room = open.end - open.position;
    const batch = records
      .slice(0, Number(room < BigInt(records.length) ? room : BigInt(records.length)))
      .map((record, i) => ({
        offset: open.position + BigInt(i),
        recordTimeMs: record.timestampMs,
        key: record.key,
        value: record.value,
        headers: [],
      }));
    step.to = open.position + BigInt(batch.length);
    const name = { topicId: EMBEDDED_TOPIC_ID, topic: this.#options.topic, partition: PARTITION };
    await writer.write({ ...name, from: step.from, to: step.to, records: LogRecords.of(name, batch) });
    await writer.flush();
    if (step.to === open.end) this.#writer = null;
  }

  /** Fences the failed step's claim by a new one, then reads how far the step's own manifest counted. */
  async #countedUpTo(step: Step): Promise<bigint> {
    if (step.claim === null) return step.from;
    const { unitLog, layout } = this.#options.writer;
    const unit = layout.unitAt(EMBEDDED_TOPIC_ID, PARTITION, step.from);
    let state = await unitLog.read(layout.scope, unit.unit);
    if (!state.sealed) {
      await this.#openWriter();
      state = await unitLog.read(layout.scope, unit.unit);
    }
    const counted = state.segments.some((segment) => segment.claim === step.claim && segment.to >= step.to);
    return counted ? step.to : step.from;
  }

  async #openWriter(): Promise<ArchiveWriter> {
    if (this.#writer !== null) return this.#writer;
    const { writer: options } = this.#options;
    // One sequencer per store: whoever appends takes the unit over; the fenced one claims it back at its next append.
    const writer = new ArchiveWriter({ ...options, target: { table: 'audit_events' }, mayTake: () => true });
    const at = await embeddedLogEnd(options.unitLog, this.#options.slotOffsets);
    const place = { topicId: EMBEDDED_TOPIC_ID, partition: PARTITION, at, logStart: 0n };
    const [position = null] = await writer.open([place]);
    if (position === null) throw new RewindError('claim_lost', 'another process appends to the embedded log');
    this.#writer = writer;
    return writer;
  }

  #result(offset: bigint): AppendResult {
    return { topic: this.#options.topic, partition: PARTITION, offset: offset.toString() };
  }
}

/** The end of the embedded log: one past the last visible offset. */
export async function embeddedLogEnd(unitLog: UnitLog, slotOffsets: number): Promise<bigint> {
  const prefix = archivePartitionPrefix(EMBEDDED_TOPIC_ID, PARTITION);
  const last = await unitLog.lastUnit(ARCHIVE_SCOPE, prefix);
  if (last === null) return 0n;
  const state = await unitLog.read(ARCHIVE_SCOPE, last);
  return state.position ?? archiveSlotStart(last, slotOffsets);
}
