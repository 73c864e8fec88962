/**
 * Appends records to a topic of a one-node cluster faster than kafkajs' producer does (which copies the list of a
 * request's messages once per message): batches are written straight into their bytes and sent over kafkajs'
 * connection as Produce version 3. Only for filling topics: no retry, no idempotence, one request at a time.
 */
import type { Kafka } from 'kafkajs';
import { crc32c } from '../processors/kafka/crc32c.js';
import { type Broker, type Cluster, createCluster } from '../processors/kafka/kafkajs-internals.js';

/** Below the broker's default limit of 1 MB for a batch. */
const BATCH_BYTES = 800_000;
/** A record takes this much besides key and value, at most: length, attributes, deltas, two lengths, headers. */
const RECORD_OVERHEAD = 32;
const REQUEST_TIMEOUT_MS = 60_000;

// Offsets inside a batch, format 2 (kafka.apache.org/documentation/#recordbatch).
const HEADER_BYTES = 61;
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIME_AT = 27;
const MAX_TIME_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;

/** The open batch of one partition. */
class Batch {
  readonly #bytes = Buffer.allocUnsafe(BATCH_BYTES);
  #at = HEADER_BYTES;
  #count = 0;
  #firstTime = 0;
  #maxTime = 0;

  get empty(): boolean {
    return this.#count === 0;
  }

  takes(bytes: number): boolean {
    return this.#at + bytes + RECORD_OVERHEAD <= BATCH_BYTES;
  }

  add(key: Buffer, value: Buffer, timeMs: number): void {
    if (this.#count === 0) this.#firstTime = this.#maxTime = timeMs;
    else if (timeMs > this.#maxTime) this.#maxTime = timeMs;
    const delta = timeMs - this.#firstTime;
    const size =
      1 +
      varintSize(delta) +
      varintSize(this.#count) +
      varintSize(key.length) +
      key.length +
      varintSize(value.length) +
      value.length +
      1;
    this.#varint(size);
    this.#bytes[this.#at++] = 0;
    this.#varint(delta);
    this.#varint(this.#count);
    this.#varint(key.length);
    this.#at += key.copy(this.#bytes, this.#at);
    this.#varint(value.length);
    this.#at += value.copy(this.#bytes, this.#at);
    this.#bytes[this.#at++] = 0;
    this.#count++;
  }

  /** The finished batch; valid until the next `add`, which begins anew. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#at);
    bytes.fill(0, 0, HEADER_BYTES);
    bytes.writeInt32BE(this.#at - LENGTH_AT - 4, LENGTH_AT);
    bytes[MAGIC_AT] = 2;
    bytes.writeInt32BE(this.#count - 1, LAST_DELTA_AT);
    bytes.writeBigInt64BE(BigInt(this.#firstTime), FIRST_TIME_AT);
    bytes.writeBigInt64BE(BigInt(this.#maxTime), MAX_TIME_AT);
    // No producer id, no epoch, no sequence.
    bytes.fill(0xff, PRODUCER_AT, COUNT_AT);
    bytes.writeInt32BE(this.#count, COUNT_AT);
    bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, this.#at), CRC_AT);
    this.#at = HEADER_BYTES;
    this.#count = 0;
    return bytes;
  }

  #varint(value: number): void {
    let rest = value * 2;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }
}

/** Bytes of a zigzag varint of a number that is not negative. */
function varintSize(value: number): number {
  let size = 1;
  for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}

export class BatchWriter {
  readonly #topic: string;
  readonly #cluster: Cluster;
  readonly #broker: Broker;
  readonly #batches: Batch[];
  #sending: Promise<void> = Promise.resolve();

  private constructor(topic: string, cluster: Cluster, broker: Broker, partitions: number) {
    this.#topic = topic;
    this.#cluster = cluster;
    this.#broker = broker;
    this.#batches = Array.from({ length: partitions }, () => new Batch());
  }

  /** The topic exists. `kafka` is a client of a cluster with one node. */
  static async open(kafka: Kafka, topic: string, partitions: number): Promise<BatchWriter> {
    const cluster = createCluster(kafka);
    await cluster.connect();
    await cluster.refreshMetadata();
    const [nodeId, ...others] = cluster.getNodeIds();
    if (nodeId === undefined || others.length > 0) throw new Error('a cluster with one node is needed');
    return new BatchWriter(topic, cluster, await cluster.findBroker({ nodeId }), partitions);
  }

  /** Resolves at once, or when the request before has been answered. Time: milliseconds since 1970, not descending. */
  async append(partition: number, key: Buffer, value: Buffer, timeMs: number): Promise<void> {
    const batch = this.#batches[partition];
    if (batch === undefined) throw new Error(`there is no partition ${partition}`);
    if (!batch.takes(key.length + value.length)) await this.#flush();
    batch.add(key, value, timeMs);
  }

  /** Sends what is left and waits until the broker has all. */
  async close(): Promise<void> {
    try {
      await this.#flush();
      await this.#sending;
    } finally {
      await this.#cluster.disconnect();
    }
  }

  /** Sends all open batches. One request is under way while the next is filled: order within a partition stays. */
  async #flush(): Promise<void> {
    await this.#sending;
    const parts: { partition: number; batch: Buffer }[] = [];
    this.#batches.forEach((batch, partition) => {
      if (!batch.empty) parts.push({ partition, batch: batch.take() });
    });
    if (parts.length === 0) return;
    this.#sending = this.#send(produceBody(this.#topic, parts));
    // Awaited by the next flush; until then a failure must not count as unhandled.
    this.#sending.catch(() => {});
  }

  async #send(body: Buffer): Promise<void> {
    const name = { apiKey: 0, apiVersion: 3, apiName: 'Produce' };
    await this.#broker.connectionPool.send({
      // kafkajs reads these two names of what a request is encoded to.
      request: { ...name, encode: async () => ({ buf: body, buffer: body }) as never },
      response: {
        async decode(payload) {
          checkAnswer(payload);
          // kafkajs looks here for how long the broker wants it to wait.
          return { clientSideThrottleTime: 0 };
        },
        async parse() {},
      },
    });
  }
}

function produceBody(topic: string, parts: readonly { partition: number; batch: Buffer }[]): Buffer {
  const name = Buffer.from(topic);
  // transactional id null, acks -1, timeout, one topic, its name, number of partitions.
  const head = Buffer.alloc(2 + 2 + 4 + 4 + 2 + name.length + 4);
  let at = head.writeInt16BE(-1, 0);
  at = head.writeInt16BE(-1, at);
  at = head.writeInt32BE(REQUEST_TIMEOUT_MS, at);
  at = head.writeInt32BE(1, at);
  at = head.writeInt16BE(name.length, at);
  at += name.copy(head, at);
  head.writeInt32BE(parts.length, at);
  const pieces: Uint8Array[] = [head];
  for (const { partition, batch } of parts) {
    const part = Buffer.alloc(8);
    part.writeInt32BE(partition, 0);
    part.writeInt32BE(batch.length, 4);
    pieces.push(part, batch);
  }
  // A copy: the batches are filled anew while this is on its way.
  return Buffer.concat(pieces);
}

/** Throws when the broker refused a batch: topics [name, partitions [index, error, offset, time]], throttle time. */
function checkAnswer(payload: Buffer): void {
  let at = 4;
  at += 2 + payload.readInt16BE(at);
  const count = payload.readInt32BE(at);
  at += 4;
  for (let i = 0; i < count; i++, at += 22) {
    const error = payload.readInt16BE(at + 4);
    if (error !== 0) throw new Error(`partition ${payload.readInt32BE(at)}: Kafka error ${error}`);
  }
}
