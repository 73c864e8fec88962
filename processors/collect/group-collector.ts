/**
 * Collect over Kafka's group protocol: as a member of a group, reads what is missing of the assigned partitions and
 * stores it through an ArchiveWriter. A job's collect stage and the live archiver differ only in what is missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../schemas/config.js';
import type { KafkaSettings } from '../kafka/client.js';
import { type AssignedPartition, openGroupReader, partitionKey, type ReadRange } from '../kafka/reader.js';
import type { Beats } from '../replay/beats.js';
import type { JobPace } from '../replay/pace.js';
import type { UnitState } from '../replay/units.js';
import { recordBytes } from '../sources/log-records.js';
import type { Decoder } from '../sources/source.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type { RowTarget } from './archive-columns.js';
import { ArchiveWriter } from './archive-writer.js';
import type { CollectLayout } from './layout.js';

/** So often within collect.flushIntervalMs is looked whether a block has waited for so long. */
const FLUSH_CHECKS = 4;

/** What is still to be read of a partition: its first missing range. `logStart`: where the log began when that was frozen. */
export interface MissingRange extends ReadRange {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly logStart: bigint;
}

export interface CollectContext {
  readonly config: Config;
  readonly store: Store;
  readonly unitLog: UnitLog;
  readonly settings: KafkaSettings;
  readonly decoder: () => Decoder;
  readonly beats: Beats;
  readonly worker: string;
  readonly holderSilent: (scope: string, unit: string, state: UnitState) => boolean;
  readonly batchRows: number;
  readonly batchBytes: number;
  readonly keepRaw: boolean;
}

export interface CollectTask {
  readonly groupId: string;
  readonly topicIds: ReadonlyMap<string, string>;
  readonly layout: CollectLayout;
  readonly target: RowTarget;
  /** How fast the job may read; left out: as fast as it can. */
  readonly pace?: JobPace;
  /** What is missing now, by partitionKey; read again after each assignment and while waiting. */
  missing(): Promise<ReadonlyMap<string, MissingRange>>;
}

/**
 * Collects until nothing is missing anywhere (also what other members read), or the signal aborts. Resolves early when
 * a partition that nobody reads has to be taken over: call again. Rejects as the reader and the writer do.
 */
export async function collectMissing(
  context: CollectContext,
  task: CollectTask,
  signal: AbortSignal,
): Promise<void> {
  if ((await task.missing()).size === 0) return;
  const collector = new Collector(context, task, signal);
  const reader = await openGroupReader({
    ...context.settings,
    groupId: task.groupId,
    topics: [...task.topicIds.keys()],
    topicIds: task.topicIds,
    ...(task.pace === undefined ? {} : { stepRecords: () => task.pace!.step() }),
    onThrottled: (ms) => task.pace?.hold('broker', ms),
    onAssigned: (assigned) => collector.assigned(assigned),
    onBatch: (batch) => collector.write(batch),
    onRevoked: () => collector.revoked(),
  });
  const unwatch = context.beats.watch(() => collector.held());
  // A reader that fails ends the wait too.
  const ended = new AbortController();
  try {
    await Promise.race([collector.untilDone(AbortSignal.any([signal, ended.signal])), reader.done]);
  } finally {
    ended.abort();
    unwatch();
    await reader.close();
    await collector.revoked();
  }
}

class Collector {
  readonly #context: CollectContext;
  readonly #task: CollectTask;
  readonly #signal: AbortSignal;
  #writer: ArchiveWriter | null = null;
  #reading = new Map<string, MissingRange>();
  #wake: () => void = () => undefined;

  constructor(context: CollectContext, task: CollectTask, signal: AbortSignal) {
    this.#context = context;
    this.#task = task;
    this.#signal = signal;
  }

  held() {
    return this.#writer?.held() ?? [];
  }

