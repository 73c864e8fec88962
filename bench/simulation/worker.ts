/**
 * A worker process: the loop of processors/replay/host.ts, its threads with units (processors/replay/unit-runner.ts) and
 * its beats. Collecting is collector.ts, coordinating coordinator.ts.
 */
import { type Actor, SimWake, type Wait } from './agenda.js';
import { collect } from './collector.js';
import { CONFIGURED, MEASURED } from './constants.js';
import { hostSlowdown, jobLogUs, type Seen, type SimUnit, type Stage } from './job.js';
import type { World } from './world.js';

export class SimWorker {
  readonly world: World;
  readonly wake: SimWake;
  /** Its share of the partitions, as a number of records. */
  readonly partitions: number;
  readonly #held = new Set<SimUnit>();
  readonly #running = new Set<SimUnit>();
  #collecting = false;
  #idleMs: number = CONFIGURED.pollMs;
  #lastLook = Number.NEGATIVE_INFINITY;
  /** How far this process has read the log, where it reads only what is new. */
  #readRows = 0;

  constructor(world: World, partitions: number) {
    this.world = world;
    this.partitions = partitions;
    this.wake = new SimWake(world.agenda);
  }

  start(): void {
    const { agenda, prng } = this.world;
    // Processes do not start in the same millisecond, nor do their timers.
    agenda.after(prng.float() * CONFIGURED.pollMs, () => agenda.spawn(this.#loop()));
    agenda.after((prng.float() * CONFIGURED.leaseMs) / 3, () => this.#beat());
  }

  *#loop(): Actor {
    const { agenda, store, job, model } = this.world;
    for (;;) {
      const { count } = this.wake;
      const known: { stage: Stage } = { stage: job.stage };
      const bytes = job.jobLogBytes(model);
      yield store.small(jobLogUs(model, bytes), () => {
        known.stage = job.stage;
      });
      if (job.stage === 'done') return;
      let seen: Seen = job.seen(agenda.now);
      yield* this.readLog((now) => {
        seen = now;
      });
      if (known.stage === 'collect' && model.cold && !this.#collecting) {
        this.#collecting = true;
        agenda.spawn(collect(this.world, this.partitions), () => this.wake.wake());
      }
      const found = known.stage === 'fold' ? this.#startUnits(seen) : false;
      this.#idleMs = found ? CONFIGURED.pollMs : Math.min(model.idlePollMaxMs, this.#idleMs * 2);
      yield this.wake.wait(count, Math.max(CONFIGURED.pollMs, this.#idleMs));
    }
  }

  /** Reads the job's scope of the unit log, and folds it in this process. */
  *readLog(onStart: (seen: Seen) => void): Actor {
    const { agenda, store, job, model } = this.world;
    const rows = model.readsWholeLog ? job.rows : job.rows - this.#readRows;
    this.#readRows = job.rows;
    job.polls++;
    job.polledRows += rows;
    job.logRowsMax = Math.max(job.logRowsMax, rows);
    yield store.small(model.smallStatementUs + rows * model.unitLogRowUs, () =>
      onStart(job.seen(agenda.now)),
    );
    yield agenda.sleep((rows * MEASURED.unitLogRowNodeUs) / 1_000);
  }

  #startUnits(seen: Seen): boolean {
    const { job, agenda, prng, model } = this.world;
    if (this.#running.size >= model.threads) return true;
    // Take-overs become possible rarely: looking through all units each time would only cost time here.
    const looks = agenda.now - this.#lastLook >= CONFIGURED.leaseMs / 3;
    if (!job.someUnclaimed(seen) && !looks) return false;
    this.#lastLook = agenda.now;
    const units = model.takesNextFree ? job.units : prng.shuffle([...job.units]);
    const start = prng.int(0, units.length - 1);
    let found = false;
    for (let i = 0; i < units.length && this.#running.size < model.threads; i++) {
      const unit = units[(start + i) % units.length]!;
      if (this.#running.has(unit) || !job.mayClaim(unit, seen)) continue;
      this.#running.add(unit);
      found = true;
      agenda.spawn(this.#runUnit(unit), () => {
        this.#running.delete(unit);
        this.wake.wake();
      });
    }
    return found;
  }

  *#runUnit(unit: SimUnit): Actor {
    const { agenda, store, job, model, busy, lost } = this.world;
    const small = (onStart?: () => void): Wait => store.small(model.smallStatementUs, onStart);
    let seen: Seen = job.seen(agenda.now);
    let holder = 0;
    yield small(() => {
      seen = job.seen(agenda.now);
      holder = unit.holder;
    });
    if (!job.mayClaim(unit, seen)) return;
    // The rows of an insert show when it has ended.
    yield small();
    const claim = job.claim(unit, agenda.now, model.lastClaimHolds ? null : holder);
    let holds = false;
    yield small(() => {
      holds = unit.holder === claim;
    });
    if (!holds) {
      job.collisions++;
      return;
    }
    this.#held.add(unit);
    const since = agenda.now;
    const spentUs = yield* this.#fold(unit.events);
    yield small();
    const counted = job.manifest(unit, claim);
    if (!counted) {
      job.voidedUnits++;
      lost.cpuMs += spentUs / 1_000;
    }
    this.#held.delete(unit);
    busy.threadMs += agenda.now - since;
    yield small();
  }

  /** Folds so many events; returns the CPU time of the store that it took, in microseconds. */
  *#fold(events: number): Generator<Wait, number, void> {
    const { agenda, store, model } = this.world;
    const useful = (us: number): Wait => store.statement({ kind: 'useful', cpuUs: events * us });
    if (model.foldIn === 'statement') {
      yield useful(MEASURED.surveyUs);
      yield store.backpressure('snapshots');
      yield useful(MEASURED.foldUs);
      store.stored('snapshots', events, CONFIGURED.foldBlockRows);
      yield useful(MEASURED.countersUs);
      return events * (MEASURED.surveyUs + MEASURED.foldUs + MEASURED.countersUs);
    }
    // Reading, folding and inserting overlap: the slowest of them sets the pace.
    const nodeMs = (events * MEASURED.streamNodeUs * hostSlowdown(model, model.threads)) / 1_000;
    yield store.backpressure('snapshots');
    yield agenda.all([useful(MEASURED.streamReadUs), useful(MEASURED.streamInsertUs), agenda.sleep(nodeMs)]);
    store.stored('snapshots', events, CONFIGURED.batchRows);
    return events * (MEASURED.streamReadUs + MEASURED.streamInsertUs);
  }

  /** One insert for all units held, three times a lease, whatever became of the one before. */
  #beat(): void {
    const { agenda, store, job, model } = this.world;
    if (job.stage === 'done') return;
    const held = [...this.#held];
    if (held.length > 0) {
      store.small(model.smallStatementUs)(() => job.beat(held, model.readsWholeLog, agenda.now));
    }
    agenda.after(CONFIGURED.leaseMs / 3, () => this.#beat());
  }
}
