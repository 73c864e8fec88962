/** For the fold's tests: rows as objects, their RowBinary form by hand (not by the writer under test), and back. */
import type { Encoding } from '../../schemas/encoding.js';
import { compileEncoding } from '../encodings/compile.js';
import { RowBinaryWriter } from '../store/rowbinary.js';
import { FoldUnit } from './fold.js';
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

function integer(value: bigint | number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return buffer.subarray(0, bytes);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

export function encodeRows(rows: readonly InputRow[]): Buffer {
  return Buffer.concat(
    rows.flatMap((row) => [
      integer(row.entityHash, 8),
      text(row.entityType),
      text(row.entityId),
      integer(row.occurredAt, 8),
      text(row.eventId),
      text(row.eventType),
      text(row.topicId),
      integer(row.partition, 4),
      integer(row.offset, 8),
      integer(row.n, 2),
      integer(row.bodyHash, 8),
      ...[row.tenantId, row.actor, row.action, row.severity, row.payload].map(text),
    ]),
  );
}

export function decodeRows(bytes: Buffer): OutputRow[] {
  let at = 0;
  const fixed = (size: number): bigint => {
    const value = BigInt(
      `0x${Buffer.from(bytes.subarray(at, at + size))
        .reverse()
        .toString('hex')}`,
    );
    at += size;
    return value;
  };
  const string = (): string => {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const rows: OutputRow[] = [];
  let before = new Map<string, string>();
  while (at < bytes.length) {
    const jobId = string();
    const entityHash = fixed(8);
    if (rows.at(-1)?.entityHash !== entityHash) before = new Map();
    rows.push({
      jobId,
      entityHash,
      entityType: string(),
      entityId: string(),
      foldSeq: fixed(8),
      occurredAt: BigInt.asIntN(64, fixed(8)),
      eventId: string(),
      eventType: string(),
      topicId: string(),
      partition: Number(BigInt.asIntN(32, fixed(4))),
      offset: fixed(8),
      n: Number(fixed(2)),
      exists: Number(fixed(1)),
      changes: Number(fixed(4)),
      ...stateAndDiff(string(), string(), before),
      claim: fixed(8),
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

/** Folds rows in one chunk, or in the chunks given instead. */
export function foldRows(
  encoding: Encoding,
  input: readonly InputRow[],
  options: Partial<FoldOptions> = {},
  chunks: readonly Buffer[] = [encodeRows(input)],
): FoldResult {
  const rows = new RowBinaryWriter();
  const letters: FoldDeadLetter[] = [];
  const unit = new FoldUnit({
    encoding: compileEncoding(encoding),
    jobId: 'job',
    claim: 18_446_744_073_709_551_615n,
    ordering: 'event_time',
    snapshots: 'all',
    onFailure: 'skip',
    maxEventsPerEntity: 1_000_000,
    losers: new Set(),
    sink: { rows, onDeadLetter: (letter) => letters.push(letter) },
    ...options,
  });
  for (const chunk of chunks) {
    // The fold may keep nothing of a chunk: hand it a copy and spoil that afterwards.
    const copy = Buffer.from(chunk);
    unit.push(copy);
    copy.fill(0xff);
  }
  const counters = unit.finish();
  return { rows: decodeRows(Buffer.from(rows.view())), letters, counters };
}
