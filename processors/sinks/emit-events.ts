/**
 * The filtered range of events, written again as it was: the bytes of key, value and headers, and beside them headers that
 * say it is a replay. In the order of the source partition, so the records of a key keep theirs.
 */
import { RewindError } from '../../schemas/errors.js';
import { type RawRow, rawRecord } from '../collect/raw-record.js';
import { HeaderBlock, headerName } from '../kafka/batch-writer.js';
import { partitionOfKey } from '../kafka/murmur2.js';
import type { OutputProducer } from '../kafka/output-producer.js';
import type { SchemaReader } from '../kafka/registry.js';
import { loadInput } from '../replay/tasks.js';
import { RowBinaryReader } from '../store/rowbinary-reader.js';
import { type Clause, type InputRows, selectedClause, visibleClause } from '../store/selection.js';
import type { Store } from '../store/store.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { ID_COLUMN, timestampOf } from './emit-rows.js';
import type { EmitTask, EmittedTopic } from './emitting.js';
import { placeHeaders, REPLAY_HEADER_PREFIX, rawHeaders, unitHeaders } from './headers.js';
import type { Tally } from './tally.js';

interface EventRow extends RawRow {
  readonly id: Buffer;
  readonly offset: string;
  readonly record_time: string;
  readonly headers: string;
}

const COLUMNS = `${ID_COLUMN('{job:String}', `'0'`)} AS id, toString(offset), toString(toUnixTimestamp64Milli(record_time)),
  headers, entity_type, entity_id, occurred_at, event_id, tenant_id, event_type, declared_entity_type, actor, action,
  severity, decision, payload_shape, payload_values, schema_id, toString(raw_key_is), toString(raw_value_is), raw_key,
  raw_value`;

function readEvent(row: RowBinaryReader): EventRow {
  return {
    id: row.bytes(),
    offset: row.string(),
    record_time: row.string(),
    headers: row.string(),
    entity_type: row.string(),
    entity_id: row.string(),
    occurred_at: row.i64(),
    event_id: row.string(),
    tenant_id: row.string(),
    event_type: row.string(),
    declared_entity_type: row.string(),
    actor: row.string(),
    action: row.string(),
    severity: row.string(),
    decision: row.string(),
    payload_shape: row.string(),
    payload_values: row.string(),
    schema_id: row.i32(),
    raw_key_is: row.string() as RawRow['raw_key_is'],
    raw_value_is: row.string() as RawRow['raw_value_is'],
    raw_key: row.bytes(),
    raw_value: row.bytes(),
  };
}

export async function emitEvents(
  store: Store,
  producer: OutputProducer,
  registry: SchemaReader,
  task: EmitTask,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const topic = task.topics.find(({ output }) => output === 'events')!;
  const writer = new EventWriter(producer, task, topic, tally);
  const end = BigInt(task.range.hi);
  // In windows of offsets, so that a sort never holds more than one of them.
  for (let from = BigInt(task.range.lo); from < end; from += BigInt(task.windowOffsets)) {
    const to = from + BigInt(task.windowOffsets);
    const window = { from, to: to < end ? to : end };
    const select = windowSelect(store, task, window);
    const stream = await store.streamRowBinary(select.sql, select.params, {
      signal,
      maxSeconds: task.statementMaxSeconds,
    });
    const reader = new RowBinaryReader();
    const rows: EventRow[] = [];
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        reader.push(chunk);
        while (reader.next((row) => rows.push(readEvent(row)))) {
          const row = rows.pop()!;
          const schema = row.raw_value_is === 'encoded' ? await registry.schemaById(row.schema_id) : '';
          writer.write(row, schema);
          if (!producer.full) continue;
          await producer.start();
          if (FAILPOINTS) await reach('emit.sent');
        }
      }
      reader.end();
    } finally {
      stream.destroy();
    }
  }
}

function windowSelect(store: Store, task: EmitTask, window: { from: bigint; to: bigint }): Clause {
  const input = loadInput(task.input);
  const visible = visibleClause(input);
  const wanted = wantedClause(store, task, input);
  return {
    sql: `SELECT ${COLUMNS} FROM ${store.t(input.table)} WHERE ${visible.sql} AND ${PLACE} AND n = 0 AND ${wanted.sql}
      ORDER BY offset`,
    params: {
      ...visible.params,
      ...wanted.params,
      job: task.jobId,
      topicId: task.range.source!.topicId,
      sourcePartition: task.range.source!.partition,
      windowFrom: window.from,
      windowTo: window.to,
    },
  };
}

