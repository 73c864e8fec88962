/**
 * Dry runs of the real engine against the plain oracle: the report, and what a baseline shows, whichever way the store
 * or the workers fold. Encodings come in pairs that were written for it, and in pairs of chance.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import type { JobSpec } from '../../schemas/job.js';
import type { JobView } from '../replay/service.js';
import { expectedDifferences, expectedReport } from '../testing/compare-oracle.js';
import { LONG } from '../testing/long.js';
import { runOracle } from '../testing/oracle/oracle.js';
import type { SentRecord } from '../testing/oracle/types.js';
import { builtIn, members, operations } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, oracleJob, type Rig, specOf, TENANT } from '../testing/oracle-run/rig.js';
import type { BaselineReport, DryRunReport, EntityDifference } from './contract.js';

const EVENTS = 4_000;
const SEP = ' | ';

const fill = (rig: Rig): Promise<SentRecord[]> =>
  sendOutgoing(rig.rewind.appender, outgoing({ seed: 31, events: EVENTS, entities: 400 }, rig.schemaIds));

/** Rules of chance over the event types and members that the generated events have. */
const randomEncoding: fc.Arbitrary<Encoding> = fc
  .uniqueArray(
    fc.record({
      match: fc.constantFrom('content.*', 'content.updated', 'playbook.*', 'thing.*', 'ledger.*', '*'),
      track: fc.dictionary(
        fc.constantFrom('title', 'status', 'amount', 'x'),
        fc.constantFrom('/title', '/status', '/wordCount', '/amount', '/name', '/x'),
        { maxKeys: 3 },
      ),
      increments: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4, selector: ({ match }) => match },
  )
  .map((rules) => ({
    name: 'of chance',
    entity: 'envelope' as const,
    rules: rules.map(({ match, track, increments }) => ({
      match,
      track: { ...track },
      ...(increments ? { operations: [{ op: 'increment' as const, field: 'events', by: 1 }] } : {}),
    })),
  }));

describe.each([
  { fold: 'in the store', flags: { 'replay.foldInStore': true } },
  { fold: 'in workers', flags: { 'replay.foldInStore': false } },
])('folded $fold', ({ flags }) => {
  let rig: Rig;
  let sent: SentRecord[];
  beforeAll(async () => {
    rig = await openRig('audit-events', { ...flags, 'replay.unitEvents': 1000 }, 2);
    sent = await fill(rig);
  }, 120_000);
  afterAll(() => rig?.stop());

  async function dryRun(choice: JobChoice, change: Partial<JobSpec> = {}): Promise<JobView> {
    const { replay } = rig.rewind;
    const spec: JobSpec = { ...(await specOf(rig, choice)), job_type: 'DryRun', ...change };
    const { jobId } = await replay.create(TENANT, spec, 'test');
    for (;;) {
      const job = await replay.get(TENANT, jobId);
      if (job.status === 'Complete') return job;
      if (job.status === 'Failed') throw new Error(JSON.stringify(job.error));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const versionOf = async (encoding: Encoding): Promise<number> =>
    encoding === builtIn ? 1 : (await rig.rewind.encodings.save(TENANT, encoding, 'test')).version;

  test.each<JobChoice>([
    { encoding: builtIn, ordering: 'event_time', snapshots: 'all' },
    { encoding: members, ordering: 'log', snapshots: 'final' },
    { encoding: operations, ordering: 'event_time', snapshots: 'changed' },
  ])(
    'the report of $encoding.name is what the oracle counts',
    async (choice) => {
      const { snapshots, letters } = runOracle(sent, oracleJob({ ...choice, snapshots: 'all' }));
      const job = await dryRun(choice);
      const report = await rig.rewind.compare.reports.report(TENANT, job.jobId);
      const expected = expectedReport(snapshots);
      expect(eventLines(report)).toEqual(expected.events);
      expect(entityLines(report)).toEqual(expected.entities);
      expect(fieldLines(report)).toEqual(expected.fields);
      const failed = report.failures.reduce((sum, { count }) => sum + count, 0);
      expect(failed).toBe(letters.length);
      expect(report.counters).toMatchObject(
        (({ snapshots: rows, processed, changed }) => ({ snapshots: rows, processed, changed }))(
          runOracle(sent, oracleJob(choice)).counters,
        ),
      );
      for (const field of report.fields) {
        expect(field.samples.length).toBe(Math.min(5, field.changes));
        for (const sample of field.samples) {
          const row = snapshots.find(
            (one) =>
              one.entityType === field.entityType &&
              one.entityId === sample.entityId &&
              String(one.foldSeq) === sample.foldSeq,
          )!;
          expect(row.eventId).toBe(sample.eventId);
          expect(row.diff).toContain(`{"field":${JSON.stringify(field.field)}`);
          if (!sample.cut && sample.afterJson !== null) expect(row.stateAfter).toContain(sample.afterJson);
        }
      }
      expect(report).toMatchObject({ cut: false, baseline: null, status: 'Complete' });
      await nothingIsLeft(job.jobId);
    },
    120_000,
  );

  /** No rows but those of the report. */
  async function nothingIsLeft(jobId: string): Promise<void> {
    for (const table of ['snapshots', 'snapshot_timeline', 'fold_scratch']) {
      const rows = await rig.store.query(
        `SELECT 1 FROM ${rig.store.t(table)} WHERE job_id = {jobId:String} LIMIT 1`,
        { jobId },
      );
      expect([table, rows]).toEqual([table, []]);
    }
  }

  async function checkBaseline(a: Encoding, b: Encoding, ordering: JobChoice['ordering']): Promise<void> {
    const choice = { encoding: b, ordering, snapshots: 'all' } as const;
    const job = await dryRun(choice, { baseline: { encoding_version: await versionOf(a) } });
    const report = await rig.rewind.compare.reports.report(TENANT, job.jobId);
    const [before, after] = [a, b].map((encoding) => runOracle(sent, oracleJob({ ...choice, encoding })));
    const expected = expectedDifferences(before!.snapshots, after!.snapshots, ordering);
    expect(report.baseline).toMatchObject({ processed: before!.counters.processed });
    const found = await allDifferences(job.jobId);
    expect(found.map(differenceLine).sort()).toEqual(
      expected.differing
        .map(({ entity, presence, finalDiffers, differences, events, first }) =>
          [entity, presence, finalDiffers, ...differences, events, first].join(SEP),
        )
        .sort(),
    );
    const bySignature = new Map<string, number>();
    for (const { entity, presence, finalDiffers, changes } of expected.differing) {
      const key = [entity.slice(0, entity.indexOf('/')), presence, finalDiffers, ...changes].join(SEP);
      bySignature.set(key, (bySignature.get(key) ?? 0) + 1);
    }
    expect(signatureLines(report.baseline!)).toEqual(
      [...bySignature].map(([key, count]) => `${key}${SEP}${count}`).sort(),
    );
    const { totals } = report.baseline!;
    const { entities, ...parts } = totals;
    expect(entities).toBe(expected.entities);
    expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(entities);
    expect(entities - totals.unchanged).toBe(expected.differing.length);
    await nothingIsLeft(job.jobId);
  }

  async function allDifferences(jobId: string): Promise<EntityDifference[]> {
    const items: EntityDifference[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await rig.rewind.compare.reports.differences(TENANT, jobId, {
        limit: 70,
        ...(cursor === undefined ? {} : { cursor }),
      });
      items.push(...page.items);
      if (page.next === null) return items;
      cursor = page.next;
    }
  }

  test.each([
    { name: 'itself', a: members, b: members, ordering: 'event_time' },
    { name: 'other members', a: builtIn, b: members, ordering: 'event_time' },
    { name: 'operations', a: operations, b: members, ordering: 'log' },
    { name: 'operations of old', a: builtIn, b: operations, ordering: 'event_time' },
  ] as const)(
    'a baseline shows what differs from $name',
    ({ a, b, ordering }) => checkBaseline(a, b, ordering),
    120_000,
  );

  test('a baseline shows what differs, whatever the encodings', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomEncoding,
        randomEncoding,
        fc.constantFrom('event_time' as const, 'log' as const),
        checkBaseline,
      ),
      { numRuns: LONG ? 4 : 1 },
    );
  }, 300_000);
});

