/**
 * Comparisons of two finished runs, worked off by the processes that serve them: part by part of the hash space, inside
 * the store, under claims like any unit. A process that dies leaves what is sealed, and the next look goes on from there.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, JobResult } from '../../schemas/job.js';
import { stateClaims } from '../replay/base.js';
import type { Pipeline } from '../replay/pipeline.js';
import { hashRanges } from '../replay/segments.js';
import type { Page } from '../replay/service.js';
import { runUnit } from '../replay/unit-runner.js';
import { claimsOf, type UnitState } from '../replay/units.js';
import { ComparisonLog, type StoredComparison } from '../store/comparison-log.js';
import type { StoredJob } from '../store/job-log.js';
import { cursorInvalid } from '../store/page-cursor.js';
import type { Store } from '../store/store.js';
import { comparability } from './comparability.js';
import type {
  Comparisons,
  ComparisonView,
  DifferenceQuery,
  DifferingEvent,
  EntityDifference,
  Signature,
} from './contract.js';
import { DifferenceReads, type DifferenceScope, totalsOf } from './difference-reads.js';
import { writeDifferences } from './difference-rows.js';
import { differingEvents } from './differing-events.js';
import { bothSides, type StoredRun, storedRows } from './sides.js';

export type ComparisonsContext = Pick<
  Pipeline,
  'store' | 'unitLog' | 'jobLog' | 'beats' | 'worker' | 'holderSilent'
> & {
  readonly config: Pick<Config, 'compare' | 'store'>;
  /** May only read. */
  readonly reader: Store;
};

const UNIT_PREFIX = 'compare/';
/** Part of another process: looked at again after this long. */
const WAIT_MS = 500;
/** After a failure the next attempt waits, however often somebody looks. */
const RETRY_MS = 10_000;

interface Compared {
  readonly one: StoredComparison;
  readonly jobs: { readonly a: StoredJob; readonly b: StoredJob };
}

export class RunComparisons implements Comparisons {
  readonly #context: ComparisonsContext;
  readonly #log: ComparisonLog;
  readonly #differences: DifferenceReads;
  /** Those that this process works off, one after the other. */
  readonly #working = new Set<string>();
  readonly #failed = new Map<string, { readonly error: RewindError; readonly at: number }>();
  readonly #stop = new AbortController();
  #queue: Promise<void> = Promise.resolve();

  constructor(context: ComparisonsContext) {
    this.#context = context;
    this.#log = new ComparisonLog(context.store);
    this.#differences = new DifferenceReads(context.reader);
  }

