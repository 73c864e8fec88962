/** The switch and the state of following, as the store knows them: any API process can say and turn it. */
import { archiveUnitsByPartition } from '../replay/coverage.js';
import type { Pipeline } from '../replay/pipeline.js';
import type { UnitState } from '../replay/units.js';
import type { FollowLog, FollowSwitch } from '../store/follow-log.js';
import type { JobLog } from '../store/job-log.js';
import { selectedClause } from '../store/selection.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import { openBaseRun } from './base-run.js';
import { claimsAt, countOffsets, coveredOffsets, openOffsets } from './consumed.js';
import type { FollowFigures, Following, FollowStatus } from './contract.js';
import { LIVE_PREFIX, type PromotedSet, progressOf } from './live-units.js';
import { changesSomething, sealedSteps, TOLD_PREFIX } from './told-units.js';
import { addTotals, NO_STEPS, type StepTotals } from './totals.js';

export interface FollowingContext {
  readonly reader: Store;
  readonly unitLog: UnitLog;
  readonly jobLog: JobLog;
  readonly encodings: Pipeline['encodings'];
  readonly followLog: FollowLog;
}

type SetState = Omit<FollowStatus, 'on' | 'actor' | 'since' | 'error'>;
type CountedState = SetState & { readonly totals: StepTotals };

const NOTHING: SetState = {
  jobId: null,
  step: null,
  stepAt: null,
  lagRecords: null,
  lagSeconds: null,
  toldStep: null,
  untoldSteps: null,
};

export class CurrentFollowing implements Following {
  readonly #context: FollowingContext;

  constructor(context: FollowingContext) {
    this.#context = context;
  }

  async status(tenantId: string): Promise<FollowStatus> {
    const { followLog } = this.#context;
    const [told] = await followLog.switches(tenantId);
    const [set] = await followLog.currentSets([tenantId]);
    return this.#status(told, set);
  }

  async turn(tenantId: string, on: boolean, actor: string): Promise<FollowStatus> {
    const { followLog } = this.#context;
    const [told] = await followLog.switches(tenantId);
    const [set] = await followLog.currentSets([tenantId]);
    // What cannot be followed is said now and not in a log.
    if (on && set !== undefined) await openBaseRun(this.#context, tenantId, set.jobId);
    if ((told?.on ?? false) !== on) await followLog.turn(tenantId, on, actor);
    return this.status(tenantId);
  }

  async figures(): Promise<FollowFigures> {
    const { followLog } = this.#context;
    const on = (await followLog.switches()).filter((one) => one.on);
    const sets = await followLog.currentSets(on.map(({ tenantId }) => tenantId));
    const states = [];
    for (const set of sets) states.push(await this.#setState(set));
    return {
      sets: sets.length,
      failing: on.filter(({ error }) => error !== null).length,
      lagRecords: states.reduce((sum, { lagRecords }) => sum + Number(lagRecords ?? 0), 0),
      lagSeconds: Math.max(0, ...states.map(({ lagSeconds }) => lagSeconds ?? 0)),
      untoldSteps: states.reduce((sum, { untoldSteps }) => sum + (untoldSteps ?? 0), 0),
      totals: states.map(({ totals }) => totals).reduce(addTotals, NO_STEPS),
    };
  }

  async #status(told: FollowSwitch | undefined, set: PromotedSet | undefined): Promise<FollowStatus> {
    const { totals: _, ...state } =
      set === undefined ? { ...NOTHING, totals: NO_STEPS } : await this.#setState(set);
    return {
      on: told?.on ?? false,
      actor: told?.actor ?? null,
      since: told?.since ?? null,
      ...state,
      error: told?.on === true ? told.error : null,
    };
  }

  async #setState(set: PromotedSet): Promise<CountedState> {
    const { unitLog } = this.#context;
    const { jobId } = set;
    const base = await openBaseRun(this.#context, set.tenantId, jobId).catch(() => null);
    if (base === null) return { ...NOTHING, jobId, totals: NO_STEPS };
    const live = await unitLog.readScope(set.setId, LIVE_PREFIX);
    const progress = progressOf(set, live);
    const units = await archiveUnitsByPartition(unitLog, base.topicIds);
    const consumed = progress.consumed ?? base.offsets;
    const open = openOffsets(coveredOffsets(units), consumed, base.starts);
    return {
      totals: progress.totals,
      jobId,
      step: progress.consumed === null ? null : (progress.step - 1n).toString(),
      stepAt: progress.consumed === null ? null : await this.#lastStepAt(set.setId),
      lagRecords: countOffsets(open).toString(),
      lagSeconds: await this.#age(base.spec, claimsAt(units, open)),
      ...(base.tells ? await this.#told(set.setId, live) : { toldStep: null, untoldSteps: null }),
    };
  }

  async #told(setId: string, live: ReadonlyMap<string, UnitState>) {
    const last = sealedSteps(await this.#context.unitLog.readScope(setId, TOLD_PREFIX)).at(-1)?.step ?? null;
    const untold = sealedSteps(live).filter((one) => one.step > (last ?? 0n) && changesSomething(one));
    return { toldStep: last === null ? null : last.toString(), untoldSteps: untold.length };
  }

  async #lastStepAt(setId: string): Promise<string | null> {
    const { reader } = this.#context;
    const rows = await reader.query<{ at: string }>(
      `SELECT formatDateTime(max(written_at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at FROM ${reader.t('unit_log')}
       WHERE scope = {setId:String} AND startsWith(unit, {live:String}) AND kind = 'manifest'`,
      { setId, live: LIVE_PREFIX },
    );
    return rows[0]?.at ?? null;
  }

  /** Of the oldest event, by the time at which the log got it. */
  async #age(
    spec: Parameters<typeof selectedClause>[0],
    ranges: ReturnType<typeof claimsAt>,
  ): Promise<number | null> {
    if (ranges.length === 0) return null;
    const { reader } = this.#context;
    const selected = selectedClause(spec, { table: 'audit_events', jobId: '', stage: '', ranges });
    const rows = await reader.query<{ count: string; age: number }>(
      `SELECT toString(count()) AS count, greatest(0, dateDiff('millisecond', min(record_time), now64(3))) / 1000 AS age
       FROM ${reader.t('audit_events')} WHERE ${selected.sql}`,
      selected.params,
    );
    return rows[0]!.count === '0' ? null : Number(rows[0]!.age);
  }
}
