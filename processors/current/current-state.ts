/**
 * The tenant's current state as people steer and read it: this appends to the log of promotions and reads it back; what
 * counts is the order of the log (promotions.ts), and promoter.ts does the work in whichever process.
 */
import type { Readable } from 'node:stream';
import { uuidv7 } from 'uuidv7';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobResult, JobSpec } from '../../schemas/job.js';
import type { JobView, Page, ReplayService } from '../replay/service.js';
import type { Wake } from '../replay/wake.js';
import type { ExportFormat } from '../results/contract.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { CurrentReads, EntityKey } from '../store/current-reads.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import type { NewPromotionRow, PromotionLog } from '../store/promotion-log.js';
import type {
  ContinueOptions,
  CurrentEntity,
  CurrentState,
  CurrentView,
  EntityFilters,
  PromoteOptions,
  PromotionView,
} from './contract.js';
import { asOfNs, whyNotPromotable } from './promotable.js';
import {
  currentOf,
  keptSets,
  originOf,
  type Promotion,
  type Promotions,
  previousOf,
  type StateSet,
} from './promotions.js';
import { currentView, promotionView } from './views.js';

/** How often the log is looked at while a request waits for its end. */
const LOOK_MS = 50;

export interface CurrentContext {
  readonly config: Config;
  readonly jobLog: JobLog;
  readonly promotions: PromotionLog;
  readonly wake: Wake;
  readonly reads: CurrentReads;
  readonly jobs: Pick<ReplayService, 'create'>;
  readonly exportOf: (tenantId: string, format: ExportFormat, filters: EntityFilters) => Promise<Readable>;
  /** The rows of a set that count now. */
  readonly openSet: (promotion: Promotion) => Promise<StateSet>;
}

export class PromotedState implements CurrentState {
  readonly #context: CurrentContext;

  constructor(context: CurrentContext) {
    this.#context = context;
  }

