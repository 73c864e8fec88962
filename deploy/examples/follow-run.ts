/**
 * A reader of output topics, complete: what the steps of a followed current state say on one topic, each row exactly once,
 * behind the rows of its run (read-run.ts). The rule is in docs/following.md.
 *
 *   node dist/deploy/examples/follow-run.js localhost:9092 http://localhost:8081 rewind.demo.snapshots run-0190…
 */
import { pathToFileURL } from 'node:url';
import type { KafkaMessage } from 'kafkajs';
import { consume, decode, digestOf, header, type ReadOptions, type RunRow, schemasOf } from './read-run.js';

export interface StepRow extends RunRow {
  /** True: the entity was folded again. What the run and earlier steps said of it is void; this row is the first instead. */
  readonly replaces: boolean;
}

/** What one step says on one partition. An entity is on one partition always, so partitions need not wait for each other. */
export interface PartitionStep {
  readonly partition: number;
  readonly partitions: number;
  /** Which promotion of the run is followed. Another one than before: begin again from the rows of the run. */
  readonly set: string;
  readonly step: bigint;
  /** Earlier steps are missing for good: read the current state anew. */
  readonly gap: boolean;
  readonly rows: readonly StepRow[];
}

interface Marker {
  readonly partitions: number;
  readonly set: string;
  readonly step: bigint;
  readonly gap: boolean;
  readonly unit: string;
  readonly claim: string;
  readonly rows: bigint;
  readonly digest: string;
}

/** Calls `onStep` for each step of the run, in order, until it answers false. Rejects where the topic does not hold all rows. */
export async function followRun(
  options: ReadOptions,
  onStep: (step: PartitionStep) => Promise<boolean>,
): Promise<void> {
  const partitions = new Map<number, StepBuffer>();
  await consume(options, null, async (partition, message) => {
    if (header(message, 'replay-run-id') !== options.runId || header(message, 'replay-step') === '')
      return true;
    let buffer = partitions.get(partition);
    if (buffer === undefined) {
      buffer = new StepBuffer(partition);
      partitions.set(partition, buffer);
    }
    if (header(message, 'replay-record') === 'row') {
      buffer.add(message);
      return true;
    }
    const marker = (await decode(options.schemaById, message.value!)) as Marker;
    const step = buffer.take(marker);
    return step === null || onStep(step);
  });
}

/** Rows of one partition that no marker has named yet. */
class StepBuffer {
  readonly #partition: number;
  /** By set, unit and claim. */
  readonly #waiting = new Map<string, KafkaMessage[]>();
  /** By set: the last step that was whole. */
  readonly #done = new Map<string, bigint>();

  constructor(partition: number) {
    this.#partition = partition;
  }

  add(message: KafkaMessage): void {
    const set = header(message, 'replay-set');
    // A worker that was cut off says again what was said.
    if (BigInt(header(message, 'replay-step')) <= (this.#done.get(set) ?? 0n)) return;
    const key = `${set} ${header(message, 'replay-unit')} ${header(message, 'replay-claim')}`;
    const rows = this.#waiting.get(key);
    if (rows === undefined) this.#waiting.set(key, [message]);
    else rows.push(message);
  }

  /** Null: the step was whole before; its marker was written twice. */
  take({ set, step, unit, claim, rows, digest, partitions, gap }: Marker): PartitionStep | null {
    if (step <= (this.#done.get(set) ?? 0n)) return null;
    this.#done.set(set, step);
    const counted = this.#waiting.get(`${set} ${unit} ${claim}`) ?? [];
    for (const [key, [first]] of this.#waiting) {
      const isOld = BigInt(header(first!, 'replay-step')) <= step;
      if (isOld && header(first!, 'replay-set') === set) this.#waiting.delete(key);
    }
    const sum = counted.reduce((total, message) => total + digestOf(message), 0n);
    const text = BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
    if (BigInt(counted.length) !== rows || text !== digest)
      throw new Error(`step ${step} has ${counted.length} rows (${text}), not ${rows} (${digest})`);
    return {
      partition: this.#partition,
      partitions,
      set,
      step,
      gap,
      rows: replacing(this.#partition, counted),
    };
  }
}

/** Rows of an entity stand together; the first of one that was folded again replaces what was there. */
function replacing(partition: number, messages: readonly KafkaMessage[]): StepRow[] {
  let entity = '';
  return messages.map((message) => {
    const { offset, key, value, headers } = message;
    const isFirst = key!.toString() !== entity;
    entity = key!.toString();
    const replaces = isFirst && header(message, 'replay-folded') === 'again';
    return { partition, offset, key, value, headers, replaces };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [broker = '', registryUrl = '', topic = '', runId = ''] = process.argv.slice(2);
  const options = { brokers: [broker], schemaById: schemasOf(registryUrl), topic, runId };
  await followRun(options, async ({ partition, step, gap, rows }) => {
    process.stderr.write(
      `step ${step}, partition ${partition}: ${rows.length} rows${gap ? ', after a gap' : ''}\n`,
    );
    for (const { value, replaces } of rows) {
      const row = (await decode(options.schemaById, value!)) as object;
      const plain = (_: string, one: unknown) => (typeof one === 'bigint' ? one.toString() : one);
      process.stdout.write(`${JSON.stringify({ replaces, ...row }, plain)}\n`);
    }
    return true;
  });
}