const eventLines = ({ events }: DryRunReport): string[] =>
  events
    .map((one) => [one.eventType, one.entityType, one.events, one.changed, one.entities].join(SEP))
    .sort();
const entityLines = ({ entities }: DryRunReport): string[] =>
  entities.map((one) => [one.entityType, one.events, one.changed, one.entities].join(SEP)).sort();
const fieldLines = ({ fields }: DryRunReport): string[] =>
  fields
    .map((one) =>
      [one.entityType, one.field, one.operation, one.changes, one.changes, one.entities].join(SEP),
    )
    .sort();

function differenceLine(one: EntityDifference): string {
  const differences = one.differences.map(
    ({ field, beforeJson, afterJson }) => `${field} ${beforeJson ?? '-'} ${afterJson ?? '-'}`,
  );
  return [
    `${one.entityType}/${one.entityId}`,
    one.presence,
    one.finalDiffers,
    ...differences,
    one.events ?? 0,
    one.first?.eventId ?? '',
  ].join(SEP);
}

const signatureLines = ({ signatures }: BaselineReport): string[] =>
  signatures
    .map(({ entityType, presence, finalDiffers, changes, entities }) =>
      [
        entityType,
        presence,
        finalDiffers,
        ...changes.map(({ field, operation }) => `${field ?? ''} ${operation}`),
        entities,
      ].join(SEP),
    )
    .sort();
