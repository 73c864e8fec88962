/** Webhooks of tenants over the store: what may be set, who is told, and what became of messages. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Page } from '../replay/service.js';
import type { DeliveryLog, StandingDelivery } from '../store/delivery-log.js';
import type { StoredWebhook, WebhookLog } from '../store/webhook-log.js';
import type { Sender } from './attempt.js';
import { type Delivery, PING, type Webhook, type WebhookSettings, type Webhooks } from './contract.js';
import { newSecret, type SecretSeal } from './signature.js';

export interface WebhookParts {
  readonly config: Config['webhooks'];
  readonly webhooks: WebhookLog;
  readonly deliveries: DeliveryLog;
  readonly seal: SecretSeal;
  readonly sender: Sender;
  readonly worker: string;
}

export class StoredWebhooks implements Webhooks {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  async create(
    tenantId: string,
    settings: WebhookSettings,
    actor: string,
  ): Promise<{ webhook: Webhook; secret: string }> {
    const { webhooks, seal, config } = this.#parts;
    this.#checkUrl(settings.url);
    if ((await webhooks.list(tenantId)).length >= config.perTenantMax)
      throw new RewindError(
        'webhooks_full',
        `there are ${config.perTenantMax}, as many as webhooks.perTenantMax allows`,
      );
    const webhookId = uuidv7();
    const secret = newSecret();
    const sealedSecret = seal.seal(secret, webhookId);
    await webhooks.append('created', { ...settings, tenantId, webhookId, sealedSecret, sinceMs: 0 }, actor);
    return { webhook: viewOf(await this.#find(tenantId, webhookId)), secret };
  }

  async list(tenantId: string): Promise<readonly Webhook[]> {
    return (await this.#parts.webhooks.list(tenantId)).map(viewOf);
  }

  async get(tenantId: string, webhookId: string): Promise<Webhook> {
    return viewOf(await this.#find(tenantId, webhookId));
  }

  async change(
    tenantId: string,
    webhookId: string,
    change: Partial<WebhookSettings>,
    actor: string,
  ): Promise<Webhook> {
    if (change.url !== undefined) this.#checkUrl(change.url);
    const before = await this.#find(tenantId, webhookId);
    // What happened while it was switched off is not made up for.
    const sinceMs = change.enabled === true && !before.enabled ? 0 : before.sinceMs;
    await this.#parts.webhooks.append('changed', { ...before, ...change, sinceMs }, actor);
    return viewOf(await this.#find(tenantId, webhookId));
  }

  async remove(tenantId: string, webhookId: string, actor: string): Promise<Webhook> {
    const hook = await this.#find(tenantId, webhookId);
    await this.#parts.webhooks.append('deleted', hook, actor);
    return viewOf(hook);
  }

  async ping(tenantId: string, webhookId: string): Promise<Delivery> {
    const { sender, deliveries, worker } = this.#parts;
    const hook = await this.#find(tenantId, webhookId);
    const id = `msg_${randomBytes(16).toString('hex')}`;
    const eventMs = Date.now();
    const body = JSON.stringify({
      type: PING,
      timestamp: new Date(eventMs).toISOString(),
      data: { tenant_id: tenantId, webhook_id: webhookId, name: hook.name },
    });
    const to = { url: hook.url, secret: this.#secretOf(hook) };
    const tried = await sender.attempt(to, { id, body: Buffer.from(body) }, 1, 1);
    await deliveries.append({
      ...tried,
      deliveryId: id,
      webhookId,
      tenantId,
      jobId: '',
      event: PING,
      eventMs,
      round: 0,
      attempt: 1,
      actor: worker,
    });
    return this.#delivery(tenantId, webhookId, id);
  }

  async deliveries(
    tenantId: string,
    webhookId: string,
    page: { limit: number; cursor?: string },
  ): Promise<Page<Delivery>> {
    await this.#find(tenantId, webhookId);
    const { items, next } = await this.#parts.deliveries.list(tenantId, webhookId, page);
    return { items: items.map(deliveryOf), next };
  }

  async redeliver(tenantId: string, webhookId: string, deliveryId: string, actor: string): Promise<Delivery> {
    await this.#find(tenantId, webhookId);
    const { deliveries } = this.#parts;
    const state = await deliveries.find(tenantId, webhookId, deliveryId);
    // A test message is made anew and has no event to be made from.
    if (state === null || state.jobId === '')
      throw new RewindError('delivery_not_found', 'this webhook has no such delivery of an event');
    if (state.outcome !== 'requested')
      await deliveries.append({
        ...state,
        outcome: 'requested',
        round: state.round + 1,
        attempt: 0,
        status: 0,
        error: '',
        durationMs: 0,
        nextMs: 0,
        actor,
      });
    return this.#delivery(tenantId, webhookId, deliveryId);
  }

  async #delivery(tenantId: string, webhookId: string, deliveryId: string): Promise<Delivery> {
    const state = await this.#parts.deliveries.find(tenantId, webhookId, deliveryId);
    if (state === null)
      throw new RewindError('delivery_not_found', 'the delivery was stored, and is not there to be read');
    return deliveryOf(state);
  }

  async #find(tenantId: string, webhookId: string): Promise<StoredWebhook> {
    const hook = await this.#parts.webhooks.find(tenantId, webhookId);
    if (hook === null) throw new RewindError('webhook_not_found', 'this tenant has no such webhook');
    return hook;
  }

  #secretOf(hook: StoredWebhook): string {
    const secret = this.#parts.seal.open(hook.sealedSecret, hook.webhookId);
    if (secret === null)
      throw new RewindError(
        'webhook_secret_sealed',
        'the secret of this webhook was sealed by a server with another http.secret',
      );
    return secret;
  }

  #checkUrl(text: string): void {
    const refuse = (why: string): never => {
      throw new RewindError('webhook_url_refused', why, { pointer: '/url' });
    };
    if (!URL.canParse(text)) refuse('this is not a URL');
    const { protocol, username, password, hostname } = new URL(text);
    if (protocol !== 'https:' && !(protocol === 'http:' && this.#parts.config.allowHttp))
      refuse('a webhook is an https URL (http only with webhooks.allowHttp)');
    if (username !== '' || password !== '') refuse('a webhook URL names no user; messages are signed');
    if (!this.#parts.sender.mayReach(hostname)) refuse('this address is not public (webhooks.allowNetworks)');
  }
}

function viewOf({ sealedSecret: _sealed, sinceMs: _since, ...webhook }: StoredWebhook): Webhook {
  return webhook;
}

function deliveryOf(row: StandingDelivery): Delivery {
  const isOpen = row.outcome === 'failed' || row.outcome === 'requested';
  return {
    deliveryId: row.deliveryId,
    webhookId: row.webhookId,
    jobId: row.jobId === '' ? null : row.jobId,
    event: row.event,
    eventAt: new Date(row.eventMs).toISOString(),
    state: row.outcome === 'delivered' || row.outcome === 'given_up' ? row.outcome : 'pending',
    attempts: row.attempt,
    status: row.status === 0 ? null : row.status,
    error: row.error === '' ? null : row.error,
    lastAt: new Date(row.writtenMs).toISOString(),
    nextAt: isOpen && row.nextMs > 0 ? new Date(row.nextMs).toISOString() : null,
  };
}
