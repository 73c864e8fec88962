/** The units of a job one by one: who holds or did them, how often they were begun, how long they took, what they gave. */
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import { END_UNIT, OUTPUT_PREFIX } from '../sinks/emitting.js';
import type { StoredJob } from '../store/job-log.js';
import type { UnitLog } from '../store/unit-log.js';
import { COORDINATOR_UNIT } from './coordinator.js';
import { collectedByPartition } from './coverage.js';
import type { FoldingBody, MappingBody } from './pipeline.js';
import type { UnitView } from './service.js';
import type { UnitState } from './units.js';

const STAGES: readonly (readonly [prefix: string, stage: UnitView['stage']])[] = [
  ['map/', 'map'],
  ['fold/', 'fold'],
  [OUTPUT_PREFIX, 'emit'],
  [END_UNIT, 'emit'],
  ['settle/', 'settle'],
];

export async function jobUnits(unitLog: UnitLog, job: StoredJob): Promise<UnitView[]> {
  const { jobId, state } = job;
  const plan = state.plan as ReplayPlan | null;
  if (plan === null) return [];
  const spec = state.spec as FrozenSpec;
  const [units, times, collected] = await Promise.all([
    unitLog.readScope(jobId),
    unitLog.unitTimes(jobId),
    collectedByPartition(unitLog, { jobId, spec, partitions: plan.partitions }),
  ]);
  const views: UnitView[] = collected.map(({ partition, done, total }) => {
    const unit = `${partition.topic}/${partition.partition}`;
    const at = times.get(`collect/${partition.topicId}/${partition.partition}`);
    const known = units.get(`collect/${partition.topicId}/${partition.partition}`);
    return { ...viewOf('collect', unit, known, at), done, total, status: done >= total ? 'done' : 'open' };
  });
  const bodies = [state.mapping as MappingBody | null, state.folding as FoldingBody | null];
  const named = bodies.flatMap((body) => (body === null ? [] : body.units.map(({ unit }) => unit)));
  // The coordinator's claim is no work of its own.
  const known = new Set([...named, COORDINATOR_UNIT]);
  const others = [...units.keys()].filter((unit) => !unit.startsWith('collect/') && !known.has(unit));
  for (const unit of [...named, ...others.sort()])
    views.push(viewOf(stageOf(unit), unit, units.get(unit), times.get(unit)));
  return views;
}

function stageOf(unit: string): UnitView['stage'] {
  return STAGES.find(([prefix]) => unit.startsWith(prefix))?.[1] ?? 'seal';
}

function viewOf(
  stage: UnitView['stage'],
  unit: string,
  state: UnitState | undefined,
  times: { readonly startedMs: number; readonly lastMs: number } | undefined,
): UnitView {
  const { events = 0, processed = 0, snapshots = 0, failed = 0, rows = snapshots } = state?.counters ?? {};
  const done = state?.sealed === true;
  return {
    stage,
    unit,
    status: done ? 'done' : state === undefined || state.holder === null ? 'open' : 'held',
    done: done ? 1 : 0,
    total: 1,
    events: events || processed,
    rows,
    failed,
    attempts: state?.claims ?? 0,
    worker: state?.holderWorker ?? null,
    startedMs: times?.startedMs ?? null,
    lastMs: times?.lastMs ?? null,
  };
}
