/**
 * What the store knows of the simulated job: how far it is, its units, and how long its logs are. Rules of the unit log
 * are those of processors/replay/units.ts, as far as a run without faults needs them: the last claim holds the unit, a
 * manifest counts only under it. A unit that was taken from a worker which still works on it costs that work.
 */
import { Prng } from '../../processors/generate/prng.js';
import { ASSUMED, CONFIGURED, MEASURED, type Model, unitsOf } from './constants.js';

export type Stage = 'created' | 'collect' | 'scan' | 'fold' | 'seal' | 'done';

/** A moment of the log as a reader saw it. */
export interface Seen {
  readonly at: number;
  readonly nowMs: number;
}

export class SimUnit {
  readonly events: number;
  /** Place in the log of the first claim; unclaimed: infinite. */
  claimedAt = Number.POSITIVE_INFINITY;
  holder = 0;
  sealed = false;
  seals = 0;
  claims = 0;
  lastRowMs = 0;

  constructor(events: number) {
    this.events = events;
  }
}

export class SimJob {
  stage: Stage = 'created';
  readonly stageStartMs: Partial<Record<Stage, number>> = {};
  readonly units: SimUnit[];
  /** Records whose manifest is in the log. */
  collected = 0;
  /** Rows of the archive's unit log, of this topic. */
  archiveRows = 0;
  /** Rows of the job's own unit log, and how many rows and units of it are sealed or beats. */
  rows = 0;
  beatRows = 0;
  sealedUnits = 0;
  collisions = 0;
  voidedUnits = 0;
  /** Rows that polls of the job's scope answered, and such polls. */
  polledRows = 0;
  polls = 0;
  logRowsMax = 0;
  #nextClaim = 1;
  #claimedUnits = 0;
  #lastClaimAt = 0;

  constructor(model: Model) {
    const count = unitsOf(model);
    const prng = new Prng(model.seed, 1);
    // Equal hash ranges hold about equally many events; exactly equal units would end in step and collide for that.
    const weights = Array.from({ length: count }, () => 0.9 + 0.2 * prng.float());
    const sum = weights.reduce((a, b) => a + b, 0);
    this.units = weights.map((weight) => new SimUnit((model.events * weight) / sum));
  }

  enter(stage: Stage, nowMs: number): void {
    this.stage = stage;
    this.stageStartMs[stage] = nowMs;
  }

  /** Bytes of what the job log holds of the job: the plan, and from the fold on the input and the units. */
  jobLogBytes(model: Model): number {
    const plan = model.partitions * PARTITION_BYTES;
    if (this.stage !== 'fold' && this.stage !== 'seal') return plan;
    const ranges = Math.max(model.partitions, model.events / CONFIGURED.slotOffsets);
    return plan + ranges * RANGE_BYTES + this.units.length * UNIT_BYTES;
  }

  seen(nowMs: number): Seen {
    return { at: this.rows, nowMs };
  }

  /** Appends a claim; the last one holds the unit. `replaces`: the holder it was made against, where only such a claim counts. */
  claim(unit: SimUnit, nowMs: number, replaces: number | null): number {
    const claim = this.#nextClaim++;
    this.rows++;
    if (replaces !== null && unit.holder !== replaces) return claim;
    if (unit.claimedAt === Number.POSITIVE_INFINITY) {
      unit.claimedAt = this.rows;
      this.#claimedUnits++;
      this.#lastClaimAt = this.rows;
    }
    if (unit.sealed) return claim;
    unit.holder = claim;
    unit.claims++;
    unit.lastRowMs = nowMs;
    return claim;
  }

  /** Appends the final manifest; true: it counts. */
  manifest(unit: SimUnit, claim: number): boolean {
    this.rows++;
    if (unit.sealed || unit.holder !== claim) return false;
    unit.sealed = true;
    unit.seals++;
    unit.holder = 0;
    this.sealedUnits++;
    return true;
  }

  beat(held: readonly SimUnit[], wholeLog: boolean, nowMs: number): void {
    const rows = wholeLog ? held.length : 1;
    this.rows += rows;
    this.beatRows += rows;
    for (const unit of held) unit.lastRowMs = nowMs;
  }

  /** Whether a reader of that moment may claim the unit: free, or its holder silent for a lease. */
  mayClaim(unit: SimUnit, seen: Seen): boolean {
    if (unit.sealed) return false;
    if (unit.claimedAt > seen.at) return true;
    return seen.nowMs - unit.lastRowMs >= CONFIGURED.leaseMs;
  }

  /** False: a look through all units would find none (the common case, kept cheap). */
  someUnclaimed(seen: Seen): boolean {
    return this.#claimedUnits < this.units.length || this.#lastClaimAt > seen.at;
  }
}

/** Of a job log's JSON: a partition of the plan, a visible range of the input, a unit of the fold. */
const PARTITION_BYTES = 400;
const RANGE_BYTES = 69;
const UNIT_BYTES = 75;

/** CPU time of the store for a read that answers so many bytes of the job log; as for the rows of the unit log. */
export function jobLogUs(model: Model, bytes: number): number {
  return model.smallStatementUs + (bytes / MEASURED.unitLogRowBytes) * model.unitLogRowUs;
}

/** How much slower a process computes when its host has fewer cores than busy threads. */
export function hostSlowdown(model: Model, busyThreadsEach: number): number {
  const each = Math.ceil(model.workers / Math.min(ASSUMED.hosts, model.workers));
  return Math.max(1, (each * busyThreadsEach) / ASSUMED.hostCores);
}