  async compare(tenantId: string, runs: { a: string; b: string }, actor: string): Promise<ComparisonView> {
    const comparisonId = `cmp-${digest([tenantId, runs.a, runs.b].join('\0'))}`;
    const known = await this.#log.read(tenantId, comparisonId);
    if (known === null) {
      const a = await this.#run(tenantId, runs.a, '/run_a');
      const b = await this.#run(tenantId, runs.b, '/run_b');
      const { history, reasons } = comparability(runOf(a), runOf(b));
      const rows = snapshotsOf(a) + snapshotsOf(b);
      const { unitRows, unitsMax } = this.#context.config.compare;
      const units = Math.max(1, Math.min(unitsMax, Math.ceil(rows / unitRows)));
      await this.#log.created({
        tenantId,
        comparisonId,
        runA: runs.a,
        runB: runs.b,
        history,
        reasons,
        units,
        actor,
      });
    }
    return this.get(tenantId, comparisonId);
  }

  async get(tenantId: string, comparisonId: string): Promise<ComparisonView> {
    const compared = await this.#find(tenantId, comparisonId);
    const units = await this.#context.unitLog.readScope(comparisonId, UNIT_PREFIX);
    const view = this.#view(compared.one, units);
    if (view.status === 'Running') this.#work(compared);
    return view;
  }

  async list(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ComparisonView>> {
    const before = page.cursor === undefined ? undefined : parseCursor(page.cursor);
    const found = await this.#log.list(tenantId, {
      limit: page.limit,
      ...(before === undefined ? {} : { before }),
    });
    const items: ComparisonView[] = [];
    for (const one of found) {
      items.push(this.#view(one, await this.#context.unitLog.readScope(one.comparisonId, UNIT_PREFIX)));
    }
    const last = found.length < page.limit ? undefined : found.at(-1);
    return { items, next: last === undefined ? null : `${last.createdMs}/${last.comparisonId}` };
  }

  async signatures(
    tenantId: string,
    comparisonId: string,
    page: { readonly limit: number; readonly cursor?: string; readonly samples: number },
  ): Promise<Page<Signature>> {
    return this.#differences.signatures(await this.#scope(tenantId, comparisonId), page);
  }

  async entities(
    tenantId: string,
    comparisonId: string,
    query: DifferenceQuery,
  ): Promise<Page<EntityDifference>> {
    return this.#differences.entities(await this.#scope(tenantId, comparisonId), query);
  }

  async events(
    tenantId: string,
    comparisonId: string,
    entity: { readonly type: string; readonly id: string },
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DifferingEvent>> {
    const { one, jobs } = await this.#find(tenantId, comparisonId);
    if (!one.history)
      throw new RewindError('history_not_compared', `${comparisonId} compares last states only`);
    const sides = { a: await this.#stored(jobs.a), b: await this.#stored(jobs.b) };
    const { ordering } = jobs.a.state.spec as FrozenSpec;
    return differingEvents(this.#context.reader, { ...sides, ordering, entity }, page);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#queue;
  }

  /** A run with states to look at. */
  async #run(tenantId: string, jobId: string, pointer: string): Promise<StoredJob> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    if (job === null || job.state.deleted !== null)
      throw new RewindError('job_not_found', `this tenant has no job ${jobId}`, { pointer });
    const { jobType } = job.state.spec as FrozenSpec;
    if (jobType !== 'StateRebuild' || job.state.status !== 'Complete' || job.state.dropped) {
      const what = jobType === 'StateRebuild' ? `it is ${job.state.status}` : `it is a ${jobType}`;
      throw new RewindError('not_comparable', `${jobId} has no whole set of states: ${what}`, { pointer });
    }
    return job;
  }

  async #find(tenantId: string, comparisonId: string): Promise<Compared> {
    const one = await this.#log.read(tenantId, comparisonId);
    if (one === null) throw new RewindError('comparison_not_found', 'this tenant has no such comparison');
    const [a, b] = await Promise.all(
      [one.runA, one.runB].map((run) => this.#context.jobLog.read(tenantId, run)),
    );
    for (const job of [a, b])
      if (!job || job.state.dropped) throw new RewindError('rows_dropped', 'a run of it keeps no rows');
    return { one, jobs: { a: a!, b: b! } };
  }

  async #scope(tenantId: string, comparisonId: string): Promise<DifferenceScope> {
    await this.#find(tenantId, comparisonId);
    const units = await this.#context.unitLog.readScope(comparisonId, UNIT_PREFIX);
    const sealed = [...units.values()].filter((unit) => unit.sealed);
    return {
      jobId: comparisonId,
      claims: claimsOf(sealed),
    };
  }

  #view(one: StoredComparison, units: ReadonlyMap<string, UnitState>): ComparisonView {
    const sealed = [...units.values()].filter((unit) => unit.sealed);
    const { error } = this.#failed.get(one.comparisonId) ?? { error: null };
    return {
      comparisonId: one.comparisonId,
      runA: one.runA,
      runB: one.runB,
      status: sealed.length === one.units ? 'Complete' : 'Running',
      percent: Math.floor((100 * sealed.length) / one.units),
      comparable: one.reasons.length === 0,
      reasons: one.reasons,
      history: one.history,
      totals: totalsOf(sealed.map(({ counters }) => counters)),
      error: error === null ? null : { code: error.code, message: error.message },
      createdBy: one.actor,
      createdAt: new Date(one.createdMs).toISOString(),
    };
  }

  #work(compared: Compared): void {
    const id = compared.one.comparisonId;
    const failed = this.#failed.get(id);
    if (failed !== undefined && performance.now() - failed.at < RETRY_MS) return;
    if (this.#working.has(id) || this.#stop.signal.aborted) return;
    if (this.#working.size >= this.#context.config.compare.waitingMax) return;
    this.#working.add(id);
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#compareAll(compared);
        this.#failed.delete(id);
      } catch (cause) {
        if (this.#stop.signal.aborted) return;
        const error =
          cause instanceof RewindError
            ? cause
            : new RewindError('internal', (cause as Error).message, { cause });
        this.#failed.set(id, { error, at: performance.now() });
      } finally {
        this.#working.delete(id);
      }
    });
  }

  /** Resolves when every part is sealed, by whichever process. */
  async #compareAll({ one, jobs }: Compared): Promise<void> {
    const { store, unitLog, beats, worker, holderSilent, config } = this.#context;
    const { signal } = this.#stop;
    const sides = bothSides(
      storedRows(store, await this.#stored(jobs.a), 'a'),
      storedRows(store, await this.#stored(jobs.b), 'b'),
    );
    const { ordering } = jobs.a.state.spec as FrozenSpec;
    const options = { signal, maxSeconds: config.store.statementMaxSeconds, settings: { max_threads: 1 } };
    const scope = one.comparisonId;
    const ranges = hashRanges(one.units);
    for (;;) {
      const units = await unitLog.readScope(scope, UNIT_PREFIX);
      let open = 0;
      for (const [index, range] of ranges.entries()) {
        const unit = `${UNIT_PREFIX}${String(index).padStart(6, '0')}`;
        const state = units.get(unit);
        if (state?.sealed) continue;
        signal.throwIfAborted();
        const outcome = await runUnit({
          unitLog,
          beats,
          scope,
          unit,
          worker,
          holderSilent: state !== undefined && holderSilent(scope, unit, state),
          work: async (claim) => ({
            ...(await writeDifferences(
              store,
              {
                jobId: scope,
                claim,
                sides: { sql: sides.sql, params: { ...sides.params, ...range } },
                ordering,
                history: one.history,
                runs: { a: one.runA, b: one.runB },
              },
              options,
            )),
          }),
        });
        if (outcome === 'lost') open++;
      }
      if (open === 0) return;
      await sleep(WAIT_MS, undefined, { signal });
    }
  }

  async #stored({ jobId, state }: StoredJob): Promise<StoredRun> {
    const claims = await stateClaims(this.#context, jobId);
    return { jobId, claims, based: (state.spec as FrozenSpec).base !== undefined };
  }
}

function runOf({ state }: StoredJob) {
  return { spec: state.spec as FrozenSpec, exactness: (state.result as JobResult).verdict.exactness };
}

function snapshotsOf({ state }: StoredJob): number {
  return (state.result as JobResult).counters.snapshots;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

function parseCursor(cursor: string): { createdMs: number; comparisonId: string } {
  const found = /^(\d{1,15})\/(cmp-[0-9a-f]{24})$/.exec(cursor);
  if (found === null) throw cursorInvalid();
  return { createdMs: Number(found[1]), comparisonId: found[2]! };
}
