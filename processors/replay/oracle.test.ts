/**
 * The embedded pipeline against the plain oracle, row for row. `ORACLE_EVENTS` sets the number of events of every
 * configuration (`npm run test:oracle`).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { compareRun, expectationOf } from '../testing/oracle-run/compare.js';
import { compareAnswers } from '../testing/oracle-run/compare-answers.js';
import { builtIn, derived, members, operations } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { mergeAll, stopMerges } from '../testing/oracle-run/read-run.js';
import { type JobChoice, openRig, oracleJob, type Rig, runJob } from '../testing/oracle-run/rig.js';

const GIVEN = Number(process.env.ORACLE_EVENTS ?? 0);

interface Sized {
  readonly events: number;
  readonly workers: number;
  readonly seed: number;
  /** Entities of each kind: with many, most have no copies among their events and are folded inside the store. */
  readonly entities?: number;
  readonly jobs: readonly JobChoice[];
}

const CONFIGURATIONS: readonly Sized[] = [
  {
    events: GIVEN || 20_000,
    workers: 2,
    seed: 14,
    entities: 3_000,
    jobs: [
      { encoding: builtIn, ordering: 'event_time', snapshots: 'all' },
      { encoding: builtIn, ordering: 'log', snapshots: 'final' },
      { encoding: members, ordering: 'event_time', snapshots: 'changed' },
      { encoding: members, ordering: 'log', snapshots: 'all' },
      { encoding: members, ordering: 'event_time', snapshots: 'final', onFailure: 'stop_entity' },
    ],
  },
  {
    events: GIVEN || 30_000,
    workers: 2,
    seed: 11,
    jobs: [
      { encoding: builtIn, ordering: 'event_time', snapshots: 'all' },
      { encoding: operations, ordering: 'log', snapshots: 'all' },
    ],
  },
  {
    events: GIVEN || 10_000,
    workers: 1,
    seed: 12,
    jobs: [
      { encoding: operations, ordering: 'event_time', snapshots: 'changed', onFailure: 'stop_entity' },
      { encoding: operations, ordering: 'log', snapshots: 'final' },
      { encoding: derived, ordering: 'event_time', snapshots: 'all' },
    ],
  },
  {
    events: GIVEN || 10_000,
    workers: 4,
    seed: 13,
    jobs: [
      { encoding: derived, ordering: 'log', snapshots: 'changed', onFailure: 'stop_entity' },
      { encoding: derived, ordering: 'event_time', snapshots: 'final' },
      {
        encoding: operations,
        ordering: 'event_time',
        snapshots: 'all',
        filters: { event_type: ['content.*', 'ledger.booked'], severity: ['high', 'low'] },
      },
      {
        encoding: derived,
        ordering: 'event_time',
        snapshots: 'all',
        filters: { entity_type: ['entry', 'document'] },
      },
    ],
  },
];

function append(rig: Rig, { events, seed, entities }: Sized): Promise<SentRecord[]> {
  const options = { seed, events, ...(entities === undefined ? {} : { entities }) };
  return sendOutgoing(rig.rewind.appender, outgoing(options, rig.schemaIds));
}

const nameOf = ({ encoding, ordering, snapshots, onFailure, filters }: JobChoice) =>
  `${encoding.name}, ${ordering}, ${snapshots}${onFailure ? `, ${onFailure}` : ''}${filters ? ', filtered' : ''}`;

describe.each(CONFIGURATIONS)('embedded: $events events, $workers worker threads', (sized) => {
  const { workers, jobs, entities } = sized;
  let rig: Rig;
  let sent: SentRecord[];
  beforeAll(async () => {
    rig = await openRig('audit-events', {}, workers);
    sent = await append(rig, sized);
  }, 600_000);
  afterAll(() => rig?.stop());

  test.each(jobs.map((choice) => [nameOf(choice), choice] as const))(
    '%s',
    async (_name, choice) => {
      const expected = expectationOf(runOracle(sent, oracleJob(choice)), choice.filters !== undefined);
      await stopMerges(rig.store);
      const job = await runJob(rig, choice);
      await compareRun(rig.store, job, expected);
      await compareAnswers(rig.rewind.replay, job.jobId, expected.result.snapshots);
      await mergeAll(rig.store);
      await compareRun(rig.store, job, expected);
      expect(job.status).toBe('Complete');
      if (entities !== undefined)
        expect(job.result?.foldedInStore).toBeGreaterThan((job.counters?.processed ?? 0) / 3);
    },
    600_000,
  );
});
