/**
 * One map unit: reads selected events, derives their entities by the job's encoding and writes one row per entity into
 * the job's own table, where the fold reads them sorted. Only encodings with `entity: rules` need it.
 */
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import { ArchiveBlock } from '../collect/archive-block.js';
import { compileEncoding } from '../encodings/compile.js';
import { mapEvent } from '../encodings/map-event.js';
import { RowBinaryReader } from '../store/rowbinary-reader.js';
import { mapSelect } from '../store/selection.js';
import type { Store } from '../store/store.js';
import { loadInput, type TaskCounters, type UnitTask } from './tasks.js';

export async function runMapTask(store: Store, task: UnitTask, signal: AbortSignal): Promise<TaskCounters> {
  const encoding = compileEncoding(task.encoding);
  const target = { table: 'replay_events', jobId: task.jobId, stage: 'mapped' } as const;
  const block = new ArchiveBlock(target);
  const claim = BigInt(task.claim);
  const counters = { events: 0, mapped: 0, unmapped: 0, rows: 0 };
  const reader = new RowBinaryReader();
  const select = mapSelect(store, task.spec, loadInput(task.input), task.range);
  const stream = await store.streamRowBinary(select.sql, select.params, {
    signal,
    maxSeconds: task.limits.statementMaxSeconds,
    settings: { max_threads: 2 },
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      reader.push(chunk);
      reader.drain((row) => {
        const { record, event } = readMapRow(row);
        counters.events++;
        const entities = mapEvent(encoding, event);
        if (entities.length === 0) counters.unmapped++;
        else counters.mapped++;
        for (let n = 0; n < entities.length; n++) {
          block.begin(record, claim);
          block.addMapped(record, event, entities[n]!, n);
          counters.rows++;
        }
      });
      if (block.byteLength >= task.limits.batchBytes) await insert(store, block);
    }
    reader.end();
    if (block.rows > 0) await insert(store, block);
    return counters;
  } finally {
    stream.destroy();
  }
}

async function insert(store: Store, block: ArchiveBlock): Promise<void> {
  await store.insertNative('replay_events', block.names, block.chunks());
  block.clear();
}

/** Reads the columns of MAP_INPUT, in order. */
function readMapRow(row: RowBinaryReader): { record: RawRecord; event: AuditEvent } {
  const tenantId = row.string();
  const entityType = row.string();
  const entityId = row.string();
  const occurredAtNs = row.i64();
  const eventId = row.string();
  const topicId = row.string();
  const topic = row.string();
  const partition = row.i32();
  const offset = row.u64();
  const recordTimeMs = row.i64();
  const eventType = row.string();
  const declaredEntityType = row.string();
  const actor = row.string();
  const action = row.string();
  const severity = row.string();
  const decision = row.string();
  const payload = row.string();
  return {
    record: { topicId, topic, partition, offset, recordTimeMs, key: null, value: null, headers: [] },
    event: {
      eventId,
      tenantId,
      eventType,
      entityType,
      entityId,
      declaredEntityType,
      actor,
      action,
      severity,
      occurredAtNs,
      decision,
      payload,
    },
  };
}
