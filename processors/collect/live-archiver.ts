/**
 * The live archiver: the collect stage without an end. It copies every record of the configured topics into the archive,
 * so that later replays need not read the log, and history outlives the log's retention.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import type { LogAdmin, PartitionOffsets } from '../kafka/admin.js';
import { partitionKey } from '../kafka/reader.js';
import { archiveUnits } from '../replay/coverage.js';
import { clipSegments, coveredRanges } from '../replay/segments.js';
import { type CollectContext, collectMissing, type MissingRange } from './group-collector.js';
import { archiveLayout } from './layout.js';

export interface LiveArchiverOptions extends CollectContext {
  readonly admin: LogAdmin;
  readonly topics: readonly string[];
  /** Nothing is read while the instance is paused. */
  readonly instance: { isPaused(): Promise<boolean> };
}

const RETRY_MS = 1000;
/** How often is looked whether the instance is paused: reading stops within 5 s. */
const SWITCH_MS = 1000;

export class LiveArchiver {
  readonly #options: LiveArchiverOptions;

  constructor(options: LiveArchiverOptions) {
    this.#options = options;
  }

  /** Runs until the signal; what passes by itself is waited out. Rejects with errors that need a person. */
  async run(signal: AbortSignal): Promise<void> {
    const { admin, config, topics, instance } = this.#options;
    while (!signal.aborted) {
      const paused = new AbortController();
      try {
        if (await instance.isPaused()) {
          await sleep(SWITCH_MS, undefined, { signal }).catch(() => undefined);
          continue;
        }
        const infos = await admin.topics(topics);
        void this.#watch(paused, infos.length);
        await collectMissing(
          this.#options,
          {
            groupId: `${config.kafka.groupPrefix}.archive`,
            topicIds: new Map(infos.map(({ topic, topicId }) => [topic, topicId])),
            layout: archiveLayout(config.collect.slotOffsets),
            target: { table: 'audit_events' },
            missing: () => this.#missing(),
          },
          AbortSignal.any([signal, paused.signal]),
        );
      } catch (error) {
        if (!(error instanceof RewindError) || !error.retryable) throw error;
      } finally {
        paused.abort();
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Aborts when the instance is paused, or a topic is there that was not; ends when aborted by others. */
  async #watch(reading: AbortController, topicsRead: number): Promise<void> {
    const { signal } = reading;
    const { admin, instance, topics } = this.#options;
    while (!signal.aborted) {
      await sleep(SWITCH_MS, undefined, { signal }).catch(() => undefined);
      // A store that does not answer is no pause; the writer will say what is wrong. The same goes for the log.
      if (await instance.isPaused().catch(() => false)) reading.abort();
      if (topicsRead === topics.length) continue;
      const there = await admin.topics(topics).catch(() => []);
      if (there.length > topicsRead) reading.abort();
    }
  }

  /** For each partition the first range that the archive lacks; behind all coverage it has no end. */
  async #missing(): Promise<Map<string, MissingRange>> {
    const missing = new Map<string, MissingRange>();
    for (const place of await this.#options.admin.offsets(this.#options.topics)) {
      missing.set(partitionKey(place.topic, place.partition), await this.#firstMissing(place));
    }
    return missing;
  }

  async #firstMissing(place: PartitionOffsets): Promise<MissingRange> {
    const units = await archiveUnits(this.#options.unitLog, place.topicId, place.partition);
    const covered = coveredRanges(clipSegments(units, { from: place.earliest, to: 1n << 63n }));
    let from = place.earliest;
    let to: bigint | null = null;
    for (const [start, end] of covered) {
      if (start > from) {
        to = start;
        break;
      }
      from = end;
    }
    const { topic, topicId, partition } = place;
    return { topic, topicId, partition, logStart: place.earliest, from, to };
  }
}
