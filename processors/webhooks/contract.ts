/** Webhooks of tenants, and what became of their messages. Methods reject with RewindError. */
import type { JobType } from '../../schemas/job.js';
import type { Page } from '../replay/service.js';

export const WEBHOOK_EVENTS = ['job.completed', 'job.failed', 'job.paused', 'job.cancelled'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** Sent when somebody tries the webhook. */
export const PING = 'webhook.ping';

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** Empty: jobs of all types. */
  readonly jobTypes: readonly JobType[];
  /** Only jobs that carry all of these; none: all jobs. */
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
}

export interface Webhook extends WebhookSettings {
  readonly webhookId: string;
  readonly tenantId: string;
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface Delivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  /** Null: a test message. */
  readonly jobId: string | null;
  readonly event: WebhookEvent | typeof PING;
  readonly eventAt: string;
  /** pending: it is tried, again or still. */
  readonly state: 'pending' | 'delivered' | 'given_up';
  readonly attempts: number;
  /** HTTP status of the last answer; null: there was none. */
  readonly status: number | null;
  /** Why the last try failed; null: it did not. */
  readonly error: string | null;
  readonly lastAt: string;
  readonly nextAt: string | null;
}

export interface Webhooks {
  /** The secret is in this answer and nowhere else. Errors: webhook_url_refused, webhooks_full. */
  create(
    tenantId: string,
    settings: WebhookSettings,
    actor: string,
  ): Promise<{ readonly webhook: Webhook; readonly secret: string }>;
  list(tenantId: string): Promise<readonly Webhook[]>;
  /** Rejects with webhook_not_found. */
  get(tenantId: string, webhookId: string): Promise<Webhook>;
  change(
    tenantId: string,
    webhookId: string,
    change: Partial<WebhookSettings>,
    actor: string,
  ): Promise<Webhook>;
  remove(tenantId: string, webhookId: string, actor: string): Promise<Webhook>;
  /** Sends a message now, once, and says what became of it. */
  ping(tenantId: string, webhookId: string): Promise<Delivery>;
  /** The newest first. */
  deliveries(
    tenantId: string,
    webhookId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Delivery>>;
  /** Has a message sent once more, under its old id; rejects with delivery_not_found. */
  redeliver(tenantId: string, webhookId: string, deliveryId: string, actor: string): Promise<Delivery>;
}
