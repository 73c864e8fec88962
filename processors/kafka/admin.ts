/**
 * What the planner, the coordinator and `doctor` ask a cluster: topics and their ids, offsets, settings, groups, sizes.
 * Everything rejects with RewindError; see toLogError for codes that are common to all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import { createKafka, type KafkaSettings, rootType, toLogError } from './client.js';
import { type LogConnection, openConnection, type TopicInfo } from './connection.js';
import { listOffsets } from './list-offsets.js';
import { EARLIEST, LATEST, logDirsRequest } from './requests.js';
import { fetchSample, type SampleOptions } from './sample.js';

export interface PartitionOffsets {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** First offset that the log still holds. */
  readonly earliest: bigint;
  /** Last stable offset: everything below is decided. A frozen plan ends here. */
  readonly lastStable: bigint;
  /** High watermark. Above lastStable: a transaction is open. */
  readonly latest: bigint;
}

export interface OffsetForTime {
  readonly topic: string;
  readonly partition: number;
  /** First record with record time ≥ the time asked, below the last stable offset; null: there is none. */
  readonly found: { readonly offset: bigint; readonly timeMs: bigint } | null;
}

export interface TopicSettings {
  readonly cleanupPolicy: string;
  /** -1: kept for ever. */
  readonly retentionMs: bigint;
  readonly retentionBytes: bigint;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
}

export interface LogAdmin {
  /** In the order asked. Errors: topic_not_found. */
  topics(names: readonly string[]): Promise<TopicInfo[]>;
  offsets(names: readonly string[]): Promise<PartitionOffsets[]>;
  offsetsForTime(names: readonly string[], timeMs: bigint): Promise<OffsetForTime[]>;
  topicSettings(topic: string): Promise<TopicSettings>;
  /** False: it was there already. Records are never deleted by age unless `config` says so. */
  createTopic(options: {
    readonly topic: string;
    readonly partitions: number;
    readonly replicationFactor: number;
    readonly config?: Readonly<Record<string, string>>;
  }): Promise<boolean>;
  /** Sets the offsets of a group that has no members. Errors: group_active. */
  setGroupOffsets(
    groupId: string,
    offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[],
  ): Promise<void>;
  /** A group that does not exist has no members. */
  groupMembers(groupId: string): Promise<number>;
  /** No error if there is none. Errors: group_active. */
  deleteGroup(groupId: string): Promise<void>;
  /** Bytes on disk by `topic/partition`, one replica each; null: the cluster does not say (rights). */
  partitionBytes(names: readonly string[]): Promise<ReadonlyMap<string, bigint> | null>;
  /** A few committed records from an offset on, without a group; see sample.ts. */
  sample(options: SampleOptions): ReturnType<typeof fetchSample>;
  close(): Promise<void>;
}

export async function openAdmin(settings: KafkaSettings): Promise<LogAdmin> {
  const kafka = createKafka(settings);
  const connection = await openConnection(kafka);
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    await connection.close();
    throw toLogError(error, 'connecting to Kafka');
  }
  return {
    topics: (names) => connection.topics(names),
    offsets: (names) => listAll(connection, names),
    offsetsForTime: async (names, timeMs) => {
      const topics = await connection.topics(names);
      const found = await listOffsets(connection, topics, true, timeMs);
      return found.map((one) => ({
        topic: one.topic,
        partition: one.partition,
        found: one.offset < 0n ? null : { offset: one.offset, timeMs: one.timeMs },
      }));
    },
    topicSettings: (topic) => topicSettings(admin, topic),
    createTopic: (options) => createTopic(admin, connection, options),
    setGroupOffsets: (groupId, offsets) => setGroupOffsets(connection, groupId, offsets),
    groupMembers: async (groupId) => {
      const answer = await guard('describing a group', () => admin.describeGroups([groupId]));
      return answer.groups[0]?.members.length ?? 0;
    },
    deleteGroup: (groupId) => deleteGroup(admin, groupId),
    partitionBytes: (names) => partitionBytes(connection, names),
    sample: (options) => fetchSample(connection, options, settings.batchMaxBytes),
    async close() {
      await Promise.all([admin.disconnect(), connection.close()]);
    },
  };
}

async function guard<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toLogError(error, what);
  }
}