const PLACE = `topic_id = {topicId:String} AND partition = {sourcePartition:Int32}
  AND offset >= {windowFrom:UInt64} AND offset < {windowTo:UInt64}`;

/**
 * Which records are in the range. One that touches several entities is, if any of its rows is, while its bytes are with
 * the first; where entities are derived, filters on them hold for the derived ones.
 */
function wantedClause(store: Store, task: EmitTask, input: InputRows): Clause {
  const { spec } = task;
  const mapped = task.mapped === null ? null : loadInput(task.mapped);
  const byEntity = spec.filters.entity_type !== undefined || spec.filters.entity_id !== undefined;
  const selected = selectedClause(
    spec,
    mapped !== null && byEntity ? mapped : input,
    mapped === null || byEntity,
  );
  if (!task.fansOut && (mapped === null || !byEntity)) return selected;
  const { sql, params } = renamed(selected, 'wanted_');
  const table = store.t(mapped !== null && byEntity ? mapped.table : input.table);
  return { sql: `offset IN (SELECT offset FROM ${table} WHERE ${sql} AND ${PLACE})`, params };
}

/** The same clause under other parameter names, so that two stand in one statement. */
function renamed(clause: Clause, prefix: string): Clause {
  return {
    sql: clause.sql.replace(/\{(\w+):/g, `{${prefix}$1:`),
    params: Object.fromEntries(
      Object.entries(clause.params).map(([name, value]) => [`${prefix}${name}`, value]),
    ),
  };
}

class EventWriter {
  readonly #producer: OutputProducer;
  readonly #topic: EmittedTopic;
  readonly #tally: Tally;
  readonly #source: { readonly topic: string; readonly partition: number };
  readonly #unit: HeaderBlock;
  readonly #own = new HeaderBlock();
  readonly #headers: readonly HeaderBlock[];
  readonly #names = new Map<string, Buffer>();

  constructor(producer: OutputProducer, task: EmitTask, topic: EmittedTopic, tally: Tally) {
    this.#producer = producer;
    this.#topic = topic;
    this.#tally = tally;
    const { topicId, partition } = task.range.source!;
    this.#source = { topic: new Map(task.sourceTopics).get(topicId) ?? topicId, partition };
    const run = { tenantId: task.spec.tenantId, jobId: task.jobId, jobType: task.spec.jobType };
    this.#unit = unitHeaders(run, 'events', task.unit, task.claim);
    this.#headers = [this.#own, this.#unit];
  }

  write(row: EventRow, schema: string): void {
    const { key, value } = rawRecord(row, schema);
    if (key === undefined || value === undefined) {
      const { topic, partition } = this.#source;
      throw new RewindError('raw_dropped', `the bytes of ${topic}/${partition}/${row.offset} were not kept`);
    }
    const { topic, partitions, output } = this.#topic;
    const headers = this.#own;
    headers.reset();
    this.#copyHeaders(row.headers);
    rawHeaders(headers, row.id, row.record_time);
    placeHeaders(headers, { ...this.#source, offset: row.offset, n: 0 }, row.occurred_at.toString());
    const partition = key === null ? this.#source.partition % partitions : partitionOfKey(key, partitions);
    this.#tally.add(output, partition, value === null ? row.id : Buffer.concat([row.id, value]));
    this.#producer.add(topic, partition, {
      key,
      value,
      timestampMs: timestampOf(row.occurred_at),
      headers: this.#headers,
    });
  }

  /** The record's own headers, but for those of an earlier replay: these would be read as this run's. */
  #copyHeaders(stored: string): void {
    if (stored === '' || stored === '[]') return;
    for (const [name, value] of JSON.parse(stored) as [string, string | null][]) {
      if (name.startsWith(REPLAY_HEADER_PREFIX)) continue;
      this.#own.add(this.#nameOf(name), value === null ? null : Buffer.from(value, 'base64'));
    }
  }

  #nameOf(name: string): Buffer {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const made = headerName(name);
    if (this.#names.size < NAMES_MAX) this.#names.set(name, made);
    return made;
  }
}

/** Header names kept in their written form. */
const NAMES_MAX = 1_000;
