/**
 * Sends what jobs' logs have to tell, from any process that has the secret of the server. Each delivery is a unit of work
 * in the unit log: one process holds it at a time, and one that dies is followed by another. What was sent is known by a
 * row written after the answer, so a crash in between sends the message again, under its same id.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../schemas/config.js';
import type { Beats } from '../replay/beats.js';
import { runUnit } from '../replay/unit-runner.js';
import type { UnitState } from '../replay/units.js';
import type { DeliveryLog } from '../store/delivery-log.js';
import type { UnitLog } from '../store/unit-log.js';
import type { StoredWebhook, WebhookLog } from '../store/webhook-log.js';
import { isDue, type Sender } from './attempt.js';
import { deliveryIdOf, type Transition, transitionsIn, wants } from './messages.js';
import type { SecretSeal } from './signature.js';

export interface DelivererParts {
  readonly config: Config['webhooks'];
  readonly webhooks: WebhookLog;
  readonly deliveries: DeliveryLog;
  readonly seal: SecretSeal;
  readonly sender: Sender;
  readonly unitLog: UnitLog;
  readonly beats: Beats;
  readonly worker: string;
  readonly holderSilent: (scope: string, unit: string, state: UnitState) => boolean;
  readonly onRetry: (unit: string, error: unknown) => void;
}

interface Message {
  readonly id: string;
  readonly hook: StoredWebhook;
  readonly secret: string;
  readonly what: Transition;
}

const SCOPE = 'webhooks';
const HOUR_MS = 3_600_000;
/** Inserts that were numbered earlier may show later. */
const BLOCKS_BACK = 1_000n;

export class Deliverer {
  readonly #parts: DelivererParts;
  /** By webhook: one message at a time, so that a slow receiver takes no place of others. */
  readonly #sending = new Map<string, Promise<void>>();
  /** Nothing is left to be sent for the first time up to this block of the job log. */
  #afterBlock = 0n;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts; a message under way is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#round().catch((error: unknown) => this.#parts.onRetry('', error));
      await sleep(this.#parts.config.pollMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.allSettled(this.#sending.values());
  }

  async #round(): Promise<void> {
    const { config } = this.#parts;
    for (const message of await this.#due()) {
      if (this.#sending.size >= config.atOnce) return;
      const { webhookId } = message.hook;
      if (this.#sending.has(webhookId)) continue;
      const sending = this.#deliver(message)
        .catch((error: unknown) => this.#parts.onRetry(message.id, error))
        .finally(() => this.#sending.delete(webhookId));
      this.#sending.set(webhookId, sending);
    }
  }

  /** What is to be sent now, in the order in which it happened. */
  async #due(): Promise<Message[]> {
    const { webhooks, deliveries, seal, config } = this.#parts;
    const hooks = (await webhooks.enabled()).flatMap((hook) => {
      const secret = seal.open(hook.sealedSecret, hook.webhookId);
      // Sealed by a server with another secret: its own processes send.
      return secret === null ? [] : [{ hook, secret }];
    });
    if (hooks.length === 0) return [];
    const tenantIds = [...new Set(hooks.map(({ hook }) => hook.tenantId))];
    const fromMs = Date.now() - config.eventMaxAgeHours * HOUR_MS;
    const about = { tenantIds, afterBlock: String(this.#afterBlock), fromMs };
    const events = await deliveries.jobEvents(about, await deliveries.openJobs(tenantIds));
    const messages = transitionsIn(events).flatMap((what) =>
      hooks
        .filter(({ hook }) => wants(hook, what))
        .map(({ hook, secret }) => ({ id: deliveryIdOf(hook.webhookId, what), hook, secret, what })),
    );
    const states = await deliveries.states(messages.map(({ id }) => id));
    const now = Date.now();
    const due = messages.filter(
      ({ id, what }) => isDue(states.get(id), now) && (states.has(id) || what.atMs >= fromMs),
    );
    const fresh = due.filter(({ id }) => !states.has(id)).map(({ what }) => BigInt(what.block));
    this.#moveOn(events.at(-1)?.block, fresh);
    return due;
  }

  /** A webhook that is enabled later wants nothing of what was before. */
  #moveOn(lastBlock: string | undefined, fresh: readonly bigint[]): void {
    const least = fresh.reduce((a, b) => (b < a ? b : a), BigInt(lastBlock ?? 0));
    const after = least > BLOCKS_BACK ? least - BLOCKS_BACK : 0n;
    if (after > this.#afterBlock) this.#afterBlock = after;
  }

  async #deliver(message: Message): Promise<void> {
    const { deliveries, unitLog, beats, worker, holderSilent } = this.#parts;
    const round = (await deliveries.states([message.id])).get(message.id)?.round ?? 0;
    const unit = `${message.id}/${round}`;
    const state = await unitLog.read(SCOPE, unit);
    const silent = state.holder !== null && holderSilent(SCOPE, unit, state);
    await runUnit({
      unitLog,
      beats,
      worker,
      scope: SCOPE,
      unit,
      holderSilent: silent,
      work: () => this.#attempt(message),
    }).catch((error: unknown) => {
      if (!(error instanceof TriedAgain)) throw error;
    });
  }

  /** Seals the unit where nothing is left to try; else gives it back for the next try. */
  async #attempt({ id, hook, secret, what }: Message): Promise<Record<string, number>> {
    const { deliveries, sender, worker } = this.#parts;
    const state = (await deliveries.states([id])).get(id);
    // Another process may have been faster between the look and the claim.
    if (!isDue(state, Date.now())) {
      if (state?.outcome === 'failed') throw new TriedAgain();
      return {};
    }
    const attempt = (state?.attempt ?? 0) + 1;
    const tried = await sender.attempt({ url: hook.url, secret }, { id, body: what.body }, attempt);
    await deliveries.append({
      deliveryId: id,
      webhookId: hook.webhookId,
      tenantId: hook.tenantId,
      jobId: what.jobId,
      event: what.event,
      eventMs: what.atMs,
      outcome: tried.outcome,
      round: state?.round ?? 0,
      attempt,
      status: tried.status,
      error: tried.error,
      durationMs: tried.durationMs,
      nextMs: tried.nextMs,
      actor: worker,
    });
    if (tried.outcome === 'failed') throw new TriedAgain();
    return { attempts: attempt };
  }
}

/** The unit is given back, and nothing is wrong with it. */
class TriedAgain extends Error {}
