/** Log replays as jobs: asked for, looked at, ended. The work itself is job-host.ts. */
import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Policies } from '../policy/contract.js';
import type { Page } from '../replay/service.js';
import { claimsOf, type UnitState } from '../replay/units.js';
import type { Wake } from '../replay/wake.js';
import { Feeds, type Watch } from '../results/feeds.js';
import type { DecisionView } from '../rules/decisions.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { nowNs } from '../sources/moment.js';
import type { DecisionLog } from '../store/decision-log.js';
import type { DecisionResults } from '../store/decision-results.js';
import type { InstanceLog } from '../store/instance-log.js';
import type { LogReplayLog, StoredReplay } from '../store/log-replay-log.js';
import type { UnitLog } from '../store/unit-log.js';
import { Bases } from './bases.js';
import { openPieces } from './batch.js';
import type { Bundles } from './bundle-contract.js';
import type { LogReplayAnswer, LogReplayRequest } from './contract.js';
import { revisionsOf } from './decision.js';
import type { LogReplayJob, LogReplayJobs } from './job-contract.js';
import { answerOf, failureIn } from './job-result.js';
import { inTurn } from './job-turn.js';
import { joinedRanges, offsetsIn, parsePlan, planText, type ReplayPlan, UNIT_PREFIX } from './plan.js';
import { proposalOf, rulesOf, samplesOf, scopesOf, skippedOf } from './request.js';

export interface JobsParts {
  readonly config: Config['logReplay'];
  readonly bundles: Bundles;
  readonly policies: Policies;
  readonly log: DecisionLog;
  readonly replays: LogReplayLog;
  readonly rows: Pick<DecisionResults, 'page'>;
  readonly unitLog: UnitLog;
  readonly instance: Pick<InstanceLog, 'isPaused'>;
  readonly wake: Wake;
  /** How often a replay that somebody watches is looked at. */
  readonly pollMs: number;
}

/** Revisions that a plan knows, at most. */
const REVISIONS_MAX = 10_000;

