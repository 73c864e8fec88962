/**
 * Looks for the billing mistake in what the replay made, and in nothing else: it reads the run's snapshots as the API
 * exports them (`GET …/replay-jobs/{job}/snapshots`) and asks of each account whether a single event at least doubled
 * its usage of the month, and what became of it.
 */
import type { Readable } from 'node:stream';

/** An account has a usual pace after so many usage records; before that, doubling is nothing strange. */
const RECORDS_BEFORE = 10;

export interface SuspectAccount {
  readonly accountId: string;
  readonly plan: string;
  /** When, and by which event, the usage at least doubled; times as the store writes them, UTC. */
  readonly at: string;
  readonly eventId: string;
  readonly before: number;
  readonly after: number;
  readonly correctedAt: string | null;
  /** First suspension after the mistake, whether or not it was lifted. */
  readonly suspendedAt: string | null;
  readonly statusAtEnd: string;
}

export interface BillingSearch {
  readonly accounts: number;
  readonly snapshots: number;
  /** In the order in which it happened to them. */
  readonly suspects: readonly SuspectAccount[];
}

interface ExportedRow {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly event_type: string;
  readonly event_id: string;
  readonly occurred_at: string;
  readonly state_before: string;
  readonly state_after: string;
  readonly diff: string;
}

interface AccountState {
  readonly plan?: string;
  readonly status?: string;
  readonly tokensUsed?: number;
}

interface Life {
  usageRecords: number;
  status: string;
  mistake: Pick<SuspectAccount, 'plan' | 'at' | 'eventId' | 'before' | 'after'> | null;
  correctedAt: string | null;
  suspendedAt: string | null;
}

/** `rows`: NDJSON of a run's snapshots in timeline order. Tokens of the story are small: doubles hold them exactly. */
export async function searchBilling(rows: Readable): Promise<BillingSearch> {
  const lives = new Map<string, Life>();
  let snapshots = 0;
  for await (const line of linesOf(rows)) {
    snapshots++;
    // Most snapshots are of other entities; their JSON need not be read.
    if (!line.includes('"entity_type":"billing"')) continue;
    const row = JSON.parse(line) as ExportedRow;
    const life = lives.get(row.entity_id) ?? newLife();
    lives.set(row.entity_id, life);
    observe(life, row);
  }
  const suspects = [...lives].flatMap(([accountId, { mistake, correctedAt, suspendedAt, status }]) =>
    mistake === null ? [] : [{ accountId, ...mistake, correctedAt, suspendedAt, statusAtEnd: status }],
  );
  suspects.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { accounts: lives.size, snapshots, suspects };
}

function newLife(): Life {
  return { usageRecords: 0, status: '', mistake: null, correctedAt: null, suspendedAt: null };
}

function observe(life: Life, row: ExportedRow): void {
  const before = JSON.parse(row.state_before) as AccountState;
  const after = JSON.parse(row.state_after) as AccountState;
  const [used = 0, uses = 0] = [before.tokensUsed, after.tokensUsed];
  life.status = after.status ?? '';
  if (life.mistake !== null) {
    if (row.event_type === 'billing.usage_corrected') life.correctedAt ??= row.occurred_at;
    if (life.status === 'suspended') life.suspendedAt ??= row.occurred_at;
    return;
  }
  if (uses === used) return;
  if (++life.usageRecords <= RECORDS_BEFORE || uses < 2 * used) return;
  const plan = after.plan ?? '';
  life.mistake = { plan, at: row.occurred_at, eventId: row.event_id, before: used, after: uses };
  if (life.status === 'suspended') life.suspendedAt = row.occurred_at;
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
