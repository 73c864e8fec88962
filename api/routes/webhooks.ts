/** Webhooks of a tenant, and what became of their messages. URLs may hold secrets of receivers: owners alone see them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  type Delivery,
  WEBHOOK_EVENTS,
  type Webhook,
  type WebhookSettings,
} from '../../processors/webhooks/contract.js';
import { TenantParams } from '../../schemas/http.js';
import {
  DeliveriesAnswer,
  DeliveriesQuery,
  DeliveryAnswer,
  DeliveryParams,
  NewWebhookAnswer,
  WebhookAnswer,
  WebhookBody,
  WebhookChangeBody,
  WebhookParams,
  WebhooksAnswer,
} from '../../schemas/http-webhooks.js';
import type { RouteContext } from '../context.js';

const tags = ['webhooks'];
const ALL = '/tenants/:tenant_id/webhooks';
const ONE = `${ALL}/:webhook_id`;

export const webhookRoutes =
  ({ webhooks }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      ALL,
      {
        config: { access: 'manage', audit: 'webhook.created' },
        schema: {
          summary: 'Be told what becomes of jobs; the secret is in this answer only',
          tags,
          params: TenantParams,
          body: WebhookBody,
          response: { 201: NewWebhookAnswer },
        },
      },
      async (request, reply) => {
        const { name, url, ...asked } = request.body;
        const settings = {
          events: WEBHOOK_EVENTS,
          jobTypes: [],
          labels: {},
          enabled: true,
          ...settingsOf(asked),
          name,
          url,
        };
        const { tenant_id } = request.params;
        const { webhook, secret } = await webhooks.create(tenant_id, settings, request.identity.actor);
        request.auditTarget = webhook.webhookId;
        request.auditDetail = { host: new URL(url).host };
        reply.code(201);
        return { success: true as const, data: { ...webhookRow(webhook), secret } };
      },
    );

    app.get(
      ALL,
      {
        config: { access: 'manage' },
        schema: {
          summary: 'Webhooks of the tenant, the newest first',
          tags,
          params: TenantParams,
          response: { 200: WebhooksAnswer },
        },
      },
      async (request) => ({
        success: true as const,
        data: (await webhooks.list(request.params.tenant_id)).map(webhookRow),
      }),
    );

    app.get(
      ONE,
      {
        config: { access: 'manage' },
        schema: { summary: 'One webhook', tags, params: WebhookParams, response: { 200: WebhookAnswer } },
      },
      async (request) => {
        const { tenant_id, webhook_id } = request.params;
        return { success: true as const, data: webhookRow(await webhooks.get(tenant_id, webhook_id)) };
      },
    );

    app.patch(
      ONE,
      {
        config: { access: 'manage', audit: 'webhook.changed' },
        schema: {
          summary: 'Change a webhook, or switch it off and on; its secret stays',
          tags,
          params: WebhookParams,
          body: WebhookChangeBody,
          response: { 200: WebhookAnswer },
        },
      },
      async (request) => {
        const { tenant_id, webhook_id } = request.params;
        const change = settingsOf(request.body);
        const webhook = await webhooks.change(tenant_id, webhook_id, change, request.identity.actor);
        request.auditDetail = { changed: Object.keys(request.body) };
        return { success: true as const, data: webhookRow(webhook) };
      },
    );

    app.delete(
      ONE,
      {
        config: { access: 'manage', audit: 'webhook.deleted' },
        schema: {
          summary: 'Delete a webhook',
          tags,
          params: WebhookParams,
          response: { 200: WebhookAnswer },
        },
      },
      async (request) => {
        const { tenant_id, webhook_id } = request.params;
        const webhook = await webhooks.remove(tenant_id, webhook_id, request.identity.actor);
        return { success: true as const, data: webhookRow(webhook) };
      },
    );

    app.post(
      `${ONE}/test`,
      {
        config: { access: 'manage', audit: 'webhook.tested' },
        schema: {
          summary: 'Send a test message now, once, and say what became of it',
          tags,
          params: WebhookParams,
          response: { 200: DeliveryAnswer },
        },
      },
      async (request) => {
        const { tenant_id, webhook_id } = request.params;
        return { success: true as const, data: deliveryRow(await webhooks.ping(tenant_id, webhook_id)) };
      },
    );

    app.get(
      `${ONE}/deliveries`,
      {
        config: { access: 'manage' },
        schema: {
          summary: 'What became of messages, the newest first',
          tags,
          params: WebhookParams,
          querystring: DeliveriesQuery,
          response: { 200: DeliveriesAnswer },
        },
      },
      async (request) => {
        const { tenant_id, webhook_id } = request.params;
        const { items, next } = await webhooks.deliveries(tenant_id, webhook_id, request.query);
        return { success: true as const, data: items.map(deliveryRow), page: { next } };
      },
    );

    app.post(
      `${ONE}/deliveries/:delivery_id/redeliver`,
      {
        config: { access: 'manage', audit: 'webhook.redelivered' },
        schema: {
          summary: 'Have a message sent once more, under the same id',
          tags,
          params: DeliveryParams,
          response: { 202: DeliveryAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, webhook_id, delivery_id } = request.params;
        const { actor } = request.identity;
        const delivery = await webhooks.redeliver(tenant_id, webhook_id, delivery_id, actor);
        reply.code(202);
        return { success: true as const, data: deliveryRow(delivery) };
      },
    );
  };

interface Asked extends Partial<Omit<WebhookSettings, 'jobTypes'>> {
  readonly job_types?: WebhookSettings['jobTypes'];
}

function settingsOf({ job_types, ...settings }: Asked): Partial<WebhookSettings> {
  return { ...settings, ...(job_types === undefined ? {} : { jobTypes: job_types }) };
}

function webhookRow(webhook: Webhook) {
  return {
    webhook_id: webhook.webhookId,
    name: webhook.name,
    url: webhook.url,
    events: [...webhook.events],
    job_types: [...webhook.jobTypes],
    labels: { ...webhook.labels },
    enabled: webhook.enabled,
    created_by: webhook.createdBy,
    created_at: webhook.createdAt,
    changed_at: webhook.changedAt,
  };
}

function deliveryRow(delivery: Delivery) {
  return {
    delivery_id: delivery.deliveryId,
    webhook_id: delivery.webhookId,
    job_id: delivery.jobId,
    event: delivery.event,
    event_at: delivery.eventAt,
    state: delivery.state,
    attempts: delivery.attempts,
    status: delivery.status,
    error: delivery.error,
    last_at: delivery.lastAt,
    next_at: delivery.nextAt,
  };
}
