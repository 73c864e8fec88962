/** One simulated run: a store, worker processes, a job; and what came of it. */
import { Prng } from '../../processors/generate/prng.js';
import { Agenda } from './agenda.js';
import { ASSUMED, MEASURED, type Model, slicesOf, unitsOf } from './constants.js';
import { coordinate } from './coordinator.js';
import { SimJob, type Stage } from './job.js';
import { SimStore } from './store.js';
import { SimWorker } from './worker.js';
import type { World } from './world.js';

export interface Outcome {
  /** False: the limit of simulated events came first, and the figures are those of the run so far. */
  readonly ended: boolean;
  readonly seconds: number;
  readonly stages: readonly { readonly stage: Stage; readonly seconds: number }[];
  /** Shares of the store's cores over the whole job. */
  readonly useful: number;
  readonly small: number;
  readonly merges: number;
  /** Seconds of the store's CPU that did work which shows in the result. */
  readonly usefulCpuSeconds: number;
  readonly smallPerSecond: number;
  /** Claims that lost against a later one before any work was done. */
  readonly collisions: number;
  /** Units folded under a claim that was taken over meanwhile: the work is lost. */
  readonly voidedUnits: number;
  /** Rows of the job's unit log that a poll read: mean and most. */
  readonly rowsPerPoll: number;
  readonly rowsPerPollMax: number;
  readonly beatRows: number;
  readonly partsMax: number;
  readonly saturated: string;
  readonly units: readonly { readonly seals: number }[];
  readonly events: number;
}

const EVENTS_MAX = 12_000_000;
/** A resource that is taken for so large a share of its time holds the others up. */
const SATURATED = 0.85;

export function simulate(model: Model): Outcome {
  const agenda = new Agenda();
  const store = new SimStore(agenda, model.storeCores, {
    archive: MEASURED.archiveMergeUs,
    snapshots: MEASURED.snapshotMergeUs,
  });
  const job = new SimJob(model);
  const busy = { threadMs: 0, collectMs: 0 };
  const lost = { cpuMs: 0 };
  const world: World = { model, agenda, store, job, prng: new Prng(model.seed), busy, lost };
  const workers = Array.from({ length: model.workers }, (_, i) => {
    const { partitions } = model;
    const share = Math.floor((partitions + model.workers - 1 - i) / model.workers);
    return new SimWorker(world, share);
  });
  job.enter('created', 0);
  for (const worker of workers) worker.start();
  agenda.spawn(coordinate(workers[0]!));
  const ended = agenda.run(() => job.stage === 'done', EVENTS_MAX);
  return outcome(world, ended);
}

function outcome({ model, agenda, store, job, busy, lost }: World, ended: boolean): Outcome {
  const endMs = agenda.now;
  const starts = Object.entries(job.stageStartMs) as [Stage, number][];
  const stages = starts
    .map(([stage, start], i) => ({ stage, seconds: ((starts[i + 1]?.[1] ?? endMs) - start) / 1_000 }))
    .filter(({ stage }) => stage !== 'done');
  const stageMs = (name: Stage): number => 1_000 * (stages.find(({ stage }) => stage === name)?.seconds ?? 0);
  const usefulMs = store.cpuMs.useful - lost.cpuMs;
  const coreMs = endMs * model.storeCores;
  const collectors = Math.min(model.workers, model.partitions);
  const used = {
    'store cores': (store.cpuMs.useful + store.cpuMs.small + store.cpuMs.merge) / coreMs,
    'store network': store.networkMs / Math.max(1, stageMs('collect')),
    'store slots': store.slotMs / (endMs * ASSUMED.statementsMax),
    'collecting processes': busy.collectMs / Math.max(1, stageMs('collect') * collectors),
    'fold threads': busy.threadMs / Math.max(1, stageMs('fold') * model.workers * model.threads),
  };
  const [most] = Object.entries(used).sort(([, a], [, b]) => b - a);
  return {
    ended,
    seconds: endMs / 1_000,
    stages,
    useful: usefulMs / coreMs,
    small: store.cpuMs.small / coreMs,
    merges: store.cpuMs.merge / coreMs,
    usefulCpuSeconds: usefulMs / 1_000,
    smallPerSecond: (1_000 * store.smallStatements) / endMs,
    collisions: job.collisions,
    voidedUnits: job.voidedUnits,
    rowsPerPoll: job.polledRows / Math.max(1, job.polls),
    rowsPerPollMax: job.logRowsMax,
    beatRows: job.beatRows,
    partsMax: store.partsMax,
    saturated: most![1] >= SATURATED ? most![0] : `none (${most![0]} ${Math.round(100 * most![1])} %)`,
    units: job.units,
    events: agenda.events,
  };
}

/**
 * Seconds that one worker with one thread needs for an archived input when nothing waits for anything but its
 * predecessor: every statement of the job, one after the other.
 */
export function plainSumSeconds(model: Model): number {
  const units = unitsOf(model);
  const fold = MEASURED.surveyUs + MEASURED.foldUs + MEASURED.countersUs;
  const passes = 2 * MEASURED.funnelUs + slicesOf(model) * MEASURED.repeatedUs;
  const perEvent = fold + passes / model.storeCores + MEASURED.sealUs;
  // Plan 7, scan 2, seal 2 × 6, the coordinator's reads 6; a unit: a round of two polls, 3 to claim it, 2 to seal it.
  const smallUs = model.smallStatementUs + MEASURED.smallStatementNodeUs;
  const smalls = 27 + units * 7;
  return (model.events * perEvent + smalls * smallUs) / 1e6;
}
