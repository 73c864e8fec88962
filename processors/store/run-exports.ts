/**
 * Whole lists of a run as files: the store makes the format and streams it, nothing is held here. Which columns a list
 * has, and how each is written in a format, is said once below.
 */
import type { Readable } from 'node:stream';
import { RewindError } from '../../schemas/errors.js';
import { createdClause, type JobFilters } from '../replay/job-list.js';
import type {
  AuditExportFilters,
  ExportFilters,
  ExportFormat,
  ExportKind,
  TenantExportKind,
} from '../results/contract.js';
import type { QueryParams, Store } from './store.js';

/** text: may hold anything; json: canonical JSON text; number: up to 64 bits; time: up to nanoseconds. */
type ColumnKind = 'text' | 'json' | 'number' | 'time' | 'timeOrNull';

interface ExportList {
  readonly view: string;
  readonly order: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Name of the column that says which field changed; undefined: rows are not of one field. */
  readonly field?: string;
  /** Column that says whose rows they are; undefined: job_id. */
  readonly owner?: string;
}

const ENTITY = { entity_type: 'text', entity_id: 'text' } as const;
const EVENT = { event_id: 'text', event_type: 'text', occurred_at: 'time' } as const;
const COORDINATES = { topic_id: 'text', partition: 'number', offset: 'number' } as const;
const BY_ENTITY = 'entity_hash, entity_type, entity_id, fold_seq';

const LISTS: Readonly<Record<ExportKind | TenantExportKind, ExportList>> = {
  snapshots: {
    view: 'v1_snapshots',
    order: BY_ENTITY,
    columns: {
      ...ENTITY,
      fold_seq: 'number',
      ...EVENT,
      exists: 'number',
      changes: 'number',
      state_before: 'json',
      state_after: 'json',
      diff: 'json',
      ...COORDINATES,
    },
  },
  timeline: {
    view: 'v1_timeline',
    order: 'occurred_at, event_id, n',
    columns: { ...EVENT, ...ENTITY, fold_seq: 'number', changes: 'number' },
  },
  'field-changes': {
    view: 'v1_field_changes',
    order: `${BY_ENTITY}, field`,
    columns: { ...ENTITY, fold_seq: 'number', ...EVENT, field: 'text', operation: 'text', change: 'json' },
    field: 'field',
  },
  'dead-letters': {
    view: 'v1_dead_letters',
    order: 'kind, topic_id, partition, offset, n, entity_id',
    columns: {
      kind: 'text',
      stage: 'text',
      error_code: 'text',
      error: 'text',
      ...EVENT,
      ...ENTITY,
      ...COORDINATES,
      schema_id: 'number',
    },
  },
  decisions: {
    view: 'v1_decisions',
    order: BY_ENTITY,
    columns: {
      ...ENTITY,
      fold_seq: 'number',
      ...EVENT,
      decision: 'json',
      error: 'text',
      before: 'json',
      before_error: 'text',
      transition: 'text',
    },
  },
  differences: {
    view: 'v1_difference_lines',
    order: 'entity_hash, entity_type, entity_id',
    columns: {
      ...ENTITY,
      signature: 'text',
      presence: 'text',
      final_differs: 'number',
      changes: 'json',
      differences: 'json',
      events: 'number',
      ...EVENT,
    },
  },
  'current-state': {
    view: 'v1_current_state',
    order: 'entity_hash, entity_type, entity_id',
    columns: {
      ...ENTITY,
      state: 'json',
      event_id: 'text',
      occurred_at: 'time',
      fold_seq: 'number',
      job_id: 'text',
      as_of: 'time',
    },
    owner: 'tenant_id',
  },
  jobs: {
    view: 'v1_runs',
    order: 'created_at, job_id',
    columns: {
      job_id: 'text',
      name: 'text',
      job_type: 'text',
      status: 'text',
      encoding_version: 'number',
      rule_version: 'number',
      time_range_start: 'time',
      time_range_end: 'time',
      events_processed: 'number',
      events_failed: 'number',
      snapshots: 'number',
      exactness: 'text',
      parent_job_id: 'text',
      created_at: 'time',
      completed_at: 'timeOrNull',
    },
    owner: 'tenant_id',
  },
  'audit-entries': {
    view: 'v1_audit_entries',
    order: 'recorded_at, writer, seq',
    columns: {
      audit_entry_id: 'text',
      recorded_at: 'time',
      actor: 'text',
      action: 'text',
      target: 'text',
      outcome: 'text',
      detail: 'json',
      writer: 'text',
      seq: 'number',
      hash: 'text',
    },
    owner: 'tenant_id',
  },
};

const FORMATS: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'TSVRaw',
  csv: 'CSVWithNames',
  parquet: 'Parquet',
};
/** Sorts that do not fit go to disk. */
const SORT_MAX_BYTES = 256 << 20;

export class RunExports {
  readonly #store: Store;
  readonly #maxSeconds: number;

  constructor(store: Store, maxSeconds: number) {
    this.#store = store;
    this.#maxSeconds = maxSeconds;
  }

  /** `owner`: the job, or the tenant, whose list it is. */
  stream(
    owner: string,
    kind: ExportKind | TenantExportKind,
    format: ExportFormat,
    filters: ExportFilters,
  ): Promise<Readable> {
    return this.#rows(owner, LISTS[kind], format, conditions(LISTS[kind], filters));
  }