async function listAll(connection: LogConnection, names: readonly string[]): Promise<PartitionOffsets[]> {
  const topics = await connection.topics(names);
  const ids = new Map(topics.map((one) => [one.topic, one.topicId]));
  // In this order: a plan must not see an end before its start when records are deleted meanwhile.
  const earliest = await listOffsets(connection, topics, false, EARLIEST);
  const lastStable = await listOffsets(connection, topics, true, LATEST);
  const latest = await listOffsets(connection, topics, false, LATEST);
  return earliest.map((one, index) => ({
    topic: one.topic,
    topicId: ids.get(one.topic) ?? '',
    partition: one.partition,
    earliest: one.offset,
    lastStable: lastStable[index]?.offset ?? one.offset,
    latest: latest[index]?.offset ?? one.offset,
  }));
}

const KNOWN_WITHIN_MS = 15_000;

/** kafkajs' ConfigResourceTypes.TOPIC, an ambient const of its types. */
const TOPIC_RESOURCE = 2;

async function topicSettings(admin: Admin, topic: string): Promise<TopicSettings> {
  const names = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'message.timestamp.type'];
  const answer = await guard(`settings of topic ${topic}`, () =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: names }],
    }),
  );
  const values = new Map(
    answer.resources[0]?.configEntries.map((one) => [one.configName, one.configValue]) ?? [],
  );
  return {
    cleanupPolicy: values.get('cleanup.policy') ?? 'delete',
    retentionMs: BigInt(values.get('retention.ms') ?? -1),
    retentionBytes: BigInt(values.get('retention.bytes') ?? -1),
    timestampType: values.get('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
  };
}

async function createTopic(
  admin: Admin,
  connection: LogConnection,
  options: Parameters<LogAdmin['createTopic']>[0],
): Promise<boolean> {
  // History carries old record times: with the default retention the broker would delete it within minutes.
  const config = { 'retention.ms': '-1', ...options.config };
  const created = await guard(`creating topic ${options.topic}`, () =>
    admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic: options.topic,
          numPartitions: options.partitions,
          replicationFactor: options.replicationFactor,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
  // The brokers hear of it a moment later than the controller.
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      await connection.topics([options.topic]);
      return created;
    } catch (error) {
      const unknown = error instanceof RewindError && error.code === 'topic_not_found';
      if (!unknown || Date.now() >= deadline) throw error;
    }
    await sleep(100);
  }
}

const ACTIVE_GROUP = new Set([
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'NON_EMPTY_GROUP',
]);

function groupActive(groupId: string, cause: unknown): RewindError {
  return new RewindError('group_active', `consumer group ${groupId} has members`, { cause });
}

/** The commit of somebody outside the group, as Kafka's own admin client does it: no joining, no waiting. */
async function setGroupOffsets(
  connection: LogConnection,
  groupId: string,
  offsets: Parameters<LogAdmin['setGroupOffsets']>[1],
): Promise<void> {
  const topics = [...new Set(offsets.map((one) => one.topic))].map((topic) => ({
    topic,
    partitions: offsets
      .filter((one) => one.topic === topic)
      .map((one) => ({ partition: one.partition, offset: one.offset.toString() })),
  }));
  await connection.attempt('setting group offsets', async () => {
    const coordinator = await connection.cluster.findGroupCoordinator({ groupId });
    try {
      await coordinator.offsetCommit({ groupId, memberId: '', groupGenerationId: -1, topics });
    } catch (error) {
      if (ACTIVE_GROUP.has(rootType(error))) throw groupActive(groupId, error);
      throw error;
    }
  });
}

async function deleteGroup(admin: Admin, groupId: string): Promise<void> {
  try {
    await admin.deleteGroups([groupId]);
  } catch (error) {
    const groups = (error as { groups?: { error?: unknown }[] }).groups;
    const type = rootType(groups?.[0]?.error ?? error);
    if (type === 'GROUP_ID_NOT_FOUND') return;
    if (ACTIVE_GROUP.has(type)) throw groupActive(groupId, error);
    throw toLogError(error, `deleting group ${groupId}`);
  }
}

async function partitionBytes(
  connection: LogConnection,
  names: readonly string[],
): Promise<ReadonlyMap<string, bigint> | null> {
  const topics = await connection.topics(names);
  const leaders = new Set(topics.flatMap((one) => one.partitions.map(({ leader }) => leader)));
  const sizes = new Map<string, bigint>();
  for (const leader of leaders) {
    const wanted = topics.map((one) => ({
      topic: one.topic,
      partitions: one.partitions.filter((p) => p.leader === leader).map((p) => p.partition),
    }));
    const found = await connection.ask(leader, logDirsRequest(wanted)).catch(() => null);
    if (found === null) return null;
    for (const one of found) {
      const key = `${one.topic}/${one.partition}`;
      sizes.set(key, (sizes.get(key) ?? 0n) + one.bytes);
    }
  }
  return sizes.size === 0 && topics.length > 0 ? null : sizes;
}
