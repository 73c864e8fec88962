/**
 * Requests to a cluster without a consumer or producer around them: topics with their ids, and requests to the leaders
 * of partitions, tried again while leaders move. Below admin.ts and sample.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import { toLogError } from './client.js';
import { type Broker, type Cluster, createCluster, type OwnRequest, send } from './kafkajs-internals.js';
import { metadataRequest } from './requests.js';

const TRIES = 10;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Kafka error codes that pass by themselves: leaders move, metadata spreads, a broker starts. */
const PASSING = new Set([5, 6, 7, 8, 9, 13, 14, 15, 16, 56, 72, 74, 75, 76, 78, 100, 103]);
export const NONE = 0;
export const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** A passing error: what asked is tried again. */
export class PassingError extends Error {}

/** Throws for an error code of the protocol: PassingError, topic_not_found or log_unavailable. */
export function checkCode(code: number, what: string): void {
  if (code === NONE) return;
  if (code === UNKNOWN_TOPIC) throw new RewindError('topic_not_found', `${what}: there is no such topic`);
  if (code === TOPIC_AUTHORIZATION_FAILED)
    throw new RewindError('topic_not_found', `${what}: no right to see the topic`);
  if (PASSING.has(code)) throw new PassingError(`${what}: Kafka error ${code}`);
  throw new RewindError('log_unavailable', `${what}: Kafka error ${code}`);
}

export interface TopicInfo {
  readonly topic: string;
  /** Kafka's topic id, as its tools print it. */
  readonly topicId: string;
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
}

export interface LogConnection {
  readonly cluster: Cluster;
  /** In the order asked. Errors: topic_not_found, log_unavailable. */
  topics(names: readonly string[]): Promise<TopicInfo[]>;
  /** One request to a node. Errors: as `attempt`. */
  ask<T>(nodeId: number, request: OwnRequest<T>): Promise<T>;
  /** Runs `work` again while it fails in a passing way. Rejects with RewindError. */
  attempt<T>(what: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects. Errors: log_unavailable. */
export async function openConnection(kafka: Kafka): Promise<LogConnection> {
  const cluster = createCluster(kafka);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
  } catch (error) {
    await cluster.disconnect().catch(() => {});
    throw toLogError(error, 'connecting to Kafka');
  }
  let closed = false;

  async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let tries = 1, wait = FIRST_WAIT_MS; ; tries++, wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RewindError || tries === TRIES || closed) throw toLogError(error, what);
        await sleep(wait);
        await cluster.refreshMetadata().catch(() => {});
      }
    }
  }

  const ask = async <T>(nodeId: number, request: OwnRequest<T>): Promise<T> =>
    send(await cluster.findBroker({ nodeId }), request);

  return {
    cluster,
    attempt,
    ask,
    topics: (names) =>
      attempt('topic metadata', async () => {
        const found = await send(await anyBroker(cluster), metadataRequest(names));
        return names.map((name) => {
          const topic = found.find((one) => one.topic === name);
          checkCode(topic === undefined ? UNKNOWN_TOPIC : topic.error, `topic ${name}`);
          const partitions = topic?.partitions ?? [];
          for (const one of partitions) checkCode(one.leader < 0 ? 5 : NONE, `${name}/${one.partition}`);
          return {
            topic: name,
            topicId: topic?.topicId ?? '',
            partitions: [...partitions].sort((a, b) => a.partition - b.partition),
          };
        });
      }),
    async close() {
      closed = true;
      await cluster.disconnect();
    },
  };
}

/** Any node that answers. */
export async function anyBroker(cluster: Cluster): Promise<Broker> {
  let last: unknown = new Error('no broker is known');
  for (const nodeId of cluster.getNodeIds()) {
    try {
      return await cluster.findBroker({ nodeId });
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
