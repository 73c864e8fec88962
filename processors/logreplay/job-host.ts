/**
 * Works on log replays that run as jobs, in any process that has workers: some units of each in turn, under claims, so that
 * processes share them and one that dies is followed by another. The end of a replay is one row of its log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Policies } from '../policy/contract.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { OnRetry } from '../replay/retry-events.js';
import { runUnit } from '../replay/unit-runner.js';
import { claimsOf, type UnitState } from '../replay/units.js';
import type { DecisionLog, FrozenRows } from '../store/decision-log.js';
import type { LogReplayLog, ReplayName, StoredReplay } from '../store/log-replay-log.js';
import { Analysis } from './analysis.js';
import { Bases } from './bases.js';
import type { Bundles } from './bundle-contract.js';
import { failureText, resultText } from './job-result.js';
import { inTurn } from './job-turn.js';
import { replayUnit } from './job-unit.js';
import { parsePlan, type ReplayPlan, type ReplayUnit, UNIT_PREFIX, unitsOf } from './plan.js';
import { proposalOf, rulesOf } from './request.js';
import { countedIn } from './tally-text.js';
import { analysisLimits } from './timed-replays.js';

export interface ReplayHostParts
  extends Pick<Pipeline, 'store' | 'unitLog' | 'instance' | 'beats' | 'worker' | 'holderSilent' | 'wake'> {
  readonly config: Config;
  readonly policies: Policies;
  readonly bundles: Bundles;
  readonly log: DecisionLog;
  readonly replays: LogReplayLog;
  readonly onRetry: OnRetry;
}

/** A replay as this process works on it. */
interface Working {
  readonly plan: ReplayPlan;
  readonly units: readonly ReplayUnit[];
  readonly analysis: Analysis;
  readonly rows: FrozenRows;
  /** Units that failed one after the other, for a reason of their own. */
  failures: number;
}

export class LogReplayHost {
  readonly #parts: ReplayHostParts;
  readonly #working = new Map<string, Working>();

