/** A tenant's overview, read off the job log in a few queries. */
import type { JobStatus } from '../../schemas/job.js';
import type { TenantOverview, TenantOverviews } from '../replay/overview.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

/** Complete runs that the throughput is taken from. */
const RUNS_OF_THROUGHPUT = 20;
const FAILURES_SHOWN = 5;

interface RunRow {
  job_id: string;
  job_type: NonNullable<TenantOverview['lastRun']>['jobType'];
  status: JobStatus;
  created_ms: string;
  completed_ms: string;
  events_processed: string;
  events_failed: string;
}

export class StoredOverviews implements TenantOverviews {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async of(tenantId: string): Promise<TenantOverview> {
    const [counts, lastRun, latestFailures, throughput] = await Promise.all([
      this.#counts(tenantId),
      this.#lastRun(tenantId),
      this.#latestFailures(tenantId),
      this.#throughput(tenantId),
    ]);
    return { ...counts, lastRun, latestFailures, throughput };
  }

  async #counts(tenantId: string): Promise<Pick<TenantOverview, 'jobsByStatus' | 'eventsFailed'>> {
    const rows = await this.#store.query<{ status: JobStatus; jobs: string; failed: string }>(
      `SELECT status, toString(count()) AS jobs, toString(sum(events_failed)) AS failed
       FROM ${this.#store.t('v1_runs')} WHERE tenant_id = {tenantId:String} AND verifies = '' GROUP BY status`,
      { tenantId },
    );
    const jobsByStatus = { Pending: 0, Running: 0, Paused: 0, Complete: 0, Failed: 0, Cancelled: 0 };
    for (const { status, jobs } of rows) jobsByStatus[status] = Number(jobs);
    return { jobsByStatus, eventsFailed: rows.reduce((sum, { failed }) => sum + Number(failed), 0) };
  }

  async #lastRun(tenantId: string): Promise<TenantOverview['lastRun']> {
    const rows = await this.#store.query<RunRow>(
      `SELECT job_id, job_type, status, toString(toUnixTimestamp64Milli(created_at)) AS created_ms,
         if(completed_at IS NULL, '', toString(toUnixTimestamp64Milli(assumeNotNull(completed_at)))) AS completed_ms,
         toString(events_processed) AS events_processed, toString(events_failed) AS events_failed
       FROM ${this.#store.t('v1_runs')} WHERE tenant_id = {tenantId:String} AND verifies = ''
       ORDER BY created_at DESC, job_id DESC LIMIT 1`,
      { tenantId },
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      jobId: row.job_id,
      jobType: row.job_type,
      status: row.status,
      createdAt: timeOf(row.created_ms),
      completedAt: row.completed_ms === '' ? null : timeOf(row.completed_ms),
      eventsProcessed: Number(row.events_processed),
      eventsFailed: Number(row.events_failed),
    };
  }

  async #latestFailures(tenantId: string): Promise<TenantOverview['latestFailures']> {
    const rows = await this.#store.query<{ job_id: string; ms: string; code: string; message: string }>(
      `SELECT r.job_id AS job_id, toString(toUnixTimestamp64Milli(e.written_at)) AS ms,
         JSONExtractString(e.body, 'code') AS code, JSONExtractString(e.body, 'message') AS message
       FROM ${this.#store.t('job_events')} AS e INNER JOIN ${this.#store.t('v1_runs')} AS r ON e.job_id = r.job_id
       WHERE e.tenant_id = {tenantId:String} AND e.kind = 'failed' AND r.status = 'Failed'
       ORDER BY e.written_at DESC LIMIT 1 BY r.job_id LIMIT ${FAILURES_SHOWN}`,
      { tenantId },
    );
    return rows.map(({ job_id, ms, code, message }) => ({
      jobId: job_id,
      failedAt: timeOf(ms),
      code,
      message,
    }));
  }

  async #throughput(tenantId: string): Promise<TenantOverview['throughput']> {
    const rows = await this.#store.query<{ runs: string; events: string; ms: string }>(
      `SELECT toString(count()) AS runs, toString(sum(events)) AS events, toString(sum(ms)) AS ms FROM (
         SELECT r.events_processed AS events,
           toUnixTimestamp64Milli(assumeNotNull(r.completed_at)) - toUnixTimestamp64Milli(s.started) AS ms
         FROM ${this.#store.t('v1_runs')} AS r INNER JOIN
           (SELECT job_id, min(written_at) AS started FROM ${this.#store.t('job_events')}
            WHERE tenant_id = {tenantId:String} AND kind = 'started' GROUP BY job_id) AS s ON r.job_id = s.job_id
         WHERE r.tenant_id = {tenantId:String} AND r.status = 'Complete'
         ORDER BY r.completed_at DESC LIMIT ${RUNS_OF_THROUGHPUT})`,
      { tenantId },
    );
    const [row] = rows;
    return {
      runs: Number(row?.runs ?? 0),
      events: Number(row?.events ?? 0),
      seconds: Number(row?.ms ?? 0) / 1000,
    };
  }
}

function timeOf(ms: string): string {
  return formatRfc3339Ns(BigInt(ms) * 1_000_000n);
}
