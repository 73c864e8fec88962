/** Builds webhooks and what sends for them from the parts of the pipeline that they stand on. */
import type { Config } from '../../schemas/config.js';
import { serverSecret } from '../config/server-secret.js';
import { DeliveryLog } from '../store/delivery-log.js';
import type { Store } from '../store/store.js';
import { WebhookLog } from '../store/webhook-log.js';
import type { Telemetry } from '../telemetry.js';
import { Sender } from './attempt.js';
import type { Webhooks } from './contract.js';
import { Deliverer, type DelivererParts } from './deliverer.js';
import { SecretSeal } from './signature.js';
import { StoredWebhooks } from './webhooks.js';

export interface WebhookContext
  extends Pick<DelivererParts, 'unitLog' | 'beats' | 'worker' | 'holderSilent'> {
  readonly config: Config;
  readonly store: Store;
  readonly telemetry: Telemetry;
}

export function openWebhooks({ store, telemetry, ...context }: WebhookContext): {
  readonly webhooks: Webhooks;
  readonly deliverer: Deliverer;
} {
  const config = context.config.webhooks;
  const parts = {
    ...context,
    config,
    webhooks: new WebhookLog(store),
    deliveries: new DeliveryLog(store),
    seal: new SecretSeal(serverSecret(context.config)),
    sender: new Sender(config),
    onRetry: (unit: string, error: unknown) =>
      telemetry.event('webhook.retry', {
        unit,
        err: error instanceof Error ? error : new Error(String(error)),
      }),
  };
  return { webhooks: new StoredWebhooks(parts), deliverer: new Deliverer(parts) };
}
