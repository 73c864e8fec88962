/** Webhooks in the store: a row for each change; the last one of a webhook counts, and a deleted one is gone. */
import type { Webhook, WebhookEvent } from '../webhooks/contract.js';
import type { Store } from './store.js';

export interface StoredWebhook extends Webhook {
  readonly sealedSecret: string;
  /** Only what happened from then on is sent. */
  readonly sinceMs: number;
}

export type NewWebhookRow = Omit<StoredWebhook, 'createdBy' | 'createdAt' | 'changedAt'>;

interface Row {
  webhook_id: string;
  tenant_id: string;
  name: string;
  url: string;
  events: WebhookEvent[];
  job_types: Webhook['jobTypes'];
  labels: string;
  enabled: number;
  since: string;
  sealed_secret: string;
  author: string;
  created: string;
  changed: string;
}

const LAST = '(w._block_number, w._block_offset)';
const last = (column: string, as = column) => `argMax(w.${column}, ${LAST}) AS ${as}`;

export class WebhookLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(kind: 'created' | 'changed' | 'deleted', hook: NewWebhookRow, actor: string): Promise<void> {
    await this.#store.insertRows('webhooks', [
      {
        webhook_id: hook.webhookId,
        kind,
        tenant_id: hook.tenantId,
        name: hook.name,
        url: hook.url,
        events: hook.events,
        job_types: hook.jobTypes,
        labels: JSON.stringify(hook.labels),
        enabled: hook.enabled ? 1 : 0,
        since_ms: hook.sinceMs,
        sealed_secret: hook.sealedSecret,
        actor,
      },
    ]);
  }

  async find(tenantId: string, webhookId: string): Promise<StoredWebhook | null> {
    const where = 'w.tenant_id = {tenantId:String} AND w.webhook_id = {webhookId:String}';
    return (await this.#select(where, { tenantId, webhookId }))[0] ?? null;
  }

  /** The newest first. */
  list(tenantId: string): Promise<StoredWebhook[]> {
    return this.#select('w.tenant_id = {tenantId:String}', { tenantId });
  }

  /** Of all tenants, for those who send. */
  async enabled(): Promise<StoredWebhook[]> {
    return (await this.#select('1', {})).filter(({ enabled }) => enabled);
  }

  async #select(where: string, params: Readonly<Record<string, string>>): Promise<StoredWebhook[]> {
    const rows = await this.#store.query<Row>(
      `SELECT w.webhook_id AS webhook_id, any(w.tenant_id) AS tenant_id, ${last('name')}, ${last('url')},
         ${last('events')}, ${last('job_types')}, ${last('labels')}, ${last('enabled')}, ${last('sealed_secret')},
         toString(argMax(if(w.since_ms = 0, toUnixTimestamp64Milli(w.written_at), w.since_ms), ${LAST})) AS since,
         argMin(w.actor, ${LAST}) AS author,
         toString(toUnixTimestamp64Milli(min(w.written_at))) AS created,
         toString(toUnixTimestamp64Milli(max(w.written_at))) AS changed
       FROM ${this.#store.t('webhooks')} AS w WHERE ${where}
       GROUP BY w.webhook_id HAVING countIf(w.kind = 'deleted') = 0
       ORDER BY min(${LAST}) DESC`,
      params,
    );
    return rows.map((row) => ({
      webhookId: row.webhook_id,
      tenantId: row.tenant_id,
      name: row.name,
      url: row.url,
      events: row.events,
      jobTypes: row.job_types,
      labels: JSON.parse(row.labels) as Record<string, string>,
      enabled: row.enabled === 1,
      sinceMs: Number(row.since),
      sealedSecret: row.sealed_secret,
      createdBy: row.author,
      createdAt: new Date(Number(row.created)).toISOString(),
      changedAt: new Date(Number(row.changed)).toISOString(),
    }));
  }
}
