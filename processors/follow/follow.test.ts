/**
 * Follow against the plain oracle: a set that is folded on in steps, while events arrive in any order, again and with ids
 * of others, is at every moment what one fold over all that has arrived gives.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { members, operations } from '../testing/oracle-run/encodings.js';
import { type OutgoingRecord, outgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, runJob } from '../testing/oracle-run/rig.js';
import { catchUp, type Following, lastTexts, openFollower, setOf, setTexts } from './follow.fixture.js';

const EVENTS = 1_500;
/** Behind the last random event. */
const FOREVER_NS = RANDOM_JOB_END_NS + 10n ** 17n;
const CHOICES: readonly JobChoice[] = [
  { encoding: members, ordering: 'event_time', snapshots: 'changed' },
  { encoding: operations, ordering: 'event_time', snapshots: 'all' },
];

async function withLog(
  seed: number,
  use: (rig: Rig, append: (upTo: number) => Promise<readonly SentRecord[]>) => Promise<void>,
): Promise<void> {
  const rig = await openRig('audit-events', {}, 1);
  try {
    const records = [...outgoing({ seed, events: EVENTS, entities: 200 }, rig.schemaIds)];
    let at = 0;
    await use(rig, async (upTo) => {
      const more = records.slice(at, upTo);
      at = Math.max(at, upTo);
      await rig.rewind.appender.append(more.map(appended));
      return records.slice(0, at).map(sent);
    });
  } finally {
    await rig.stop();
  }
}

const appended = ({ key, value, recordTimeMs }: OutgoingRecord) => ({
  key,
  value: value ?? Buffer.alloc(0),
  timestampMs: recordTimeMs,
});

const sent = ({ recordTimeMs, event }: OutgoingRecord, i: number): SentRecord => ({
  topicId: 'embedded',
  partition: 0,
  offset: BigInt(i),
  recordTimeMs,
  event,
});

/** How much of the log the run has, where its range ends, and how much comes before each look at the set. */
const histories = fc.record({
  log: fc.double({ min: 0, max: 0.5, noNaN: true }),
  end: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
  looks: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 2 }),
  maxStepEvents: fc.integer({ min: 150, max: 1_000 }),
  compactSteps: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 1, max: 1_000 }),
});

test.each(CHOICES.map((choice) => [`${choice.encoding.name}, ${choice.snapshots}`, choice] as const))(
  '%s',
  async (_name, choice) => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ log, end, looks, maxStepEvents, compactSteps, seed }) => {
        await withLog(seed, async (rig, append) => {
          const length = RANDOM_JOB_END_NS - RANDOM_JOB_START_NS;
          const endNs = RANDOM_JOB_START_NS + (length * BigInt(Math.floor(end * 1e9))) / 1_000_000_000n;
          await append(Math.floor(log * EVENTS) + 1);
          const run = await runJob(rig, choice, {
            time_range_start: formatRfc3339Ns(RANDOM_JOB_START_NS),
            time_range_end: formatRfc3339Ns(endNs),
          });
          const set = await setOf(rig, run.jobId, 'set-one');
          let following: Following = await openFollower(rig, set, { maxStepEvents, compactSteps });
          for (const look of [...looks.sort((a, b) => a - b), 1]) {
            const records = await append(Math.floor((log + look * (1 - log)) * EVENTS));
            await catchUp(following);
            const job = { ...oracleJob(choice), snapshots: 'all' as const, endNs: FOREVER_NS };
            expect(await setTexts(rig, set)).toEqual(lastTexts(runOracle(records, job).snapshots));
            // Whoever comes after knows only what the store says.
            following.close();
            following = await openFollower(rig, set, { maxStepEvents, compactSteps });
          }
          following.close();
        });
      }),
      { numRuns: 1, seed: 11, endOnFailure: true },
    );
  },
  300_000,
);