  /** Jobs of a tenant, as the list of jobs filters them. */
  jobs(tenantId: string, format: ExportFormat, filters: JobFilters): Promise<Readable> {
    const created = createdClause(filters);
    const { status, deleted = 'without' } = filters;
    const sql = [
      `r.tenant_id = {owner:String} AND r.verifies = ''`,
      `r.job_id IN (SELECT job_id FROM ${this.#store.t('job_events')} WHERE tenant_id = {owner:String} AND kind = 'created' AND ${created.sql})`,
      ...(status === undefined ? [] : ['r.status IN {statuses:Array(String)}']),
      ...(deleted === 'with' ? [] : [deleted === 'only' ? 'r.deleted' : 'NOT r.deleted']),
    ];
    const params = { ...created.params, statuses: status ?? [] };
    return this.#rows(tenantId, LISTS.jobs, format, { sql: sql.join(' AND '), params });
  }

  auditEntries(tenantId: string, format: ExportFormat, filters: AuditExportFilters): Promise<Readable> {
    const { actor, action, fromNs, toNs } = filters;
    const sql = [
      'r.tenant_id = {owner:String}',
      ...(actor === undefined ? [] : ['r.actor = {actor:String}']),
      ...(action === undefined ? [] : ['r.action = {action:String}']),
      ...(fromNs === undefined ? [] : [`r.recorded_at >= fromUnixTimestamp64Nano({fromNs:Int64}, 'UTC')`]),
      ...(toNs === undefined ? [] : [`r.recorded_at <= fromUnixTimestamp64Nano({toNs:Int64}, 'UTC')`]),
    ];
    const where = { sql: sql.join(' AND '), params: { ...filters } };
    return this.#rows(tenantId, LISTS['audit-entries'], format, where);
  }

  #rows(
    owner: string,
    list: ExportList,
    format: ExportFormat,
    where: { readonly sql: string; readonly params: QueryParams },
  ): Promise<Readable> {
    const columns = Object.entries(list.columns);
    const selected =
      format === 'ndjson'
        ? `concat('{', ${columns.map(([name, type]) => jsonMember(name, type)).join(", ',', ")}, '}') AS line`
        : columns
            .map(([name, type]) => `${format === 'csv' ? csvCell(name, type) : `r.${name}`} AS ${name}`)
            .join(', ');
    const order = list.order.split(', ').map((name) => `r.${name}`);
    return this.#store.streamFormat(
      `SELECT ${selected} FROM ${this.#store.t(list.view)} AS r WHERE ${where.sql} ORDER BY ${order.join(', ')}`,
      FORMATS[format],
      { ...where.params, owner },
      {
        maxSeconds: this.#maxSeconds,
        settings: {
          max_bytes_before_external_sort: String(SORT_MAX_BYTES),
          output_format_parquet_string_as_string: 1,
        },
      },
    );
  }
}

function conditions(list: ExportList, filters: ExportFilters): { sql: string; params: QueryParams } {
  const sql = [`r.${list.owner ?? 'job_id'} = {owner:String}`];
  if (filters.entityType !== undefined) sql.push('r.entity_type = {entityType:String}');
  if (filters.entityId !== undefined) sql.push('r.entity_id = {entityId:String}');
  if (filters.entityPrefix !== undefined) sql.push('startsWith(r.entity_id, {entityPrefix:String})');
  if (filters.eventType !== undefined) sql.push('r.event_type = {eventType:String}');
  if (filters.fromNs !== undefined)
    sql.push(`r.occurred_at >= fromUnixTimestamp64Nano({fromNs:Int64}, 'UTC')`);
  if (filters.toNs !== undefined) sql.push(`r.occurred_at <= fromUnixTimestamp64Nano({toNs:Int64}, 'UTC')`);
  if (filters.field !== undefined) {
    if (list.field === undefined)
      throw new RewindError('field_invalid', 'only field-changes can be narrowed to a field', {
        pointer: '/field',
      });
    sql.push(`r.${list.field} = {field:String}`);
  }
  return { sql: sql.join(' AND '), params: { ...filters } };
}

/** 2024-01-15T10:30:00.000000000Z */
const timeText = (name: string) => `concat(replaceOne(ifNull(toString(r.${name}), ''), ' ', 'T'), 'Z')`;

function jsonMember(name: string, type: ColumnKind): string {
  if (type === 'timeOrNull')
    return `'"${name}":', if(isNull(r.${name}), 'null', toJSONString(${timeText(name)}))`;
  const value =
    type === 'json'
      ? `if(r.${name} = '', 'null', r.${name})`
      : `toJSONString(${type === 'time' ? timeText(name) : type === 'text' ? `toString(r.${name})` : `toInt64(r.${name})`})`;
  return `'"${name}":', ${value}`;
}

/** A spreadsheet takes text that begins like this for a formula. */
const FORMULA = String.raw`'^[=+\\-@\\t\\r]'`;

function csvCell(name: string, type: ColumnKind): string {
  if (type === 'number') return `r.${name}`;
  if (type === 'time') return timeText(name);
  if (type === 'timeOrNull') return `if(isNull(r.${name}), '', ${timeText(name)})`;
  const text = `toString(r.${name})`;
  return `if(match(${text}, ${FORMULA}), concat('''', ${text}), ${text})`;
}
