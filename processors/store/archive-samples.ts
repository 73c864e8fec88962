/** The newest archived events and records of a tenant, for previews. Only rows that count: under claims of the archive. */
import type { AuditEvent, RawRecord } from '../../schemas/event.js';
import { headersOf } from '../collect/kept-record.js';
import { ARCHIVE_SCOPE } from '../collect/layout.js';
import { clipSegments } from '../replay/segments.js';
import { PAYLOAD, visibleClause } from './selection.js';
import type { Store } from './store.js';
import type { UnitLog } from './unit-log.js';

const OFFSETS_END = 1n << 63n;

export class ArchiveSamples {
  readonly #store: Store;
  readonly #unitLog: UnitLog;

  /** `store` may be one that only reads. */
  constructor(store: Store, unitLog: UnitLog) {
    this.#store = store;
    this.#unitLog = unitLog;
  }

  /** Decoded events of the tenant, the newest first. */
  async events(tenantId: string, limit: number): Promise<AuditEvent[]> {
    const rows = await this.#newest<Record<string, string>>(
      `event_id, event_type, entity_type, entity_id, declared_entity_type, actor, action, severity, decision,
       toString(toUnixTimestamp64Nano(occurred_at)) AS ns, ${PAYLOAD} AS payload`,
      'n = 0',
      { tenantId, limit },
    );
    return rows.map((row) => ({
      eventId: row.event_id!,
      tenantId,
      eventType: row.event_type!,
      entityType: row.entity_type!,
      entityId: row.entity_id!,
      declaredEntityType: row.declared_entity_type!,
      actor: row.actor!,
      action: row.action!,
      severity: row.severity!,
      occurredAtNs: BigInt(row.ns!),
      decision: row.decision!,
      payload: row.payload!,
    }));
  }

  /** Records of the tenant on these topics whose bytes were kept as they were produced, the newest first. */
  async records(tenantId: string, topics: readonly string[], limit: number): Promise<RawRecord[]> {
    const rows = await this.#newest<Record<string, string> & { partition: number }>(
      `topic, topic_id, partition, toString(offset) AS at, toString(toUnixTimestamp64Milli(record_time)) AS ms,
       toString(raw_key_is) AS key_is, entity_id, base64Encode(raw_key) AS key, base64Encode(raw_value) AS value, headers`,
      `n = 0 AND raw_value_is = 'stored' AND topic IN {topics:Array(String)}`,
      { tenantId, limit, topics },
    );
    return rows.map((row) => ({
      topicId: row.topic_id!,
      topic: row.topic!,
      partition: row.partition,
      offset: BigInt(row.at!),
      recordTimeMs: BigInt(row.ms!),
      key: keyOf(row),
      value: Buffer.from(row.value!, 'base64'),
      headers: headersOf(row.headers!),
    }));
  }

  async #newest<Row>(
    columns: string,
    condition: string,
    params: { readonly tenantId: string; readonly limit: number; readonly topics?: readonly string[] },
  ): Promise<Row[]> {
    const table = this.#store.t('audit_events');
    const ranges = clipSegments((await this.#unitLog.readScope(ARCHIVE_SCOPE)).values(), {
      from: 0n,
      to: OFFSETS_END,
    });
    const visible = visibleClause({ table: 'audit_events', jobId: '', stage: '', ranges });
    return this.#store.query<Row>(
      `SELECT ${columns} FROM ${table}
       WHERE tenant_id = {tenantId:String} AND error_code = '' AND ${condition} AND ${visible.sql}
       ORDER BY occurred_at DESC, event_id DESC LIMIT {limit:UInt32}`,
      { ...visible.params, ...params },
    );
  }
}

/** A key that was not kept is none. */
function keyOf(row: Record<string, string>): Buffer | null {
  if (row.key_is === 'stored') return Buffer.from(row.key!, 'base64');
  return row.key_is === 'entity_id' ? Buffer.from(row.entity_id!) : null;
}