  async show(tenantId: string): Promise<CurrentView> {
    return currentView(await this.#current(tenantId), Date.now());
  }

  async entities(
    tenantId: string,
    filters: EntityFilters,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<CurrentEntity>> {
    const set = await this.#context.openSet(await this.#current(tenantId));
    const items = await this.#context.reads.entities(set, filters, limit, parseKey(cursor));
    const last = items.at(-1);
    const next =
      last === undefined || items.length < limit ? null : JSON.stringify([last.entityType, last.entityId]);
    return { items, next };
  }

  async entity(tenantId: string, entity: EntityKey): Promise<CurrentEntity> {
    const set = await this.#context.openSet(await this.#current(tenantId));
    const found = await this.#context.reads.entity(set, entity);
    if (found === null)
      throw new RewindError('entity_not_found', `the current state has no ${entity.type} ${entity.id}`);
    return found;
  }

  async export(tenantId: string, format: ExportFormat, filters: EntityFilters): Promise<Readable> {
    await this.#current(tenantId);
    return this.#context.exportOf(tenantId, format, filters);
  }

  async promote(
    tenantId: string,
    jobId: string,
    actor: string,
    { reason = '', force = false }: PromoteOptions,
  ): Promise<PromotionView> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    const refused = whyNotPromotable(job, jobId);
    if (refused !== null) throw refused;
    const facts = factsOf(job!);
    if (facts.exactness !== 'exact' && reason.trim() === '')
      throw new RewindError(
        'reason_required',
        `run ${jobId} is ${facts.exactness} (${facts.reasons.join(', ')}): promoting it needs a reason`,
        { pointer: '/reason' },
      );
    const promotions = await this.#context.promotions.read(tenantId);
    const current = currentOf(promotions);
    if (current?.jobId === jobId) return this.#view(promotions, current);
    if (current !== null && BigInt(facts.asOfNs) < BigInt(current.asOfNs) && !force)
      throw new RewindError(
        'promotion_older',
        `run ${jobId} ends at ${formatRfc3339Ns(BigInt(facts.asOfNs))}, before the current state's ${formatRfc3339Ns(BigInt(current.asOfNs))}`,
      );
    return this.#ask({
      ...{ ...newId(), ...newSet(), ...facts, tenantId, jobId, actor, reason },
      kind: 'asked',
      act: 'promote',
      returnsTo: '',
    });
  }

  async revert(
    tenantId: string,
    actor: string,
    { promotionId, reason = '' }: { promotionId?: string; reason?: string },
  ): Promise<PromotionView> {
    const promotions = await this.#context.promotions.read(tenantId);
    if (currentOf(promotions) === null) throw noCurrentState();
    const target = targetOf(promotions, promotionId);
    const job = await this.#context.jobLog.read(tenantId, target.jobId);
    if (whyNotPromotable(job, target.jobId) !== null)
      throw new RewindError(
        'promotion_gone',
        `the run of ${target.promotionId}, ${target.jobId}, is not there any more`,
      );
    const returned = {
      ...target,
      ...newId(),
      actor,
      reason,
      act: 'revert',
      returnsTo: target.promotionId,
    } as const;
    const { setId, generation, claims } = lastWithSet(promotions, target);
    if (!promotions.unnamable.has(setId)) {
      await this.#context.promotions.append({ ...returned, setId, generation, claims, kind: 'current' });
      const after = await this.#context.promotions.read(tenantId);
      const done = find(after, returned.promotionId);
      if (done.outcome === 'current') return this.#view(after, done);
    }
    // Its rows are gone: the run gives them again.
    return this.#ask({ ...returned, ...newId(), ...newSet(), kind: 'asked' });
  }

  async promotion(tenantId: string, promotionId: string): Promise<PromotionView> {
    const promotions = await this.#context.promotions.read(tenantId);
    return this.#view(promotions, find(promotions, promotionId));
  }

  async promotions(
    tenantId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<PromotionView>> {
    const promotions = await this.#context.promotions.read(tenantId);
    const newest = [...promotions.all].reverse();
    const from = cursor === undefined ? 0 : newest.findIndex(({ promotionId }) => promotionId === cursor) + 1;
    const items = newest.slice(from, from + limit);
    const next = from + limit < newest.length ? (items.at(-1)?.promotionId ?? null) : null;
    return { items: items.map((item) => this.#view(promotions, item)), next };
  }

  async continue(
    tenantId: string,
    actor: string,
    { to = 'now', idempotencyKey }: ContinueOptions,
  ): Promise<JobView> {
    const { jobId } = await this.#current(tenantId);
    const job = await this.#context.jobLog.read(tenantId, jobId);
    const refused = whyNotPromotable(job, jobId);
    if (refused !== null) throw refused;
    return this.#context.jobs.create(tenantId, specBehind(job!, to), actor, idempotencyKey);
  }

  async #current(tenantId: string): Promise<Promotion> {
    const current = currentOf(await this.#context.promotions.read(tenantId));
    if (current === null) throw noCurrentState();
    return current;
  }

  async #ask(row: NewPromotionRow): Promise<PromotionView> {
    const { promotions: log, wake, config } = this.#context;
    await log.append(row);
    wake.wake();
    const until = performance.now() + config.current.waitMs;
    const never = new AbortController().signal;
    for (;;) {
      const { count } = wake;
      const promotions = await log.read(row.tenantId);
      const promotion = find(promotions, row.promotionId);
      if (promotion.outcome !== 'pending' || performance.now() >= until)
        return this.#view(promotions, promotion);
      await wake.wait(count, LOOK_MS, never);
    }
  }

  #view(promotions: Promotions, promotion: Promotion): PromotionView {
    const kept = keptSets(promotions, this.#context.config.current.keepSets);
    return promotionView(promotions, promotion, kept);
  }
}

function factsOf(job: StoredJob) {
  const { exactness, reasons } = (job.state.result as JobResult).verdict;
  return { asOfNs: asOfNs(job), exactness, reasons };
}

const newId = () => ({ promotionId: `promotion-${uuidv7()}` });
const newSet = () => ({ setId: `current-${uuidv7()}`, generation: 0, claims: [], entities: 0 });

function targetOf(promotions: Promotions, promotionId: string | undefined): Promotion {
  if (promotionId === undefined) {
    const previous = previousOf(promotions);
    if (previous !== null) return previous;
    throw new RewindError('nothing_to_revert', 'nothing was current before the run that is');
  }
  const named = find(promotions, promotionId);
  if (named.outcome !== 'current')
    throw new RewindError('promotion_not_found', `${promotionId} never became current`);
  return originOf(promotions, named);
}

/** Where the set of a promotion's run was last pointed to: a copy that was made again has another one. */
function lastWithSet({ pointers }: Promotions, target: Promotion): Promotion {
  const same = ({ promotionId, returnsTo }: Promotion) =>
    promotionId === target.promotionId || returnsTo === target.promotionId;
  return pointers.findLast(same) ?? target;
}

function find({ all }: Promotions, promotionId: string): Promotion {
  const found = all.find((promotion) => promotion.promotionId === promotionId);
  if (found !== undefined) return found;
  throw new RewindError('promotion_not_found', `this tenant has no promotion ${promotionId}`);
}

/** What was asked for, from one nanosecond behind its end on. */
function specBehind({ jobId, state }: StoredJob, to: string): JobSpec {
  const spec = state.spec as FrozenSpec;
  const { baseline: _, from_snapshot_of: __, ...requested } = spec.requested;
  return {
    ...requested,
    job_type: 'StateRebuild',
    time_range_start: formatRfc3339Ns(BigInt(spec.endNs) + 1n),
    time_range_end: to,
    topics: [...spec.topics],
    // A final snapshot alone cannot be gone on to: it would be compared with nothing.
    ...(spec.snapshots === 'final' ? { snapshots: 'changed' as const } : {}),
    from_snapshot_of: jobId,
  };
}

function noCurrentState(): RewindError {
  return new RewindError('no_current_state', 'no run of this tenant has been promoted');
}

function parseKey(cursor: string | undefined): EntityKey | null {
  if (cursor === undefined) return null;
  const [type = '', id = ''] = JSON.parse(cursor) as string[];
  return { type, id };
}
