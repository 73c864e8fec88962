/** The jobs of all tenants, for the instance's operator: no names, filters, reasons or payloads. */
import type { JobStatus } from '../../schemas/job.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

export interface InstanceJob {
  readonly jobId: string;
  readonly tenantId: string;
  readonly jobType: string;
  readonly status: JobStatus;
  readonly eventsProcessed: number;
  readonly eventsFailed: number;
  readonly createdAt: string;
  readonly completedAt: string | null;
}

export interface InstanceJobs {
  /** Newest first. `next`: cursor of the next page. */
  list(options: { readonly limit: number; readonly status?: JobStatus; readonly cursor?: string }): Promise<{
    readonly items: readonly InstanceJob[];
    readonly next: string | null;
  }>;
  /** Null: no tenant has such a job. */
  find(jobId: string): Promise<InstanceJob | null>;
}

interface Row {
  job_id: string;
  tenant_id: string;
  job_type: string;
  status: JobStatus;
  processed: string;
  failed: string;
  created_ms: string;
  completed_ms: string;
}

export class StoredInstanceJobs implements InstanceJobs {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async list(options: { readonly limit: number; readonly status?: JobStatus; readonly cursor?: string }) {
    const [ms = '9223372036854775807', jobId = ''] = options.cursor?.split(' ') ?? [];
    const rows = await this.#select(
      `(toUnixTimestamp64Milli(created_at), job_id) < ({ms:Int64}, {jobId:String})
       AND ({status:String} = '' OR status = {status:String})`,
      { ms, jobId, status: options.status ?? '', limit: options.limit },
    );
    const last = rows.length < options.limit ? undefined : rows.at(-1);
    return {
      items: rows.map(viewOf),
      next: last === undefined ? null : `${last.created_ms} ${last.job_id}`,
    };
  }

  async find(jobId: string): Promise<InstanceJob | null> {
    const [row] = await this.#select('job_id = {jobId:String}', { jobId, limit: 1 });
    return row === undefined ? null : viewOf(row);
  }

  #select(where: string, params: Record<string, unknown>): Promise<Row[]> {
    return this.#store.query<Row>(
      `SELECT job_id, tenant_id, job_type, status, toString(events_processed) AS processed,
         toString(events_failed) AS failed, toString(toUnixTimestamp64Milli(created_at)) AS created_ms,
         if(completed_at IS NULL, '', toString(toUnixTimestamp64Milli(assumeNotNull(completed_at)))) AS completed_ms
       FROM ${this.#store.t('v1_runs')} WHERE ${where}
       ORDER BY created_at DESC, job_id DESC LIMIT {limit:UInt32}`,
      params,
    );
  }
}

function viewOf(row: Row): InstanceJob {
  return {
    jobId: row.job_id,
    tenantId: row.tenant_id,
    jobType: row.job_type,
    status: row.status,
    eventsProcessed: Number(row.processed),
    eventsFailed: Number(row.failed),
    createdAt: timeOf(row.created_ms),
    completedAt: row.completed_ms === '' ? null : timeOf(row.completed_ms),
  };
}

function timeOf(ms: string): string {
  return formatRfc3339Ns(BigInt(ms) * 1_000_000n);
}
