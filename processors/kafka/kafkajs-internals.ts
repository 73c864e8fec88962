/**
 * The parts of kafkajs 2.2.4 that it does not export and that we stand on: its connections, metadata and group
 * membership stay, while what is fetched and how it is read is ours (requests.ts, partition-cursor.ts). Every shape is
 * checked when it is first touched, so that another version fails loudly and not in silence.
 */
import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import { RewindError } from '../../schemas/errors.js';
import type { WireReader, WireWriter } from './wire.js';
import { WireReader as Reader, WireWriter as Writer } from './wire.js';

const require = createRequire(import.meta.url);
const PINNED = '2.2.4';

/** One node, connected. */
export interface Broker {
  readonly nodeId: number;
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;
  readonly connectionPool: {
    send(request: { request: WireRequest; response: WireResponse<unknown> }): Promise<unknown>;
  };
  fetch(request: FetchCall): Promise<FetchAnswer>;
  offsetCommit(request: {
    groupId: string;
    memberId: string;
    groupGenerationId: number;
    topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
}

/** What a kafkajs consumer asks a broker for. */
export interface FetchCall {
  readonly maxWaitTime: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string }[];
  }[];
}

/** What it expects back; `messages` reach eachBatch as they are. */
export interface FetchAnswer {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly highWatermark: string;
      readonly abortedTransactions: readonly never[];
      readonly preferredReadReplica: number;
      readonly messages: readonly unknown[];
    }[];
  }[];
}

/** The cluster as kafkajs knows it: metadata, connections, retries. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  getNodeIds(): readonly number[];
  findBroker(node: { nodeId: number | string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findGroupCoordinator(group: { groupId: string }): Promise<Broker>;
}

interface WireRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Promise<WireWriter>;
}

interface WireResponse<T> {
  decode(payload: Buffer): Promise<T>;
  parse(data: T): Promise<T>;
}

/** A request of our own, in a flexible version; see requests.ts. */
export interface OwnRequest<T> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  write(writer: WireWriter): void;
  read(reader: WireReader): T;
}

/** Sends one of our requests over kafkajs' connection. Rejects with kafkajs' own connection errors, or preflight_failed. */
export async function send<T>(broker: Broker, own: OwnRequest<T>): Promise<T> {
  const supported = broker.versions?.[own.apiKey];
  if (
    supported === undefined ||
    supported.maxVersion < own.apiVersion ||
    supported.minVersion > own.apiVersion
  ) {
    throw new RewindError(
      'preflight_failed',
      `the broker does not speak ${own.apiName} version ${own.apiVersion}: Kafka 3.1 or later is needed`,
    );
  }
  const request: WireRequest = {
    apiKey: own.apiKey,
    apiVersion: own.apiVersion,
    apiName: own.apiName,
    async encode() {
      const writer = new Writer();
      // The header of a flexible request ends with its tags, which kafkajs does not write.
      writer.noTags();
      own.write(writer);
      return writer;
    },
  };
  const response: WireResponse<unknown> = {
    async decode(payload) {
      const reader = new Reader(payload);
      reader.skipTags();
      return own.read(reader);
    },
    async parse(data) {
      return data;
    },
  };
  return (await broker.connectionPool.send({ request, response })) as T;
}

/** A cluster object of our own from a kafkajs client: connections without a consumer, producer or admin around them. */
export function createCluster(kafka: Kafka): Cluster {
  checkVersion();
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    (one) => one.description === 'private:Kafka:createCluster',
  );
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, unknown>)[symbol];
  if (typeof create !== 'function') throw changed('Kafka has no createCluster');
  return checkCluster(create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false }));
}

/** Checks the cluster object that kafkajs hands to a partition assigner. */
export function checkCluster(cluster: unknown): Cluster {
  checkVersion();
  const one = cluster as Record<string, unknown>;
  for (const name of ['connect', 'refreshMetadata', 'getNodeIds', 'findBroker', 'findGroupCoordinator']) {
    if (typeof one[name] !== 'function') throw changed(`Cluster has no ${name}`);
  }
  return cluster as Cluster;
}

/**
 * From now on every fetch of this cluster's consumer goes through `fetch` instead of kafkajs' own request. Wraps this
 * one object; other clients in the process stay as they are.
 */
export function replaceFetch(
  cluster: Cluster,
  fetch: (broker: Broker, call: FetchCall) => Promise<FetchAnswer>,
): void {
  const stock = cluster.findBroker.bind(cluster);
  const replaced = new WeakSet<Broker>();
  cluster.findBroker = async (node) => {
    const broker = await stock(node);
    if (!replaced.has(broker)) {
      if (typeof broker.fetch !== 'function' || typeof broker.connectionPool?.send !== 'function')
        throw changed('Broker has no fetch or no connectionPool');
      broker.fetch = (call) => fetch(broker, call);
      replaced.add(broker);
    }
    return broker;
  };
}

/** kafkajs' error of a protocol error code, so that it refreshes metadata and rejoins as it does for its own requests. */
export function protocolError(code: number): Error & { type?: string } {
  const { createErrorFromCode } = require('kafkajs/src/protocol/error.js') as {
    createErrorFromCode?: (code: number) => Error & { type?: string };
  };
  if (typeof createErrorFromCode !== 'function') throw changed('protocol/error has no createErrorFromCode');
  return createErrorFromCode(code);
}

let checked = false;
function checkVersion(): void {
  if (checked) return;
  const { version } = require('kafkajs/package.json') as { version: string };
  if (version !== PINNED) throw changed(`it is version ${version}`);
  checked = true;
}

function changed(what: string): RewindError {
  return new RewindError('internal', `kafkajs is not the ${PINNED} that this release was built on: ${what}`);
}
