/**
 * The simulated worker: takes units, writes their output, appends manifests, step by step as
 * `replay/unit-protocol.ts` decides. The real fold and collect workers do the same with real inserts.
 */
import { beatIntervalMs, LeaseWatch, nextStep, type OwnClaim } from '../../replay/unit-protocol.js';
import type { UnitState } from '../../replay/units.js';
import { type Cast, ENDED, type SimFolding, type SimPlan, shareOf } from './actors.js';
import { type Actor, type ActorContext, type Call, read, sleep, write } from './clock.js';
import type { Unit } from './truth.js';

/** Takes units as they come, until the job has ended. */
export function* worker(cast: Cast, name: string, context: ActorContext): Actor {
  const watch = new LeaseWatch(cast.world.faults.leaseMs);
  for (;;) {
    const job = yield* cast.job();
    if (job !== null && ENDED.has(job.status)) return;
    if (job?.status === 'Running' && job.plan !== null) {
      const plan = job.plan as SimPlan;
      if (job.folding === null) {
        const units = plan.collect.map((unit) => cast.truth.unit(unit));
        yield* workOnAll(cast, name, context, watch, units);
      } else {
        const folding = job.folding as SimFolding;
        const folds = Array.from({ length: folding.folds }, (_, i) => cast.foldUnit(i, plan, folding));
        yield* workOnAll(cast, name, context, watch, folds);
      }
    }
    yield* sleep(context.prng.int(20, 60));
  }
}

function* workOnAll(
  cast: Cast,
  name: string,
  context: ActorContext,
  watch: LeaseWatch,
  units: readonly Unit[],
) {
  for (const unit of context.prng.shuffle([...units])) yield* workOn(cast, name, context, watch, unit);
}

/** Works on the unit until it is finished, or somebody else's, or the job rests. */
function* workOn(cast: Cast, name: string, context: ActorContext, watch: LeaseWatch, unit: Unit) {
  const { spec } = unit;
  const end = spec.kind === 'collect' ? spec.end : null;
  let own: OwnClaim | null = null;
  let beforeClaim: bigint | null = null;
  for (;;) {
    const state: UnitState = yield* cast.unitState(unit);
    const silent = watch.isSilent(spec.name, state.activity, context.now()) && !cast.habits.neverTakesOver;
    const step = nextStep(state, end, own, silent);
    if (step.kind === 'done' || step.kind === 'wait' || step.kind === 'abandon') return;
    if (step.kind === 'claim') {
      const claim = cast.freshClaim(name);
      const from = yield* read(() => unit.lowWatermark);
      yield* cast.append(unit, { kind: 'claim', claim, worker: name, from });
      own = { claim, position: null, tainted: false };
      beforeClaim = state.position;
      continue;
    }
    const job = yield* cast.job();
    if (job === null || job.status !== 'Running') {
      yield* cast.append(unit, { kind: 'release', claim: own!.claim, worker: name });
      return;
    }
    const stale: boolean = cast.habits.writesFromStaleRead && own!.position === null;
    const from: bigint = stale ? (beforeClaim ?? step.from) : step.from;
    own = yield* writeBatch(cast, name, context, unit, own!, from, state.segments.length > 0);
    if (own === null) return;
    if (own.tainted && context.prng.chance(0.5)) {
      // Giving back after an unknown outcome is as good as claiming anew: a manifest still under way counts or does not.
      yield* cast.append(unit, { kind: 'release', claim: own.claim, worker: name });
      return;
    }
  }
}

/** One batch: rows, then manifest. Null: history before `from` is gone, the job was told so. */
function* writeBatch(
  cast: Cast,
  name: string,
  context: ActorContext,
  unit: Unit,
  own: OwnClaim,
  from: bigint,
  begun: boolean,
): Generator<Call, OwnClaim | null, unknown> {
  const { spec } = unit;
  const low = yield* read(() => unit.lowWatermark);
  if (from < low) {
    if (!begun) return { ...own, tainted: true };
    yield* cast.appendJob('failed', name, { code: 'range_expired' });
    return null;
  }
  const left = Number(spec.end - from);
  const to = from + BigInt(spec.kind === 'fold' ? 1 : context.prng.int(1, Math.min(left, 4)));
  const rows = yield* outputRows(cast, unit, from, to);
  const blocks = rows.length > 3 ? [rows.slice(0, 3), rows.slice(3)] : [rows];
  for (const [i, block] of blocks.entries()) {
    // A long unit shows life between its inserts; whether the beat arrives does not matter.
    if (i > 0) yield* cast.append(unit, { kind: 'beat', claim: own.claim, worker: name });
    const effects = block.map(
      ([at, row]) =>
        () =>
          cast.truth.storeRow(unit, own.claim, at, row),
    );
    if (effects.length === 0) continue;
    let outcome = yield* write(effects);
    if (outcome !== 'ok' && cast.habits.repeatsInserts) outcome = yield* write(effects);
    if (outcome !== 'ok' && !cast.habits.trustsInserts) return { ...own, tainted: true };
    yield* sleep(context.prng.int(1, beatIntervalMs(cast.world.faults.leaseMs)));
  }
  const manifest = { claim: own.claim, worker: name, from, to, final: spec.kind === 'fold' };
  const appended = yield* cast.append(unit, {
    kind: 'manifest',
    ...manifest,
    counters: { rows: rows.length },
  });
  return { claim: own.claim, position: to, tainted: appended !== 'ok' };
}

/** What the unit's output is: collect copies the history, fold takes what readers see of the collected rows. */
function* outputRows(cast: Cast, unit: Unit, from: bigint, to: bigint) {
  const rows: [bigint, string][] = [];
  if (unit.spec.kind === 'collect') {
    for (let at = from; at < to; at++) for (const name of unit.expected(at)) rows.push([at, name]);
    return rows;
  }
  const job = yield* cast.job();
  const plan = job!.plan as SimPlan;
  const { folds } = job!.folding as SimFolding;
  const index = Number(unit.spec.name.slice('fold/'.length));
  for (const name of plan.collect) {
    const source = cast.truth.unit(name);
    const visible = yield* read(() => source.visible());
    for (const row of visible) if (shareOf(row, folds) === index) rows.push([0n, row]);
  }
  return rows;
}
