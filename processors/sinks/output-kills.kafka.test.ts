/**
 * The output stage on real worker processes that die, freeze and lose answers, and on a broker that goes and comes: every
 * row of the store is on the topic, and the documented rule keeps each once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, type RunRow, readRun } from '../../deploy/examples/read-run.js';
import { type LocalKafka, startLocalKafka } from '../../deploy/local/start.js';
import type { RawRecord } from '../../schemas/event.js';
import { Prng } from '../generate/prng.js';
import { openRegistry } from '../kafka/registry.js';
import { appendInput, CHAOS_TENANT } from '../testing/chaos/input.js';
import { ChaosWorld } from '../testing/chaos/world.js';
import { FAILPOINT_REACHED } from '../testing/failpoints.js';
import { LONG } from '../testing/long.js';
import { readWhole } from '../testing/read-log.js';

const JOB_MAX_MS = 180_000;
const TEST_MAX_MS = 300_000;
const OUTPUTS = { topics: ['snapshots' as const, 'diffs' as const] };

let directory: string;
let kafka: LocalKafka;
let world: ChaosWorld;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rewind-output-kills-'));
  kafka = await startLocalKafka({ dataDir: directory });
  world = await ChaosWorld.start({
    brokers: kafka.brokers,
    unitEvents: 1_000,
    collectRows: 5_000,
    outputBatchBytes: 8_192,
  });
  await appendInput(world.rewind, 8_000, 100);
  // Once into the archive: the runs below begin with the fold.
  world.startWorker();
  await world.untilEnded(await world.createJob('auto'), JOB_MAX_MS);
  await world.killWorkers();
}, 300_000);
afterAll(async () => {
  await world?.stop();
  await kafka?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Compares what the rule keeps of both topics with the rows of the store; answers how many records it left out. */
async function check(jobId: string): Promise<number> {
  const registry = openRegistry({ dataDir: world.dir, registry: REGISTRY });
  const schemaById = (id: number) => registry.schemaById(id);
  const { views } = world;
  const rows = await views.query<{ place: string; changes: number; state_after: string; diff: string }>(
    `SELECT concat(entity_type, '/', entity_id, '/', toString(fold_seq)) AS place, changes, state_after, diff
     FROM ${views.t('v1_snapshots')} WHERE job_id = {jobId:String}`,
    { jobId },
  );
  expect(rows.length).toBeGreaterThan(1_000);
  const kept = async (topic: string, field: string) => {
    const found = new Map<string, unknown>();
    const options = { brokers: [...kafka.brokers], schemaById, topic, runId: jobId };
    const total = await readRun(options, async ({ value }: RunRow) => {
      const row = (await decode(schemaById, value!)) as Record<string, unknown>;
      found.set(`${row.entity_type}/${row.entity_id}/${row.fold_seq}`, row[field]);
    });
    // Nothing was kept twice.
    expect(total).toBe(found.size);
    return found;
  };
  const prefix = world.topicPrefix;
  expect(await kept(`${prefix}.snapshots`, 'state_after')).toEqual(
    new Map(rows.map((row) => [row.place, row.state_after])),
  );
  expect(await kept(`${prefix}.diffs`, 'diff')).toEqual(
    new Map(rows.filter(({ changes }) => changes > 0).map((row) => [row.place, row.diff])),
  );
  const written = (await readWhole([...kafka.brokers], `${prefix}.snapshots`)).filter(({ headers }) =>
    isRowOf(headers, jobId),
  );
  return written.length - rows.length;
}

function isRowOf(headers: RawRecord['headers'], jobId: string): boolean {
  const text = (name: string) => headers.find(([one]) => one === name)?.[1]?.toString();
  return text('replay-run-id') === jobId && text('replay-record') === 'row';
}

const REGISTRY = {
  url: '',
  username: '',
  password: '',
  registerSchemas: true,
  timeoutMs: 10_000,
  schemaMaxBytes: 1 << 18,
};

