/** For the fold's tests: rows as objects, their Native form by hand (not by the writer under test), and back. */
import type { Encoding } from '../../schemas/encoding.js';
import { compileEncoding } from '../encodings/compile.js';
import { payloadMembers } from '../sources/payload-members.js';
import { encodeNative, readNative } from '../store/native.fixture.js';
import { NativeReader } from '../store/native-reader.js';
import { FoldUnit } from './fold.js';
import { SnapshotRows } from './fold-output.js';
import type { FoldCounters, FoldDeadLetter, FoldOptions } from './fold-types.js';

export interface InputRow {
  readonly entityHash: bigint;
  readonly entityType: string;
  readonly entityId: string;
  readonly occurredAt: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly n: number;
  readonly bodyHash: bigint;
  readonly tenantId: string;
  readonly actor: string;
  readonly action: string;
  readonly severity: string;
  readonly payload: string;
}

export interface OutputRow {
  readonly jobId: string;
  readonly entityHash: bigint;
  readonly entityType: string;
  readonly entityId: string;
  readonly foldSeq: bigint;
  readonly occurredAt: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly n: number;
  readonly exists: number;
  readonly changes: number;
  /** The state as the views show it, from the shape and the values of the row. */
  readonly state: string;
  /** Likewise, against the entity's row before. */
  readonly diff: string;
  readonly claim: bigint;
}

export function inputRow(given: Partial<InputRow>): InputRow {
  return {
    entityHash: 1n,
    entityType: 'thing',
    entityId: 'id',
    occurredAt: 0n,
    eventId: 'event',
    eventType: 'thing.updated',
    topicId: 'topic',
    partition: 0,
    offset: 0n,
    n: 0,
    bodyHash: 1n,
    tenantId: 'tenant',
    actor: 'alice',
    action: 'act',
    severity: 'info',
    payload: '{}',
    ...given,
  };
}

/** The columns of a block: name, type, and what a row has there. */
const COLUMNS: readonly (readonly [string, string, (row: InputRow) => bigint | number | string])[] = [
  ['entity_hash', 'UInt64', (row) => row.entityHash],
  ['entity_type', 'LowCardinality(String)', (row) => row.entityType],
  ['entity_id', 'String', (row) => row.entityId],
  ['occurred_at', "DateTime64(9, 'UTC')", (row) => row.occurredAt],
  ['event_id', 'String', (row) => row.eventId],
  ['event_type', 'LowCardinality(String)', (row) => row.eventType],
  ['topic_id', 'LowCardinality(String)', (row) => row.topicId],
  ['partition', 'Int32', (row) => row.partition],
  ['offset', 'UInt64', (row) => row.offset],
  ['n', 'UInt16', (row) => row.n],
  ['body_hash', 'UInt64', (row) => row.bodyHash],
  ['payload_shape', 'LowCardinality(String)', (row) => payloadMembers(row.payload).shape],
  ['payload_values', 'String', (row) => payloadMembers(row.payload).values],
  ['tenant_id', 'LowCardinality(String)', (row) => row.tenantId],
  ['actor', 'String', (row) => row.actor],
  ['action', 'LowCardinality(String)', (row) => row.action],
  ['severity', 'LowCardinality(String)', (row) => row.severity],
];

/** Rows as blocks of Native, of so many rows each; LowCardinality as the engine answers it, the empty key first. */
export function encodeRows(rows: readonly InputRow[], blockRows = 16): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < rows.length; at += blockRows)
    blocks.push(encodeNative(COLUMNS, rows.slice(at, at + blockRows)));
  return Buffer.concat(blocks);
}

/** The rows of a run's blocks, one behind the other. */
export function decodeRows(bytes: Buffer): OutputRow[] {
  const rows: OutputRow[] = [];
  let before = new Map<string, string>();
  for (const row of readNative(bytes)) {
    const text = (name: string) => String(row[name]);
    const number = (name: string) => row[name] as bigint;
    if (rows.at(-1)?.entityHash !== row.entity_hash) before = new Map();
    rows.push({
      jobId: text('job_id'),
      entityHash: number('entity_hash'),
      entityType: text('entity_type'),
      entityId: text('entity_id'),
      foldSeq: number('fold_seq'),
      occurredAt: number('occurred_at'),
      eventId: text('event_id'),
      eventType: text('event_type'),
      topicId: text('topic_id'),
      partition: Number(number('partition')),
      offset: number('offset'),
      n: Number(number('n')),
      exists: Number(number('exists')),
      changes: Number(number('changes')),
      ...stateAndDiff(text('shape'), text('state'), before),
      claim: number('claim'),
    });
  }
  return rows;
}

/** The texts that the views make of a row; `before` holds the values of the row before and then those of this one. */
function stateAndDiff(shape: string, values: string, before: Map<string, string>) {
  const members: string[] = [];
  const changes: string[] = [];
  const names = shape.split('\n');
  for (const [i, after] of values.split('\n').entries()) {
    const name = names[i]!;
    const old = before.get(name) ?? '';
    before.set(name, after);
    if (after !== '') members.push(`${name}:${after}`);
    if (old === after) continue;
    const operation = old === '' ? 'added' : after === '' ? 'removed' : 'modified';
    const texts = [old === '' ? '' : `,"before":${old}`, after === '' ? '' : `,"after":${after}`];
    changes.push(`{"field":${name}${texts.join('')},"operation":"${operation}"}`);
  }
  return { state: `{${members.join(',')}}`, diff: `[${changes.join(',')}]` };
}

export interface FoldResult {
  readonly rows: OutputRow[];
  readonly letters: FoldDeadLetter[];
  readonly counters: FoldCounters;
}

/** Folds rows in one chunk, or in the chunks given instead; output blocks are full after about `blockBytes`. */
export function foldRows(
  encoding: Encoding,
  input: readonly InputRow[],
  options: Partial<FoldOptions> = {},
  chunks: readonly Buffer[] = [encodeRows(input)],
  blockBytes = 1000,
): FoldResult {
  const rows = new SnapshotRows();
  rows.begin('job', 18_446_744_073_709_551_615n, blockBytes);
  const letters: FoldDeadLetter[] = [];
  const unit = new FoldUnit({
    encoding: compileEncoding(encoding),
    ordering: 'event_time',
    snapshots: 'all',
    onFailure: 'skip',
    maxEventsPerEntity: 1_000_000,
    losers: new Set(),
    reader: new NativeReader(),
    sink: { rows, onDeadLetter: (letter) => letters.push(letter) },
    ...options,
  });
  const blocks: Buffer[] = [];
  const take = () => {
    // What was taken is only good until the next time.
    if (rows.length > 0) blocks.push(Buffer.concat(rows.take()));
  };
  for (const chunk of chunks) {
    // The fold may keep nothing of a chunk: hand it a copy and spoil that afterwards.
    const copy = Buffer.from(chunk);
    unit.push(copy);
    copy.fill(0xff);
    while (unit.fold()) take();
  }
  const counters = unit.finish();
  take();
  return { rows: decodeRows(Buffer.concat(blocks)), letters, counters };
}
