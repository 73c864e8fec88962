/**
 * The job log in the store: what happened to replay jobs, in insertion order. `replay/job-state.ts` folds it.
 */
import { createdClause, type JobFilters } from '../replay/job-list.js';
import { applyJobEvent, type JobEvent, type JobEventKind, type JobState } from '../replay/job-state.js';
import type { Store } from './store.js';

interface Row {
  job_id: string;
  tenant_id: string;
  kind: JobEventKind;
  actor: string;
  body: string;
  written_at: string;
}

export interface StoredJob {
  readonly jobId: string;
  readonly tenantId: string;
  readonly state: JobState;
}

export type NewJobEvent = Omit<JobEvent, 'writtenAt' | 'place'>;

/** Where a job stands in the order of creation. */
export interface JobCursor {
  readonly block: string;
  readonly blockOffset: string;
}

const COLUMNS = `job_id, tenant_id, kind, actor, body,
  formatDateTime(written_at, '%Y-%m-%dT%H:%i:%S', 'UTC') || '.' || leftPad(toString(toUnixTimestamp64Milli(written_at) % 1000), 3, '0') || 'Z' AS written_at`;

export class JobLog {
  readonly #store: Store;
  readonly #table: string;

  constructor(store: Store) {
    this.#store = store;
    this.#table = store.t('job_events');
  }

