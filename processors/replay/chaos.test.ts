/**
 * Kills, freezes and lost answers at the places that matter, on real processes: each run ends as an uninterrupted one.
 * All places, random kills and a bouncing broker are in the long suite, `npm run test:chaos`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendInput, type ChaosInput } from '../testing/chaos/input.js';
import { COLLECT_INTERRUPTIONS, FOLD_INTERRUPTIONS, runInterrupted } from '../testing/chaos/interrupted.js';
import type { RunPicture } from '../testing/chaos/result.js';
import { ChaosWorld } from '../testing/chaos/world.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';

const EVENTS = 8_000;

/** Those that differ most from one another; each takes the start of two processes and often a lease. */
const HERE = new Set([
  'fold.inserting kill',
  'unit.stored freeze',
  'unit.manifest lose-answer',
  'coordinator.collected kill',
  'coordinator.sealed kill',
  'collect.inserting kill',
  'collect.stored lose-answer',
  'collect.stored freeze',
  'collect.manifest kill',
]);

describe.each([
  { log: 'the embedded log', kafka: false, source: 'archive', interruptions: FOLD_INTERRUPTIONS },
  { log: 'Kafka', kafka: true, source: 'kafka', interruptions: COLLECT_INTERRUPTIONS },
] as const)('a replay of $log', ({ kafka, source, interruptions }) => {
  let cluster: TestCluster | null = null;
  let world: ChaosWorld;
  let input: ChaosInput;
  let expected: RunPicture;

  beforeAll(async () => {
    if (kafka) cluster = await useCluster();
    world = await ChaosWorld.start({ brokers: cluster?.brokers ?? [], unitEvents: 1_000, collectRows: 500 });
    input = await appendInput(world.rewind, EVENTS, 100);
    world.startWorker();
    const jobId = await world.createJob(source);
    await world.untilEnded(jobId, 120_000);
    expected = await world.picture(jobId);
    await world.killWorkers();
  });

  afterAll(async () => {
    await world?.stop();
    await cluster?.stop();
  });

  it('counts every record once when nothing happens', () => {
    expect(expected.counters).toMatchObject({
      processed: input.events - input.poison,
      duplicates: input.duplicates,
      conflicts: input.conflicts,
      failed: input.poison + input.undecodable,
      scanned: input.records,
      entities: 100,
    });
    expect(expected.status).toBe('Complete');
  });

  it.each(interruptions.filter(({ failpoint, action }) => HERE.has(`${failpoint} ${action}`)))(
    '$action at $failpoint, pass $hit',
    async (interruption) => {
      expect(await runInterrupted(world, expected, interruption)).toEqual([]);
    },
  );
});
