/** The columns of the archive's tables, as archive-block.ts fills them: the same names and types as in schemas/clickhouse. */

import {
  DictionaryColumn,
  type NativeColumn,
  RunColumn,
  StringColumn,
  WordsColumn,
} from '../store/native-columns.js';
import { RAW_KEY_IS, RAW_VALUE_IS } from './raw-record.js';

/** Where rows go: the archive, or one job's own table under a stage name. */
export type RowTarget =
  | { readonly table: 'audit_events' }
  | { readonly table: 'replay_events'; readonly jobId: string; readonly stage: 'collected' | 'mapped' };

/** The type as the table has it. */
function enumOf(values: Readonly<Record<string, number>>): string {
  return `Enum8(${Object.entries(values)
    .map(([name, value]) => `'${name}' = ${value}`)
    .join(', ')})`;
}

export class ArchiveColumns {
  readonly tenantId = new DictionaryColumn('tenant_id');
  readonly entityType = new DictionaryColumn('entity_type');
  readonly entityId = new StringColumn('entity_id');
  readonly occurredAt = new WordsColumn('occurred_at', "DateTime64(9, 'UTC')");
  readonly eventId = new StringColumn('event_id');
  readonly topicId = new DictionaryColumn('topic_id');
  readonly topic = new DictionaryColumn('topic');
  readonly partition = new RunColumn<number>('partition', 'Int32', (rows) => new Int32Array(rows), 0);
  readonly offset = new WordsColumn('offset', 'UInt64');
  readonly n = new RunColumn<number>('n', 'UInt16', (rows) => new Uint16Array(rows), 0);
  readonly recordTime = new WordsColumn('record_time', "DateTime64(3, 'UTC')");
  readonly eventType = new DictionaryColumn('event_type');
  readonly declaredEntityType = new DictionaryColumn('declared_entity_type');
  readonly actor = new StringColumn('actor');
  readonly action = new DictionaryColumn('action');
  readonly severity = new DictionaryColumn('severity');
  readonly decision = new StringColumn('decision');
  readonly payloadShape = new DictionaryColumn('payload_shape');
  readonly payloadValues = new StringColumn('payload_values');
  readonly errorCode = new DictionaryColumn('error_code');
  readonly error = new StringColumn('error');
  readonly schemaId = new RunColumn<number>('schema_id', 'Int32', (rows) => new Int32Array(rows), -1);
  readonly rawKey = new StringColumn('raw_key');
  readonly rawValue = new StringColumn('raw_value');
  readonly rawKeyIs = new RunColumn<number>(
    'raw_key_is',
    enumOf(RAW_KEY_IS),
    (rows) => new Uint8Array(rows),
    0,
  );
  readonly rawValueIs = new RunColumn<number>(
    'raw_value_is',
    enumOf(RAW_VALUE_IS),
    (rows) => new Uint8Array(rows),
    0,
  );
  readonly headers = new StringColumn('headers');
  readonly claim = new RunColumn<bigint>('claim', 'UInt64', (rows) => new BigUint64Array(rows), 0n);
  // Of a job's own table alone.
  readonly jobId = new DictionaryColumn('job_id');
  readonly stage = new DictionaryColumn('stage');
  readonly envelopeEntityType = new DictionaryColumn('envelope_entity_type');
  readonly envelopeEntityId = new StringColumn('envelope_entity_id');

  /** Those that the target has, in the order in which they are sent. */
  of(target: RowTarget): readonly NativeColumn[] {
    const { jobId, stage, envelopeEntityType, envelopeEntityId, ...event } = this;
    const common: NativeColumn[] = Object.values(event);
    if (target.table === 'audit_events') return common;
    const own = [jobId, stage, ...common];
    return target.stage === 'mapped' ? [...own, envelopeEntityType, envelopeEntityId] : own;
  }
}