  async assigned(assigned: readonly AssignedPartition[]): Promise<Map<string, ReadRange>> {
    const { layout, target } = this.#task;
    const { store, unitLog, decoder, worker, batchRows, batchBytes, keepRaw, holderSilent } = this.#context;
    const writer = new ArchiveWriter({
      store,
      unitLog,
      decoder: decoder(),
      layout,
      target,
      worker,
      batchRows,
      batchBytes,
      keepRaw,
      onStoreWait: (ms) => this.#task.pace?.hold('store', ms),
      mayTake: (tracked) => holderSilent(tracked.scope, tracked.unit, tracked.state),
    });
    const missing = await this.#task.missing();
    const ranges = new Map<string, ReadRange>();
    this.#reading = new Map();
    const wanted = assigned.flatMap(
      ({ topic, partition }) => missing.get(partitionKey(topic, partition)) ?? [],
    );
    const starts = await writer.open(
      wanted.map(({ topicId, partition, from, logStart }) => ({ topicId, partition, at: from, logStart })),
    );
    for (const [i, range] of wanted.entries()) {
      const from = starts[i]!;
      if (from === null) continue;
      const key = partitionKey(range.topic, range.partition);
      ranges.set(key, { from, to: range.to });
      this.#reading.set(key, range);
    }
    this.#writer = writer;
    // The pace of the job is for all members together: each takes the part of its partitions.
    this.#task.pace?.setShare(ranges.size / Math.max(1, missing.size));
    return ranges;
  }

  async write(batch: Parameters<ArchiveWriter['write']>[0]): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    const { pace } = this.#task;
    const { records } = batch;
    const bytes = pace === undefined ? 0 : recordBytes(records);
    if (pace?.isLimited) await pace.take(records.length, bytes, this.#signal);
    await writer.write(batch);
    if (records.length > 0) pace?.took(records.length, bytes, Number(records.times[records.length - 1]));
    if (this.#finished(writer)) this.#wake();
  }

  /** Stores what is buffered and gives the units back. */
  async revoked(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    this.#reading = new Map();
    if (writer === null) return;
    await writer.flush().catch(() => undefined);
    await writer.release().catch(() => undefined);
  }

  /** Flushes by time; resolves when nothing is missing, or something is that nobody reads. */
  async untilDone(signal: AbortSignal): Promise<void> {
    const { flushIntervalMs } = this.#context.config.collect;
    let waitMs = flushIntervalMs / FLUSH_CHECKS;
    for (;;) {
      await this.#tick(waitMs, signal);
      waitMs = flushIntervalMs / FLUSH_CHECKS;
      if (signal.aborted) return;
      const writer = this.#writer;
      if (writer === null) continue;
      if (!this.#finished(writer)) {
        await writer.flushOlder(flushIntervalMs);
        continue;
      }
      await writer.flush();
      const missing = await this.#task.missing();
      if (missing.size === 0) return;
      for (const range of missing.values()) if (await this.#abandoned(range)) return;
      // The rest is others' to read: looking more often would not hasten them.
      waitMs = flushIntervalMs;
    }
  }

  /** Waits so long, or until the last range that is read here is read to its end. */
  async #tick(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    this.#wake = () => waiting.abort();
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, waiting.signal]) }).catch(() => undefined);
    this.#wake = () => undefined;
  }

  #finished(writer: ArchiveWriter): boolean {
    return [...this.#reading.values()].every((range) => {
      const position = writer.openUnit(range.topicId, range.partition)?.position ?? 0n;
      return range.to !== null && position >= range.to;
    });
  }

  /** Nobody holds the unit that the range begins in, or its holder shows no life. */
  async #abandoned(range: MissingRange): Promise<boolean> {
    const { layout } = this.#task;
    const { unit } = layout.unitAt(range.topicId, range.partition, range.from);
    const state = await this.#context.unitLog.read(layout.scope, unit);
    return state.holder === null ? state.claims > 0 : this.#context.holderSilent(layout.scope, unit, state);
  }
}
