/** What callers send to and get from the routes of webhooks. */
import { Type } from 'typebox';
import { answerOf, Count, orNull, pageOf, strict, Time, words } from './http-answer.js';
import { JobType } from './job.js';

const TenantId = Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' });
const Id = Type.String({ minLength: 1, maxLength: 100 });
const Event = Type.Union([
  Type.Literal('job.completed'),
  Type.Literal('job.failed'),
  Type.Literal('job.paused'),
  Type.Literal('job.cancelled'),
]);

const Name = Type.String({ minLength: 1, maxLength: 200, description: 'What it is for' });
const Url = Type.String({ minLength: 1, maxLength: 2048, description: 'https, of a public host' });
const optional = {
  events: Type.Optional(Type.Array(Event, { minItems: 1, maxItems: 4, description: 'Left out: all' })),
  job_types: Type.Optional(
    Type.Array(JobType, { maxItems: 10, description: 'Only jobs of these types; empty: of all' }),
  ),
  labels: Type.Optional(
    Type.Record(Type.String({ maxLength: 63 }), Type.String({ maxLength: 200 }), {
      description: 'Only jobs that carry all of these labels',
    }),
  ),
  enabled: Type.Optional(Type.Boolean()),
};

export const WebhookBody = strict({ name: Name, url: Url, ...optional });
export const WebhookChangeBody = Type.Object(
  { name: Type.Optional(Name), url: Type.Optional(Url), ...optional },
  { additionalProperties: false, minProperties: 1 },
);
export const WebhookParams = strict({ tenant_id: TenantId, webhook_id: Id });
export const DeliveryParams = strict({ tenant_id: TenantId, webhook_id: Id, delivery_id: Id });
export const DeliveriesQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Opaque; from the previous page' }),
  ),
});

const members = {
  webhook_id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  events: Type.Array(Event),
  job_types: Type.Array(JobType),
  labels: Type.Record(Type.String(), Type.String()),
  enabled: Type.Boolean(),
  created_by: Type.String(),
  created_at: Time,
  changed_at: Time,
};
export const WebhookRow = strict(members, { title: 'Webhook' });
export const WebhookAnswer = answerOf(WebhookRow);
export const WebhooksAnswer = answerOf(Type.Array(WebhookRow));
export const NewWebhookAnswer = answerOf(
  strict({ ...members, secret: Type.String({ description: 'Signs messages; shown this once' }) }),
);

export const DeliveryRow = strict(
  {
    delivery_id: Type.String({ description: 'The header webhook-id; the same on every try' }),
    webhook_id: Type.String(),
    job_id: orNull(Type.String({ description: 'null: a test message' })),
    event: Type.String(),
    event_at: Time,
    state: words('pending', 'delivered', 'given_up'),
    attempts: Count,
    status: orNull(Type.Integer({ description: 'HTTP status of the last answer' })),
    error: orNull(Type.String({ description: 'Why the last try failed' })),
    last_at: Time,
    next_at: orNull(Time),
  },
  { title: 'WebhookDelivery' },
);
export const DeliveryAnswer = answerOf(DeliveryRow);
export const DeliveriesAnswer = pageOf(DeliveryRow);