  constructor(parts: ReplayHostParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts; units under way are given back. */
  async run(signal: AbortSignal): Promise<void> {
    const { wake, config, onRetry } = this.#parts;
    while (!signal.aborted) {
      const { count } = wake;
      const worked = await this.#round(signal).catch((error: unknown) => {
        if (!signal.aborted) onRetry('', 'log replays', error);
        return false;
      });
      if (!worked) await wake.wait(count, config.logReplay.jobPollMs, signal);
    }
  }

  /** True: there may be more to do at once. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const { replays, instance, config } = this.#parts;
    const { open, unswept } = await replays.toDo();
    for (const one of unswept) await this.#sweep(one);
    for (const replayId of this.#working.keys())
      if (!open.some((one) => one.replayId === replayId)) this.#working.delete(replayId);
    if (await instance.isPaused()) return false;
    let worked = false;
    for (const { tenantId, replayId } of inTurn(open, config.logReplay.jobsPerTenant)) {
      const one = await replays.read(tenantId, replayId);
      if (one?.end === null) worked = (await this.#advance(one, signal)) || worked;
    }
    return worked;
  }

  async #sweep({ tenantId, replayId }: ReplayName): Promise<void> {
    const { replays, worker } = this.#parts;
    await replays.sweep(replayId);
    await replays.append('swept', { tenantId, replayId, actor: worker });
  }

  /** Makes some units of a replay, or ends it. False: others make what is left. */
  async #advance(one: StoredReplay, signal: AbortSignal): Promise<boolean> {
    const { unitLog, holderSilent, policies, onRetry } = this.#parts;
    const { replayId } = one;
    try {
      const working = this.#working.get(replayId) ?? (await this.#open(one));
      this.#working.set(replayId, working);
      const states = await unitLog.readScope(replayId, UNIT_PREFIX);
      const over = this.#overLimit(one, states);
      if (over !== null) return await this.#end(one, 'failed', failureText(over));
      const left = working.units.filter(({ unit }) => states.get(unit)?.sealed !== true);
      if (left.length === 0) return await this.#finish(one, working, states);
      const free = left.flatMap((unit) => {
        const state = states.get(unit.unit);
        const silent = state !== undefined && holderSilent(replayId, unit.unit, state);
        return state === undefined || state.holder === null || silent ? [{ unit, silent }] : [];
      });
      const some = free.slice(0, Math.max(1, policies.threads));
      if (some.length === 0) return false;
      const stop = new AbortController();
      const watching = this.#watch(one, stop, signal);
      const outcomes = await Promise.allSettled(
        some.map((taken) => this.#make(one, working, taken, AbortSignal.any([signal, stop.signal]))),
      );
      const interrupted = stop.signal.aborted || signal.aborted;
      stop.abort();
      await watching;
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined && !interrupted) throw failed.reason;
      working.failures = 0;
      return !interrupted;
    } catch (error) {
      if (signal.aborted) return false;
      onRetry(replayId, 'log replay', error);
      return this.#failed(one, error);
    }
  }

  async #make(
    { replayId }: StoredReplay,
    { analysis, rows }: Working,
    { unit, silent }: { readonly unit: ReplayUnit; readonly silent: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, replays, unitLog, beats, worker } = this.#parts;
    await runUnit({
      unitLog,
      beats,
      worker,
      scope: replayId,
      unit: unit.unit,
      holderSilent: silent,
      work: (claim) => replayUnit({ store, replays, analysis, rows, replayId }, unit, claim, signal),
    });
  }

  /** Stops the units under way where the replay has ended meanwhile, or everything is paused. */
  async #watch(
    { tenantId, replayId }: StoredReplay,
    stop: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    const { replays, instance, config } = this.#parts;
    const over = AbortSignal.any([stop.signal, signal]);
    while (!over.aborted) {
      await sleep(config.logReplay.jobPollMs, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      const [now, paused] = await Promise.all([
        replays.read(tenantId, replayId).catch(() => undefined),
        instance.isPaused().catch(() => false),
      ]);
      if (paused || (now !== undefined && now?.end !== null)) stop.abort();
    }
  }

  async #open(one: StoredReplay): Promise<Working> {
    const { config, bundles, policies, log } = this.#parts;
    const { tenantId } = one;
    const plan = parsePlan(one.plan);
    const kept = new Set(plan.kept);
    const bases = new Bases({
      tenantId,
      policies,
      proposal: proposalOf(plan.request),
      max: config.logReplay.basesMax,
      // What was saved since then is not part of it, or units would differ by when they are made.
      bundles: {
        find: (tenant, revisions) =>
          bundles.find(
            tenant,
            revisions.filter((revision) => kept.has(revision) || revision === plan.current),
          ),
        latest: async () => plan.current,
      },
    });
    return {
      plan,
      units: unitsOf(plan),
      analysis: new Analysis(
        policies,
        bases,
        rulesOf(plan.request, config.logReplay, plan.scopes),
        analysisLimits(config.logReplay),
      ),
      rows: await log.frozen(tenantId, plan.ranges, { maxSeconds: config.store.statementMaxSeconds }),
      failures: 0,
    };
  }

  /** Merges what the units found, in their order, whoever made them when. */
  async #finish(
    one: StoredReplay,
    { plan, analysis }: Working,
    states: ReadonlyMap<string, UnitState>,
  ): Promise<boolean> {
    const tally = analysis.newTally();
    const units = [...states.values()];
    for (const text of await this.#parts.replays.findings(one.replayId, claimsOf(units)))
      tally.addAll(countedIn(text));
    const sum = (name: string): number => units.reduce((all, { counters }) => all + (counters[name] ?? 0), 0);
    const batches = sum('batches');
    const stats = {
      batchesScheduled: batches,
      batchesDownloaded: batches,
      batchesDownloadErrors: 0,
      batchesSkipped: plan.skipped,
      batchesFromCache: 0,
      batchesObserved: batches,
      batchesAnalyzed: batches,
      entriesObserved: sum('observed'),
      entriesScheduled: sum('scheduled'),
    };
    const elapsedNs = BigInt(Math.max(0, Date.now() - one.createdMs)) * 1_000_000n;
    return this.#end(one, 'complete', resultText({ stats, tally, elapsedNs }));
  }

  #overLimit({ createdMs }: StoredReplay, states: ReadonlyMap<string, UnitState>): RewindError | null {
    const { jobMaxChanged, jobMaxSeconds } = this.#parts.config.logReplay;
    const changed = [...states.values()].reduce((sum, { counters }) => sum + (counters.changed ?? 0), 0);
    if (changed > jobMaxChanged)
      return new RewindError('max_rows_exceeded', `more than ${jobMaxChanged} decisions changed`);
    if (Date.now() - createdMs > jobMaxSeconds * 1000)
      return new RewindError('max_duration_exceeded', `the log replay takes longer than ${jobMaxSeconds} s`);
    return null;
  }

  /** What is wrong with the replay itself ends it; what may be better the next time does not. */
  async #failed(one: StoredReplay, error: unknown): Promise<boolean> {
    if (error instanceof RewindError && error.retryable) return false;
    const working = this.#working.get(one.replayId);
    const failures = working === undefined ? this.#parts.config.replay.retries : ++working.failures;
    if (failures < this.#parts.config.replay.retries) return false;
    const code = error instanceof RewindError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    return this.#end(one, 'failed', failureText({ code, message }));
  }

  async #end(
    { tenantId, replayId }: StoredReplay,
    kind: 'complete' | 'failed',
    body: string,
  ): Promise<boolean> {
    await this.#parts.replays.append(kind, { tenantId, replayId, actor: this.#parts.worker, body });
    this.#working.delete(replayId);
    return true;
  }
}
