/**
 * The billing part of the demo story, with the mistake in it. On day 17 at 09:00 a release of the metering service adds
 * every account's usage of the month a second time, at the first usage it records for the account. It is rolled back
 * after six hours. The next morning finance corrects the business accounts, and nobody thinks of the others: in the
 * following days some of them are suspended for tokens that they never used.
 */
import type { GeneratedEvent } from './event.js';
import type { Prng } from './prng.js';

export const HOUR_NS = 3_600_000_000_000n;
export const DAY_NS = 24n * HOUR_NS;
export const MISTAKE_TENANT = 'northwind';
export const MISTAKE_RELEASE = 'metering-4.2.0';

const QUOTA = { free: 50_000, pro: 500_000, business: 5_000_000 } as const;
type PlanName = keyof typeof QUOTA;

export interface Account {
  readonly id: string;
  readonly tenantId: string;
  readonly plan: PlanName;
  /** What the account really uses in the month. */
  readonly monthTokens: number;
  opened: boolean;
  status: 'active' | 'suspended';
  /** As the billing system has it. */
  tokensUsed: number;
  /** As it really is. */
  realTokens: number;
  doubled: boolean;
}

/** What happened to one account, for whoever wants to check what a replay finds. */
export interface DoubledAccount {
  readonly accountId: string;
  readonly plan: string;
  readonly atNs: bigint;
  readonly eventId: string;
  readonly before: number;
  readonly after: number;
}

export interface BillingFacts {
  readonly tenantId: string;
  readonly release: string;
  readonly deployedAtNs: bigint;
  readonly rolledBackAtNs: bigint;
  readonly correctedAtNs: bigint;
  readonly doubled: DoubledAccount[];
  readonly corrected: string[];
  /** Suspended for tokens that were counted twice; none of them ever reached its quota. */
  readonly suspended: { readonly accountId: string; readonly atNs: bigint }[];
}

/** An event that gets its id when it is sent. */
export type Draft = Omit<GeneratedEvent, 'eventId'> & { eventId?: string };

export class Billing {
  readonly facts: BillingFacts;
  readonly #accounts: Account[] = [];
  readonly #startNs: bigint;
  readonly #spanNs: number;
  readonly #prng: Prng;
  /** Accounts that finance still has to correct, once it is at work. */
  #toCorrect: Account[] | null = null;

  constructor(prng: Prng, tenants: readonly string[], perTenant: number, startNs: bigint, days: number) {
    this.#prng = prng;
    this.#startNs = startNs;
    this.#spanNs = Number(DAY_NS) * days;
    // Day 17 of 30; shorter stories keep the proportion.
    const deployedAtNs = startNs + (16n * DAY_NS * BigInt(days)) / 30n + 9n * HOUR_NS;
    this.facts = {
      tenantId: MISTAKE_TENANT,
      release: MISTAKE_RELEASE,
      deployedAtNs,
      rolledBackAtNs: deployedAtNs + 6n * HOUR_NS,
      correctedAtNs: deployedAtNs + 24n * HOUR_NS,
      doubled: [],
      corrected: [],
      suspended: [],
    };
    for (const tenantId of tenants) for (let i = 0; i < perTenant; i++) this.#open(tenantId, i);
  }

  #open(tenantId: string, i: number): void {
    const prng = this.#prng;
    const plan: PlanName = prng.chance(0.2) ? 'business' : prng.chance(0.5) ? 'pro' : 'free';
    this.#accounts.push({
      id: `acct-${tenantId.slice(0, 2)}-${1000 + i}`,
      tenantId,
      plan,
      // Nobody comes near the quota by what it really uses.
      monthTokens: QUOTA[plan] * (0.3 + 0.55 * prng.float()),
      opened: false,
      status: 'active',
      tokensUsed: 0,
      realTokens: 0,
      doubled: false,
    });
  }

  /** The next billing event. Time never runs backwards from call to call. */
  next(atNs: bigint): { draft: Draft; done: (eventId: string) => void } {
    const account = this.#due(atNs) ?? this.#prng.pick(this.#accounts);
    if (this.#toCorrect?.[0] === account) return this.#correct(account, atNs);
    if (!account.opened) {
      account.opened = true;
      return this.#event(account, atNs, 'billing.subscription_started', 'checkout', { lastPayment: true });
    }
    if (account.status === 'suspended')
      return this.#event(account, atNs, 'billing.reminder_sent', 'billing', { severity: 'low' });
    if (this.#prng.chance(0.04))
      return this.#event(account, atNs, 'billing.payment_received', 'payments', { lastPayment: true });
    return this.#usage(account, atNs);
  }

  /** Finance works off its list before anything else happens in billing. */
  #due(atNs: bigint): Account | null {
    if (this.#toCorrect === null && atNs >= this.facts.correctedAtNs)
      this.#toCorrect = this.#accounts.filter(({ doubled, plan }) => doubled && plan === 'business');
    return this.#toCorrect?.[0] ?? null;
  }

  #usage(account: Account, atNs: bigint) {
    const { facts } = this;
    // Usage catches up with the share of the month that has passed.
    const share = Number(atNs - this.#startNs) / this.#spanNs;
    const used = Math.max(1, Math.round(account.monthTokens * share) - account.realTokens);
    const before = account.tokensUsed;
    const wrong =
      account.tenantId === facts.tenantId &&
      !account.doubled &&
      before > 0 &&
      atNs >= facts.deployedAtNs &&
      atNs < facts.rolledBackAtNs;
    account.realTokens += used;
    account.tokensUsed += used;
    if (wrong) {
      account.tokensUsed += account.realTokens;
      account.doubled = true;
    }
    const over = account.tokensUsed > QUOTA[account.plan];
    if (over) {
      account.status = 'suspended';
      facts.suspended.push({ accountId: account.id, atNs });
    }
    const made = this.#event(
      account,
      atNs,
      over ? 'billing.quota_exceeded' : 'billing.usage_recorded',
      wrong ? MISTAKE_RELEASE : 'metering',
      { severity: over ? 'high' : 'info', tokens: used },
    );
    if (!wrong) return made;
    const { id: accountId, plan, tokensUsed: after } = account;
    return {
      draft: made.draft,
      done: (eventId: string) => void facts.doubled.push({ accountId, plan, atNs, eventId, before, after }),
    };
  }

  #correct(account: Account, atNs: bigint) {
    this.#toCorrect!.shift();
    account.tokensUsed = account.realTokens;
    account.status = 'active';
    this.facts.corrected.push(account.id);
    return this.#event(account, atNs, 'billing.usage_corrected', 'finance', { severity: 'low' });
  }

  #event(
    account: Account,
    atNs: bigint,
    eventType: string,
    actor: string,
    more: { readonly severity?: string; readonly lastPayment?: boolean; readonly tokens?: number },
  ): { draft: Draft; done: (eventId: string) => void } {
    const paid = more.lastPayment === true ? `,"lastPayment":"${dayOf(atNs)}"` : '';
    const tokens = more.tokens === undefined ? '' : `,"tokens":${more.tokens}`;
    const draft: Draft = {
      tenantId: account.tenantId,
      eventType,
      entityType: 'billing',
      entityId: account.id,
      actor,
      action: eventType.slice('billing.'.length),
      severity: more.severity ?? 'info',
      occurredAtNs: atNs,
      payloadJson: `{"plan":"${account.plan}","status":"${account.status}","tokensUsed":${account.tokensUsed}${tokens}${paid}}`,
      keyText: account.id,
    };
    return { draft, done: () => undefined };
  }
}

function dayOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);
}
