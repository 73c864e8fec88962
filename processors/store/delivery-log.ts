/**
 * What became of messages to webhooks, and the logs of the jobs that there may be something to tell of. The last row of a
 * delivery in insertion order says how it stands.
 */
import type { JobEventKind } from '../replay/job-state.js';
import type { Page } from '../replay/service.js';
import type { Delivery } from '../webhooks/contract.js';
import type { PlacedEvent } from '../webhooks/messages.js';
import { parseLogPlace } from './page-cursor.js';
import type { Store } from './store.js';

export interface DeliveryRow {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly tenantId: string;
  /** Empty: a test message. */
  readonly jobId: string;
  readonly event: Delivery['event'];
  readonly eventMs: number;
  readonly outcome: 'delivered' | 'failed' | 'given_up' | 'requested';
  readonly round: number;
  readonly attempt: number;
  readonly status: number;
  readonly error: string;
  readonly durationMs: number;
  readonly nextMs: number;
  readonly actor: string;
}

export interface StandingDelivery extends DeliveryRow {
  readonly writtenMs: number;
}

/** Which jobs to look at. */
export interface ToldOf {
  readonly tenantIds: readonly string[];
  /** Jobs with news in blocks behind this one, and not longer ago than `fromMs`. */
  readonly afterBlock: string;
  readonly fromMs: number;
}

type Row = Record<string, string>;

const LAST = '(d._block_number, d._block_offset)';
const COLUMNS = ['webhook_id', 'tenant_id', 'job_id', 'event', 'outcome', 'error', 'actor'] as const;
const NUMBERS = ['event_ms', 'round', 'attempt', 'status', 'duration_ms', 'next_ms'] as const;
const STANDING = [
  'd.delivery_id AS delivery_id',
  ...COLUMNS.map((name) => `toString(argMax(d.${name}, ${LAST})) AS last_${name}`),
  ...NUMBERS.map((name) => `toString(argMax(d.${name}, ${LAST})) AS last_${name}`),
  'toString(toUnixTimestamp64Milli(max(d.written_at))) AS written',
  `toString(tupleElement(min(${LAST}), 1)) AS block`,
  `toString(tupleElement(min(${LAST}), 2)) AS block_offset`,
].join(', ');
const KINDS = `('complete', 'failed', 'paused', 'cancelled')`;

export class DeliveryLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(row: DeliveryRow): Promise<void> {
    await this.#store.insertRows('webhook_deliveries', [
      {
        delivery_id: row.deliveryId,
        webhook_id: row.webhookId,
        tenant_id: row.tenantId,
        job_id: row.jobId,
        event: row.event,
        event_ms: row.eventMs,
        outcome: row.outcome,
        round: row.round,
        attempt: row.attempt,
        status: row.status,
        error: row.error,
        duration_ms: row.durationMs,
        next_ms: row.nextMs,
        actor: row.actor,
      },
    ]);
  }

  async find(tenantId: string, webhookId: string, deliveryId: string): Promise<StandingDelivery | null> {
    const rows = await this.#standing(
      'd.tenant_id = {tenantId:String} AND d.webhook_id = {webhookId:String} AND d.delivery_id = {deliveryId:String}',
      { tenantId, webhookId, deliveryId },
    );
    return rows[0] === undefined ? null : standingOf(rows[0]);
  }

  /** By id; those that were never tried are not among them. */
  async states(deliveryIds: readonly string[]): Promise<ReadonlyMap<string, StandingDelivery>> {
    if (deliveryIds.length === 0) return new Map();
    const rows = await this.#standing('d.delivery_id IN {deliveryIds:Array(String)}', { deliveryIds });
    return new Map(rows.map((row) => [row.delivery_id!, standingOf(row)]));
  }

  /** Jobs of deliveries that are to be tried again. */
  async openJobs(tenantIds: readonly string[]): Promise<string[]> {
    const rows = await this.#standing(
      'd.tenant_id IN {tenantIds:Array(String)}',
      { tenantIds },
      `HAVING last_outcome IN ('failed', 'requested')`,
    );
    return [...new Set(rows.map((row) => row.last_job_id!).filter((jobId) => jobId !== ''))];
  }

  /** The newest first. */
  async list(
    tenantId: string,
    webhookId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<StandingDelivery>> {
    const rows = await this.#standing(
      'd.tenant_id = {tenantId:String} AND d.webhook_id = {webhookId:String}',
      { tenantId, webhookId, limit: page.limit, ...parseLogPlace(page.cursor) },
      `HAVING min(${LAST}) < ({block:UInt64}, {blockOffset:UInt64})
       ORDER BY min(${LAST}) DESC LIMIT {limit:UInt32}`,
    );
    const end = rows.length < page.limit ? undefined : rows.at(-1);
    return {
      items: rows.map(standingOf),
      next: end === undefined ? null : `${end.block}-${end.block_offset}`,
    };
  }

  /** Whole logs of jobs that something may have happened to, and of those named, in the store's order. */
  async jobEvents(about: ToldOf, jobIds: readonly string[]): Promise<PlacedEvent[]> {
    const events = this.#store.t('job_events');
    const rows = await this.#store.query<Row>(
      `SELECT job_id, tenant_id, kind, actor, if(kind IN ('created', 'complete', 'failed', 'cancelled'), body, 'null') AS body,
         toString(toUnixTimestamp64Milli(written_at)) AS ms,
         toString(_block_number) AS block, toString(_block_offset) AS block_offset
       FROM ${events}
       WHERE tenant_id IN {tenantIds:Array(String)} AND (job_id IN {jobIds:Array(String)} OR job_id IN (
         SELECT job_id FROM ${events} WHERE tenant_id IN {tenantIds:Array(String)} AND kind IN ${KINDS}
           AND _block_number > {afterBlock:UInt64} AND written_at >= fromUnixTimestamp64Milli({fromMs:Int64})))
       ORDER BY _block_number, _block_offset`,
      { ...about, jobIds },
    );
    return rows.map((row, place) => ({
      jobId: row.job_id!,
      tenantId: row.tenant_id!,
      kind: row.kind as JobEventKind,
      actor: row.actor!,
      body: JSON.parse(row.body!) as unknown,
      writtenAt: new Date(Number(row.ms)).toISOString(),
      place,
      block: row.block!,
      blockOffset: row.block_offset!,
    }));
  }

  #standing(where: string, params: Readonly<Record<string, unknown>>, end = ''): Promise<Row[]> {
    return this.#store.query<Row>(
      `SELECT ${STANDING} FROM ${this.#store.t('webhook_deliveries')} AS d
       WHERE ${where} GROUP BY d.delivery_id ${end}`,
      params,
    );
  }
}

function standingOf(row: Row): StandingDelivery {
  return {
    deliveryId: row.delivery_id!,
    webhookId: row.last_webhook_id!,
    tenantId: row.last_tenant_id!,
    jobId: row.last_job_id!,
    event: row.last_event as Delivery['event'],
    eventMs: Number(row.last_event_ms),
    outcome: row.last_outcome as DeliveryRow['outcome'],
    round: Number(row.last_round),
    attempt: Number(row.last_attempt),
    status: Number(row.last_status),
    error: row.last_error!,
    durationMs: Number(row.last_duration_ms),
    nextMs: Number(row.last_next_ms),
    actor: row.last_actor!,
    writtenMs: Number(row.written),
  };
}