export class StoredLogReplays implements LogReplayJobs {
  readonly #parts: JobsParts;
  readonly #feeds: Feeds<LogReplayJob>;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#feeds = new Feeds(
      {
        get: (tenantId, replayId) => this.get(tenantId, replayId),
        signature: ({ status, offsetsDone, heldBy }) => `${status} ${offsetsDone} ${heldBy}`,
        isOver: ({ endedMs }) => endedMs !== null,
      },
      parts.pollMs,
    );
  }

  watch(tenantId: string, replayId: string): Promise<Watch<LogReplayJob>> {
    return this.#feeds.watch(tenantId, replayId);
  }

  async create(
    tenantId: string,
    request: LogReplayRequest,
    actor: string,
    idempotencyKey?: string,
  ): Promise<LogReplayJob> {
    const { replays, wake } = this.#parts;
    const replayId = `replay-${idempotencyKey === undefined ? uuidv7() : digest(tenantId, idempotencyKey)}`;
    const known = idempotencyKey === undefined ? null : await replays.read(tenantId, replayId);
    if (known === null) {
      const body = planText(await this.#plan(tenantId, request));
      await replays.append('created', { tenantId, replayId, actor, body });
      wake.wake();
    } else if (!isSame(parsePlan(known.plan).request, request)) {
      throw new RewindError('idempotency_mismatch', `the key was used for another request: ${replayId}`);
    }
    return this.get(tenantId, replayId);
  }

  async get(tenantId: string, replayId: string): Promise<LogReplayJob> {
    return this.#view(await this.#find(tenantId, replayId));
  }

  async result(tenantId: string, replayId: string): Promise<LogReplayAnswer | null> {
    const found = await this.#find(tenantId, replayId);
    if (found.end !== 'complete') return null;
    const plan = parsePlan(found.plan);
    return answerOf(
      found.ending,
      plan,
      rulesOf(plan.request, this.#parts.config, plan.scopes),
      this.#parts.config,
    );
  }

  async list(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<LogReplayJob>> {
    const found = await this.#parts.replays.list(tenantId, page);
    const items: LogReplayJob[] = [];
    for (const one of found) items.push(await this.#view(one));
    return { items, next: found.length < page.limit ? null : found.at(-1)!.place };
  }

  async cancel(tenantId: string, replayId: string, actor: string): Promise<LogReplayJob> {
    const found = await this.#find(tenantId, replayId);
    if (found.end === null) await this.#parts.replays.append('cancelled', { tenantId, replayId, actor });
    this.#parts.wake.wake();
    return this.get(tenantId, replayId);
  }

  async delete(tenantId: string, replayId: string, actor: string): Promise<LogReplayJob> {
    const job = await this.get(tenantId, replayId);
    await this.#parts.replays.append('deleted', { tenantId, replayId, actor });
    this.#parts.wake.wake();
    return job;
  }

  async decisions(
    tenantId: string,
    replayId: string,
    page: Parameters<LogReplayJobs['decisions']>[2],
  ): Promise<Page<DecisionView>> {
    await this.#find(tenantId, replayId);
    const units = await this.#parts.unitLog.readScope(replayId, UNIT_PREFIX);
    return this.#parts.rows.page(replayId, claimsOf(sealedOf(units)), page);
  }

  async #find(tenantId: string, replayId: string): Promise<StoredReplay> {
    const found = await this.#parts.replays.read(tenantId, replayId);
    if (found === null) throw new RewindError('logreplay_not_found', 'this tenant has no such log replay');
    return found;
  }

  /** Rejects with what is wrong with the request or the proposal: whoever asks is told, and not a job that fails. */
  async #plan(tenantId: string, request: LogReplayRequest): Promise<ReplayPlan> {
    const { config, bundles, policies, log } = this.#parts;
    const startNs = nowNs();
    const proposal = proposalOf(request);
    const skip = skippedOf(request);
    const scopes = await scopesOf(request, startNs, (path, limit) => log.revisions(tenantId, path, limit));
    rulesOf(request, config, scopes);
    const bases = new Bases({ tenantId, bundles, policies, proposal, max: 1 });
    const { proposalError } = await bases.current();
    if (proposalError !== null) throw proposalError;
    const slots = { slotOffsets: config.batchOffsets, slotsMax: config.batchesMax };
    const view = await log.view(tenantId, scopes, { ...slots, maxSeconds: config.jobMaxSeconds });
    const pieces = view.slots.map((slot) => (slot.matches ? openPieces(slot, slot.covered, skip) : []));
    const named = (await log.revisions(tenantId, [], REVISIONS_MAX)).flatMap(revisionsOf);
    return {
      request,
      startNs,
      samples: samplesOf(request, config),
      scopes,
      ranges: joinedRanges(pieces.flat()),
      skipped: pieces.filter((open) => open.length === 0).length,
      batchOffsets: config.batchOffsets,
      unitOffsets: config.jobUnitOffsets,
      kept: await bundles.kept(tenantId, [...new Set(named)]),
      current: await bundles.latest(tenantId),
    };
  }

  async #view(one: StoredReplay): Promise<LogReplayJob> {
    const { unitLog } = this.#parts;
    const units = await unitLog.readScope(one.replayId, UNIT_PREFIX);
    const counters = sealedOf(units).map((unit) => unit.counters);
    const sum = (name: string): number => counters.reduce((total, each) => total + (each[name] ?? 0), 0);
    return {
      replayId: one.replayId,
      status: statusOf(one, units.size > 0),
      offsetsDone: BigInt(sum('offsets')),
      offsetsTotal: offsetsIn(parsePlan(one.plan).ranges),
      observed: sum('observed'),
      scheduled: sum('scheduled'),
      changed: sum('changed'),
      failed: sum('failed'),
      heldBy: one.end === null ? await this.#heldBy(one) : null,
      error: one.end === 'failed' ? failureIn(one.ending) : null,
      createdBy: one.actor,
      createdMs: one.createdMs,
      endedMs: one.endedMs,
    };
  }

  async #heldBy({ replayId }: StoredReplay): Promise<LogReplayJob['heldBy']> {
    const { replays, instance, config } = this.#parts;
    if (await instance.isPaused()) return 'pause';
    const { open } = await replays.toDo();
    return inTurn(open, config.jobsPerTenant).some((one) => one.replayId === replayId) ? null : 'turn';
  }
}

function statusOf({ end }: StoredReplay, begun: boolean): LogReplayJob['status'] {
  if (end === null) return begun ? 'Running' : 'Pending';
  return end === 'complete' ? 'Complete' : end === 'failed' ? 'Failed' : 'Cancelled';
}

function sealedOf(units: ReadonlyMap<string, UnitState>): UnitState[] {
  return [...units.values()].filter(({ sealed }) => sealed);
}

function isSame(a: LogReplayRequest, b: LogReplayRequest): boolean {
  return canonicalJson(JSON.stringify(a)) === canonicalJson(JSON.stringify(b));
}

function digest(tenantId: string, key: string): string {
  return createHash('sha256').update(`${tenantId}\u0000${key}`).digest('hex').slice(0, 32);
}