  /** Events appended together stand together in the order. */
  async append(...events: NewJobEvent[]): Promise<void> {
    await this.#store.insertRows(
      'job_events',
      events.map((event) => ({
        job_id: event.jobId,
        tenant_id: event.tenantId,
        kind: event.kind,
        actor: event.actor,
        // Facts of an error hold offsets and times as bigint: decimal text keeps every digit.
        body: JSON.stringify(event.body ?? null, (_, value) =>
          typeof value === 'bigint' ? value.toString() : value,
        ),
      })),
    );
  }

  async read(tenantId: string, jobId: string): Promise<StoredJob | null> {
    const jobs = await this.#fold('tenant_id = {tenantId:String} AND job_id = {jobId:String}', {
      tenantId,
      jobId,
    });
    return jobs[0] ?? null;
  }

  /** Tenants of the jobs that wait, in the order in which a job of theirs was admitted last. */
  async servedTenants(jobs: readonly StoredJob[]): Promise<string[]> {
    const waiting = jobs.filter(({ state }) => state.status === 'Pending' && state.admitted === null);
    if (waiting.length === 0) return [];
    const rows = await this.#store.query<{ tenant: string }>(
      `SELECT tenant_id AS tenant FROM ${this.#table}
       WHERE kind = 'admitted' AND tenant_id IN {tenants:Array(String)}
       GROUP BY tenant_id ORDER BY max((_block_number, _block_offset))`,
      { tenants: [...new Set(waiting.map(({ tenantId }) => tenantId))] },
    );
    return rows.map(({ tenant }) => tenant);
  }

  /** True once nobody may see the job's rows any more. */
  async isDropped(tenantId: string, jobId: string): Promise<boolean> {
    const rows = await this.#store.query<{ count: string }>(
      `SELECT toString(count()) AS count FROM ${this.#table}
       WHERE tenant_id = {tenantId:String} AND job_id = {jobId:String} AND kind IN ('dropped', 'deleted')`,
      { tenantId, jobId },
    );
    return rows[0]!.count !== '0';
  }

  /** When each kind of event was first written, milliseconds since 1970 by the store's clock. */
  async times(tenantId: string, jobId: string): Promise<ReadonlyMap<JobEventKind, number>> {
    const rows = await this.#store.query<{ event: JobEventKind; ms: string }>(
      `SELECT kind AS event, toString(toUnixTimestamp64Milli(min(written_at))) AS ms FROM ${this.#table}
       WHERE tenant_id = {tenantId:String} AND job_id = {jobId:String} GROUP BY kind`,
      { tenantId, jobId },
    );
    return new Map(rows.map((row) => [row.event, Number(row.ms)]));
  }

  /**
   * Jobs that workers have something to do for, oldest first: those that have not ended, and those whose end is not
   * settled. A few more may be among them; the state of each says what it is.
   */
  async unfinished(): Promise<StoredJob[]> {
    const ends = `('complete', 'failed', 'cancelled')`;
    const last = (kinds: string) => `maxIf((_block_number, _block_offset), kind IN ${kinds})`;
    return this.#fold(
      `job_id NOT IN (
         SELECT job_id FROM ${this.#table} GROUP BY job_id
         HAVING ${last(ends)} > ${last(`('created', 'resumed')`)}
           AND ${last(`('settled')`)} >= ${last(`('cancelled', 'deleted')`)})`,
      {},
    );
  }

  /** Jobs of a tenant, newest first, with the cursor that continues after each. */
  async list(
    tenantId: string,
    options: { limit: number; before: JobCursor; filters?: JobFilters },
  ): Promise<{ job: StoredJob; cursor: JobCursor }[]> {
    const created = createdClause(options.filters ?? {});
    const heads = await this.#store.query<{ job_id: string; block: string; block_offset: string }>(
      `SELECT job_id, toString(tupleElement(at, 1)) AS block, toString(tupleElement(at, 2)) AS block_offset FROM (
         SELECT job_id, min((_block_number, _block_offset)) AS at FROM ${this.#table}
         WHERE tenant_id = {tenantId:String} AND kind = 'created' AND ${created.sql} GROUP BY job_id)
       WHERE at < ({block:UInt64}, {blockOffset:UInt64}) ORDER BY at DESC LIMIT {limit:UInt32}`,
      {
        ...created.params,
        tenantId,
        limit: options.limit,
        ...options.before,
      },
    );
    const jobs = await this.#fold('tenant_id = {tenantId:String} AND job_id IN {ids:Array(String)}', {
      tenantId,
      ids: heads.map((head) => head.job_id),
    });
    const byId = new Map(jobs.map((job) => [job.jobId, job]));
    return heads.flatMap((head) => {
      const job = byId.get(head.job_id);
      return job === undefined
        ? []
        : [{ job, cursor: { block: head.block, blockOffset: head.block_offset } }];
    });
  }

  /** Ids of the jobs that fold a run again, the newest first. */
  async verificationsOf(tenantId: string, jobId: string, limit: number): Promise<string[]> {
    const rows = await this.#store.query<{ id: string }>(
      `SELECT job_id AS id FROM ${this.#table}
       WHERE tenant_id = {tenantId:String} AND kind = 'created' AND JSONExtractString(body, 'verifies') = {jobId:String}
       ORDER BY _block_number DESC, _block_offset DESC LIMIT 1 BY job_id LIMIT {limit:UInt32}`,
      { tenantId, jobId, limit },
    );
    return rows.map(({ id }) => id);
  }

  async #fold(where: string, params: Record<string, unknown>): Promise<StoredJob[]> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE ${where} ORDER BY _block_number, _block_offset`,
      params,
    );
    const jobs = new Map<string, { jobId: string; tenantId: string; state: JobState | null }>();
    for (const [place, row] of rows.entries()) {
      const job = jobs.get(row.job_id) ?? { jobId: row.job_id, tenantId: row.tenant_id, state: null };
      job.state = applyJobEvent(job.state, toEvent(row, place));
      jobs.set(row.job_id, job);
    }
    return [...jobs.values()].filter((job): job is StoredJob => job.state !== null);
  }
}

function toEvent(row: Row, place: number): JobEvent {
  return {
    jobId: row.job_id,
    tenantId: row.tenant_id,
    kind: row.kind,
    actor: row.actor,
    body: JSON.parse(row.body) as unknown,
    writtenAt: row.written_at,
    place,
  };
}
