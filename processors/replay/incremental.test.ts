/**
 * Incremental runs against the plain oracle: a range that is split anywhere, while its events are still arriving, ends
 * with the rows of one fold over the whole range.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS } from '../generate/random-events.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { LONG } from '../testing/long.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { OracleSnapshot, SentRecord } from '../testing/oracle/types.js';
import { chainedRows, readRunRows } from '../testing/oracle-run/chain.js';
import { compareSnapshots } from '../testing/oracle-run/compare.js';
import { builtIn, derived, members, operations } from '../testing/oracle-run/encodings.js';
import { outgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, runJob, TENANT } from '../testing/oracle-run/rig.js';
import type { JobView } from './service.js';

const EVENTS = 3_000;
const CHOICES: readonly (JobChoice & { readonly foldInStore: boolean })[] = [
  { encoding: builtIn, ordering: 'event_time', snapshots: 'all', foldInStore: true },
  { encoding: members, ordering: 'event_time', snapshots: 'changed', foldInStore: true },
  { encoding: members, ordering: 'event_time', snapshots: 'all', foldInStore: false },
  { encoding: operations, ordering: 'event_time', snapshots: 'all', foldInStore: true },
  { encoding: derived, ordering: 'event_time', snapshots: 'all', foldInStore: true },
];

/** Where the range is split, and which part of the log is there when each run starts; the last run sees it all. */
const splits = fc
  .array(
    fc.record({
      time: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
      log: fc.double({ min: 0.3, max: 1, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((steps) => {
    const times = [...new Set(steps.map(({ time }) => time))].sort((a, b) => a - b);
    const logs = steps.map(({ log }) => log).sort((a, b) => a - b);
    return times.map((time, i) => ({ time, log: logs[i]! }));
  });

const nameOf = ({ encoding, snapshots, foldInStore }: (typeof CHOICES)[number]) =>
  `${encoding.name}, ${snapshots}, in the ${foldInStore ? 'store where it can be' : 'workers'}`;

async function withLog<T>(
  foldInStore: boolean,
  seed: number,
  use: (rig: Rig, append: (upTo: number) => Promise<void>, sent: readonly SentRecord[]) => Promise<T>,
): Promise<T> {
  const rig = await openRig('audit-events', { 'replay.foldInStore': foldInStore }, 1);
  try {
    const records = [...outgoing({ seed, events: EVENTS, entities: 300 }, rig.schemaIds)];
    const sent = records.map(({ recordTimeMs, event }, i) => ({
      topicId: 'embedded',
      partition: 0,
      offset: BigInt(i),
      recordTimeMs,
      event,
    }));
    let at = 0;
    const append = async (upTo: number) => {
      const more = records.slice(at, upTo);
      at = Math.max(at, upTo);
      if (more.length === 0) return;
      await rig.rewind.appender.append(
        more.map(({ key, value, recordTimeMs }) => ({
          key,
          value: value ?? Buffer.alloc(0),
          timestampMs: recordTimeMs,
        })),
      );
    };
    return await use(rig, append, sent);
  } finally {
    await rig.stop();
  }
}

/** One run for each part of the range, each from the one before; their rows, oldest first. */
async function runChain(
  rig: Rig,
  choice: JobChoice,
  parts: readonly { readonly endNs: bigint; readonly log: number }[],
  append: (upTo: number) => Promise<void>,
): Promise<{ jobs: JobView[]; rows: Awaited<ReturnType<typeof readRunRows>>[] }> {
  const jobs: JobView[] = [];
  const rows: Awaited<ReturnType<typeof readRunRows>>[] = [];
  let startNs = RANDOM_JOB_START_NS;
  for (const { endNs, log } of parts) {
    await append(log);
    const base = jobs.at(-1);
    const job = await runJob(rig, choice, {
      time_range_start: formatRfc3339Ns(startNs),
      time_range_end: formatRfc3339Ns(endNs),
      ...(base === undefined ? {} : { from_snapshot_of: base.jobId }),
    });
    jobs.push(job);
    rows.push(await readRunRows(rig.store, job.jobId));
    startNs = endNs + 1n;
  }
  return { jobs, rows };
}

describe('a range in parts', () => {
  test.each(CHOICES.map((choice) => [nameOf(choice), choice] as const))(
    '%s',
    async (_name, choice) => {
      await fc.assert(
        fc.asyncProperty(splits, fc.integer({ min: 1, max: 1_000 }), async (steps, seed) => {
          await withLog(choice.foldInStore, seed, async (rig, append, sent) => {
            const length = RANDOM_JOB_END_NS - RANDOM_JOB_START_NS;
            const parts = steps.map(({ time, log }) => ({
              endNs: RANDOM_JOB_START_NS + (length * BigInt(Math.floor(time * 1e9))) / 1_000_000_000n,
              log: Math.floor(log * EVENTS),
            }));
            parts.push({ endNs: RANDOM_JOB_END_NS, log: EVENTS });
            const { jobs, rows } = await runChain(rig, choice, parts, append);
            const expected = runOracle(sent, oracleJob(choice));
            const chained = chainedRows(rows);
            // With unchanged events left out, a run cannot know how many of them its base has folded.
            const seqless = (row: OracleSnapshot) => ({ ...row, foldSeq: 0 });
            if (choice.snapshots === 'all') compareSnapshots(expected.snapshots, chained);
            else compareSnapshots(expected.snapshots.map(seqless), chained.map(seqless));
            for (const { counters } of jobs) {
              const { scanned, processed, failed, duplicates, conflicts, skipped } = counters;
              expect(processed + failed + duplicates + conflicts + skipped).toBe(scanned);
              expect(skipped).toBeGreaterThanOrEqual(0);
            }
          });
        }),
        { numRuns: LONG ? 3 : 1, seed: 7, endOnFailure: true },
      );
    },
    600_000,
  );
});

describe('what a run can go on from', () => {
  let rig: Rig;
  let base: JobView;
  const choice: JobChoice = { encoding: builtIn, ordering: 'event_time', snapshots: 'all' };
  const endNs = RANDOM_JOB_START_NS + 86_400_000_000_000n;
  const next = {
    time_range_start: formatRfc3339Ns(endNs + 1n),
    time_range_end: formatRfc3339Ns(RANDOM_JOB_END_NS),
  };
  beforeAll(async () => {
    rig = await openRig('audit-events', {}, 1);
    const records = [...outgoing({ seed: 3, events: 500, entities: 20 }, rig.schemaIds)];
    await rig.rewind.appender.append(
      records.map(({ key, value, recordTimeMs }) => ({
        key,
        value: value ?? Buffer.alloc(0),
        timestampMs: recordTimeMs,
      })),
    );
    base = await runJob(rig, choice, { time_range_end: formatRfc3339Ns(endNs) });
  }, 120_000);
  afterAll(() => rig?.stop());

  const refused = async (changed: Parameters<typeof runJob>[2], encoding = builtIn) =>
    runJob(rig, { ...choice, encoding }, { ...next, from_snapshot_of: base.jobId, ...changed }).then(
      () => 'taken',
      (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
    );

  test('one behind whose end the range begins', async () => {
    expect(await refused({ time_range_start: formatRfc3339Ns(endNs) })).toContain('base_not_adjacent');
    expect(await refused({ time_range_start: formatRfc3339Ns(endNs) })).toContain('overlap');
    expect(await refused({ time_range_start: formatRfc3339Ns(endNs + 2n) })).toContain('leave a hole');
  });

  test('one of the same encoding, filters, order and failure handling', async () => {
    expect(await refused({}, members)).toMatch(/base_unusable: .*encoding is version 1/);
    expect(await refused({ filters: { severity: ['high'] } })).toMatch(/base_unusable: .*filters/);
    expect(await refused({ ordering: 'log' })).toMatch(/base_unusable: .*ordering/);
    expect(await refused({ on_failure: 'stop_entity' })).toMatch(/base_unusable: .*on_failure/);
    expect(await refused({ from_snapshot_of: 'run-none' })).toContain('job_not_found');
  });

  test('a finished one with states, of the same tenant', async () => {
    const dry = await rig.rewind.replay.create(
      TENANT,
      {
        job_type: 'DryRun',
        encoding_version: 1,
        rule_version: 1,
        time_range_start: formatRfc3339Ns(RANDOM_JOB_START_NS),
        time_range_end: formatRfc3339Ns(endNs),
      },
      'oracle',
    );
    expect(await refused({ from_snapshot_of: dry.jobId })).toContain('base_unusable');
  });

  test('and is then no window any more, where the base was none', async () => {
    const job = await runJob(rig, choice, { ...next, from_snapshot_of: base.jobId });
    const whole = await runJob(rig, choice);
    expect(new Set(job.result?.verdict.reasons)).toEqual(new Set(whole.result?.verdict.reasons));
  });
});