/** The eight units of the fold, dead letters and timeline pass each place before the units of the output stage do. */
const BEFORE = 10;

describe('one interruption', () => {
  const each = [
    { failpoint: 'emit.sent', hit: 3, action: 'freeze' },
    { failpoint: 'unit.manifest', hit: BEFORE + 2, action: 'lose-answer' },
    { failpoint: 'coordinator.emitted', hit: 1, action: 'kill' },
  ];
  const others = [
    { failpoint: 'emit.sent', hit: 3, action: 'kill' },
    { failpoint: 'unit.stored', hit: BEFORE + 2, action: 'kill' },
    { failpoint: 'unit.stored', hit: BEFORE + 9, action: 'kill' },
    { failpoint: 'coordinator.sealed', hit: 1, action: 'kill' },
  ];
  it.each(LONG ? [...each, ...others] : each)(
    '$action at $failpoint, pass $hit',
    async ({ failpoint, hit, action }) => {
      const victim = world.startWorker(`${failpoint}:${hit}:${action}`);
      const jobId = await world.createJob('archive', OUTPUTS);
      const deadline = performance.now() + JOB_MAX_MS;
      if (action !== 'lose-answer') {
        while (victim.alive && !victim.frozen) {
          if (performance.now() > deadline) throw new Error(`not reached: ${victim.output}`);
          await sleep(20);
        }
        world.startWorker();
      }
      const job = await world.untilEnded(jobId, JOB_MAX_MS);
      expect(job).toMatchObject({ status: 'Complete', error: null });
      if (action === 'freeze') {
        // What it wakes up to write stands behind the end marker, under a claim that it does not name.
        victim.wake();
        await sleep(1_500);
      }
      expect(victim.output).toContain(`${FAILPOINT_REACHED} ${failpoint}`);
      const leftOut = await check(jobId);
      if (failpoint === 'emit.sent' || (failpoint === 'unit.stored' && hit === BEFORE + 2))
        expect(leftOut).toBeGreaterThan(0);
      await world.killWorkers();
    },
    TEST_MAX_MS,
  );
});

it(
  'workers killed at random, again and again',
  async () => {
    const seed = Date.now() % 1_000_000;
    const prng = new Prng(seed);
    for (let run = 0; run < 2; run++) {
      const jobId = await world.createJob('archive', OUTPUTS);
      let kills = 0;
      for (;;) {
        while (world.workers.length < 2) await world.startWorker().ready();
        await sleep(prng.int(100, 900));
        const job = await world.rewind.replay.get(CHAOS_TENANT, jobId);
        if (job.completedAt !== null) break;
        if (kills < 4) {
          await prng.pick(world.workers).kill();
          kills++;
        }
      }
      const job = await world.untilEnded(jobId, JOB_MAX_MS);
      expect({ seed, status: job.status, error: job.error }).toEqual({
        seed,
        status: 'Complete',
        error: null,
      });
      await check(jobId);
    }
    await world.killWorkers();
  },
  TEST_MAX_MS,
);

const RESTARTS = ['hard', 'clean'] as const;
it.each(LONG ? RESTARTS : RESTARTS.slice(0, 1))(
  'a broker that is restarted (%s) while rows are written',
  async (how) => {
    // It waits at the place until it is woken (one thread: each has its own count): so the broker goes away in the middle of a unit.
    const victim = world.startWorker('emit.sent:2:freeze', 1);
    const jobId = await world.createJob('archive', OUTPUTS);
    const deadline = performance.now() + JOB_MAX_MS;
    while (!victim.frozen) {
      if (performance.now() > deadline) throw new Error(`not reached: ${victim.output}`);
      await sleep(20);
    }
    await kafka.restart(how);
    victim.wake();
    const job = await world.untilEnded(jobId, JOB_MAX_MS);
    expect(job).toMatchObject({ status: 'Complete', error: null });
    await check(jobId);
    await world.killWorkers();
  },
  TEST_MAX_MS,
);
