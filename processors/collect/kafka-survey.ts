/**
 * The facts a plan is made of, asked from the cluster: offsets, settings, the first record really found, and a sample of
 * how record time and event time go together. Without effect, and without joining any group.
 */
import type { FrozenSpec, PartitionPlan } from '../../schemas/job.js';
import type { LogAdmin, PartitionOffsets } from '../kafka/admin.js';
import { archiveUnits } from '../replay/coverage.js';
import { chooseStart, type PartitionFacts, planPartition } from '../replay/plan.js';
import { clipSegments, coveredRanges } from '../replay/segments.js';
import { LogRecords } from '../sources/log-records.js';
import type { Decoder } from '../sources/source.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { UnitLog } from '../store/unit-log.js';

export interface SurveyOptions {
  readonly admin: LogAdmin;
  readonly unitLog: UnitLog;
  readonly decoderOf: (topic: string) => Decoder;
  readonly sampleRecords: number;
}

/** Places in a partition at which the sample looks. */
const SAMPLE_PLACES = 5n;

interface Sample {
  skewMs: number | null;
  count: number;
  bytes: number;
  oldestMs: number | null;
}

export async function surveyLog(
  options: SurveyOptions,
  spec: FrozenSpec,
): Promise<{ partitions: PartitionPlan[]; bytesPerRecord: number }> {
  const { admin } = options;
  const partitions: PartitionPlan[] = [];
  const offsets = await admin.offsets(spec.topics);
  let bytes = 0;
  let count = 0;
  for (const topic of spec.topics) {
    const places = offsets.filter((one) => one.topic === topic);
    // A topic that need not be there, and is not.
    if (places.length === 0) continue;
    const settings = await admin.topicSettings(topic);
    for (const place of places) {
      const sample = await samplePartition(options, place);
      bytes += sample.bytes;
      count += sample.count;
      partitions.push(await planOne(options, spec, place, sample, settings));
    }
  }
  return { partitions, bytesPerRecord: count === 0 ? 0 : bytes / count };
}

async function planOne(
  options: SurveyOptions,
  spec: FrozenSpec,
  place: PartitionOffsets,
  sample: Sample,
  settings: { cleanupPolicy: string },
): Promise<PartitionPlan> {
  const { admin, unitLog } = options;
  const empty = place.earliest >= place.lastStable;
  const choice = chooseStart(spec, { skewMs: sample.skewMs, sampled: sample.count, empty });
  let startByIndex: bigint | null = null;
  if (choice.marginMs !== null) {
    const startMs = BigInt(spec.startNs) / 1_000_000n - BigInt(Math.ceil(choice.marginMs));
    const found = await admin.offsetsForTime([place.topic], startMs < 0n ? 0n : startMs);
    startByIndex = found.find((one) => one.partition === place.partition)?.found?.offset ?? null;
  }
  const rereads = spec.source === 'kafka';
  const units = rereads ? [] : await archiveUnits(unitLog, place.topicId, place.partition);
  const facts: PartitionFacts = {
    topic: place.topic,
    topicId: place.topicId,
    partition: place.partition,
    logStart: place.earliest,
    logEnd: place.lastStable,
    highWatermark: place.latest,
    compacted: settings.cleanupPolicy.includes('compact'),
    startByIndex,
    skewMs: sample.skewMs,
    sampled: sample.count,
    firstRecordTime: null,
    oldestRecordMs: sample.oldestMs,
    archived: coveredRanges(clipSegments(units, { from: 0n, to: place.lastStable })),
  };
  const plan = planPartition(facts, choice, spec, { rereads });
  const first = await firstRecordMs(options, place, BigInt(plan.from));
  return { ...plan, firstRecordTime: first === null ? null : formatRfc3339Ns(first * 1_000_000n) };
}

/** Reads a few records at places spread over the partition and decodes them for their event times. */
async function samplePartition(options: SurveyOptions, place: PartitionOffsets): Promise<Sample> {
  const sample: Sample = { skewMs: null, count: 0, bytes: 0, oldestMs: null };
  const size = place.lastStable - place.earliest;
  if (size <= 0n) return sample;
  const decoder = options.decoderOf(place.topic);
  const places = size < SAMPLE_PLACES ? 1n : SAMPLE_PLACES;
  const each = Math.max(1, Math.floor(options.sampleRecords / Number(places)));
  for (let i = 0n; i < places; i++) {
    const records = await options.admin.sample({
      topic: place.topic,
      partition: place.partition,
      offset: place.earliest + (size * i) / places,
      end: place.lastStable,
      count: each,
    });
    await decoder.prepare(LogRecords.of(place, records));
    for (const record of records) {
      sample.oldestMs ??= Number(record.recordTimeMs);
      sample.bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0) + 16;
      sample.count++;
      const decoded = decoder.decode(record);
      if (!decoded.ok) continue;
      for (const event of decoded.events) {
        const skew = Number(event.occurredAtNs / 1_000_000n - record.recordTimeMs);
        if (sample.skewMs === null || skew > sample.skewMs) sample.skewMs = skew;
      }
    }
  }
  return sample;
}

async function firstRecordMs(
  options: SurveyOptions,
  place: PartitionOffsets,
  from: bigint,
): Promise<bigint | null> {
  if (from < place.earliest || from >= place.lastStable) return null;
  const [first] = await options.admin.sample({
    topic: place.topic,
    partition: place.partition,
    offset: from,
    end: place.lastStable,
    count: 1,
  });
  return first?.recordTimeMs ?? null;
}
