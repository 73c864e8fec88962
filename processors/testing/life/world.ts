/**
 * What the state machine of a job's life is tried on: one engine, an input whose runs the oracle knows, and worker
 * processes from dist/ that are killed and replaced.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSpec } from '../../../schemas/job.js';
import { openRegistry } from '../../kafka/registry.js';
import type { JobView } from '../../replay/service.js';
import { JOB_TABLES } from '../../store/job-rows.js';
import type { WorkerProcess } from '../chaos/worker-process.js';
import { runOracle } from '../oracle/oracle.js';
import type { OracleSnapshot } from '../oracle/types.js';
import { compareRun, compareSnapshots, type Expectation, expectationOf } from '../oracle-run/compare.js';
import { members } from '../oracle-run/encodings.js';
import { outgoing, registerVersions, sendOutgoing } from '../oracle-run/outgoing.js';
import { readSnapshots } from '../oracle-run/read-run.js';
import { type JobChoice, oracleJob, specOf, TENANT } from '../oracle-run/rig.js';
import { openTestRewind, type TestRewind } from '../test-rewind.js';

const EVENTS = 2_000;
const ENTITIES = 200;
const UNIT_EVENTS = 300;
const WORKERS = 2;
/** As with any other: a process that is gone is known to be gone at once. */
const LEASE_MS = 2_000;
/** What a killed worker's statement writes after the job's rows were removed goes soon. */
const SWEEP_SECONDS = 1;

const CHOICE: JobChoice = { encoding: members, ordering: 'event_time', snapshots: 'all' };

export class LifeWorld {
  readonly #rewind: TestRewind;
  readonly #workers: WorkerProcess[] = [];
  readonly #expected: Expectation;
  readonly #byEntity: ReadonlyMap<string, readonly OracleSnapshot[]>;
  readonly spec: JobSpec;

  private constructor(rewind: TestRewind, expected: Expectation, spec: JobSpec) {
    this.#rewind = rewind;
    this.#expected = expected;
    this.#byEntity = byEntity(expected.result.snapshots);
    this.spec = spec;
    for (let i = 0; i < WORKERS; i++) this.#workers.push(rewind.startWorker());
  }

  static async start(): Promise<LifeWorld> {
    const flags = {
      'replay.unitEvents': UNIT_EVENTS,
      'replay.leaseMs': LEASE_MS,
      'replay.sweepSeconds': SWEEP_SECONDS,
    };
    const rewind = await openTestRewind({
      flags,
      prepare: (config) => registerVersions(openRegistry(config), config.kafka.eventsTopic),
    });
    try {
      const sent = await sendOutgoing(
        rewind.rewind.appender,
        outgoing({ seed: 41, events: EVENTS, entities: ENTITIES }, rewind.prepared),
      );
      const expected = expectationOf(runOracle(sent, oracleJob(CHOICE)));
      return new LifeWorld(rewind, expected, await specOf(rewind, CHOICE));
    } catch (error) {
      await rewind.close();
      throw error;
    }
  }

  get life() {
    return this.#rewind.rewind.life;
  }

  get tenant(): string {
    return TENANT;
  }

  create(): Promise<JobView> {
    return this.#rewind.rewind.replay.create(TENANT, this.spec, 'test');
  }

  get(jobId: string): Promise<JobView> {
    return this.#rewind.rewind.replay.get(TENANT, jobId);
  }

  until(jobId: string, holds: (job: JobView) => boolean): Promise<JobView> {
    return this.#rewind.until(TENANT, jobId, holds);
  }

  /** kill -9 of a worker, with whatever it has under way; another begins. */
  async kill(which: number): Promise<void> {
    const at = which % this.#workers.length;
    const killed = this.#workers[at]!;
    this.#workers[at] = this.#rewind.startWorker();
    await killed.kill();
  }

  /** Throws unless the run is the oracle's, row for row. */
  async checkWhole(job: JobView): Promise<void> {
    await compareRun(this.#rewind.store, job, this.#expected);
  }

  /** Throws unless what shows is of the oracle's rows, each entity with all of its own; gives their number. */
  async checkPart(jobId: string): Promise<number> {
    const rows = await readSnapshots(this.#rewind.store, jobId);
    const wanted = [...byEntity(rows).keys()].flatMap((entity) => this.#byEntity.get(entity) ?? []);
    compareSnapshots(wanted.sort(byPlaceInRun(this.#expected.result.snapshots)), rows);
    return rows.length;
  }

  /** Throws where anything of the job still shows. */
  async checkNothingShows(jobId: string): Promise<void> {
    for (const view of ['v1_snapshots', 'v1_timeline', 'v1_field_changes', 'v1_dead_letters']) {
      const shown = await this.#rewind.rowsOf(jobId, view);
      if (shown > 0) throw new Error(`${view} shows ${shown} rows of ${jobId}, whose rows are gone`);
    }
  }

  /** Resolves once no table holds a row of the job. */
  async untilGone(jobId: string): Promise<void> {
    for (const table of JOB_TABLES) {
      if (table === 'run_differences') continue;
      while ((await this.#rewind.rowsOf(jobId, table)) > 0) await sleep(50);
    }
  }

  /** Resolves once nothing is left to do for an ended job. */
  async untilSettled(jobId: string): Promise<JobView> {
    const { store } = this.#rewind;
    const sql = `SELECT toString(count()) AS count FROM ${store.t('job_events')}
       WHERE job_id = {job:String} AND kind = 'settled'`;
    while ((await store.query<{ count: string }>(sql, { job: jobId }))[0]!.count === '0') await sleep(50);
    return this.get(jobId);
  }

  /** The status that analysts see. */
  async shownStatus(jobId: string): Promise<string> {
    const { store } = this.#rewind;
    const sql = `SELECT status FROM ${store.t('v1_runs')} WHERE job_id = {job:String}`;
    return (await store.query<{ status: string }>(sql, { job: jobId }))[0]!.status;
  }

  /** The last words of the workers, for messages. */
  get words(): string {
    return this.#workers.map(({ pid, output }) => `${pid}: ${output}`).join('\n');
  }

  stop(): Promise<void> {
    return this.#rewind.close();
  }
}

function byEntity(rows: readonly OracleSnapshot[]): Map<string, OracleSnapshot[]> {
  const found = new Map<string, OracleSnapshot[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.entityType, row.entityId]);
    const known = found.get(key);
    if (known === undefined) found.set(key, [row]);
    else known.push(row);
  }
  return found;
}

function byPlaceInRun(all: readonly OracleSnapshot[]): (a: OracleSnapshot, b: OracleSnapshot) => number {
  const places = new Map(all.map((row, place) => [row, place]));
  return (a, b) => places.get(a)! - places.get(b)!;
}
