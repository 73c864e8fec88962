/**
 * Verifications of runs of the real engine: what was stored as it was folded is verified, whichever way it was folded, and
 * rows that were altered behind the pipeline's back are found, each with the place and the field.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSpec } from '../../schemas/job.js';
import type { JobView } from '../replay/service.js';
import { builtIn, derived, members, operations } from '../testing/oracle-run/encodings.js';
import { outgoing, sendOutgoing } from '../testing/oracle-run/outgoing.js';
import { type JobChoice, openRig, type Rig, runJob, TENANT } from '../testing/oracle-run/rig.js';
import { JANUARY } from '../testing/test-rewind.js';
import type { VerificationView } from './contract.js';

const BUILT_IN: JobChoice = { encoding: builtIn, ordering: 'event_time', snapshots: 'all' };
/** Within the range of the generated events. */
const SPLIT = '2024-01-05T00:00:00Z';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig('audit-events', { 'replay.unitEvents': 1000 }, 2);
  await sendOutgoing(
    rig.rewind.appender,
    outgoing({ seed: 53, events: 2_500, entities: 200 }, rig.schemaIds),
  );
}, 120_000);
afterAll(() => rig?.stop());

async function verified({ jobId }: JobView): Promise<VerificationView> {
  const { verifications } = rig.rewind.compare;
  const { verificationId } = await verifications.start(TENANT, jobId, 'tester');
  for (;;) {
    const view = await verifications.get(TENANT, jobId, verificationId);
    if (view.status === 'Complete') return view;
    if (view.status === 'Failed') throw new Error(JSON.stringify(view.error));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const named = ({ jobId, verificationId }: VerificationView) =>
  rig.rewind.compare.verifications.entities(TENANT, jobId, verificationId, { limit: 1000 });

/** No rows but those that say what was found. */
async function nothingIsLeft({ verificationId }: VerificationView): Promise<void> {
  const { store } = rig;
  const tables = ['snapshots', 'snapshot_timeline', 'fold_scratch', 'dead_letters', 'decisions'];
  for (const [table, column] of [...tables.map((name) => [name, 'job_id']), ['entity_states', 'scope']]) {
    const sql = `SELECT 1 FROM ${store.t(table!)} WHERE ${column} = {job:String} LIMIT 1`;
    expect([table, await store.query(sql, { job: verificationId })]).toEqual([table, []]);
  }
  const { items } = await rig.rewind.replay.list(TENANT, { limit: 1000 });
  expect(items.map(({ jobId }) => jobId)).not.toContain(verificationId);
}

function expectVerified(view: VerificationView, run: JobView): void {
  expect(view).toMatchObject({ outcome: 'verified', differing: 0, error: null, createdBy: 'tester' });
  expect(view.again).toMatchObject({ rows: view.run.rows, digest: view.run.digest });
  expect(view.run.rows).toBe(String(run.result!.counters.snapshots));
  expect(view.run.digest).not.toBe('0'.repeat(32));
  expect(view.again.units).not.toBe(view.run.units);
}

test.each<JobChoice>([
  BUILT_IN,
  { encoding: members, ordering: 'log', snapshots: 'final' },
  { encoding: operations, ordering: 'event_time', snapshots: 'changed' },
  { encoding: derived, ordering: 'event_time', snapshots: 'all' },
])(
  'a run by $encoding.name is what folding again gives',
  async (choice) => {
    const run = await runJob(rig, choice);
    const view = await verified(run);
    expectVerified(view, run);
    expect((await named(view)).items).toEqual([]);
    // What the store folded, the workers fold again; what needs workers stays theirs.
    expect(view.run.foldedInStore > 0).toBe(choice.encoding === builtIn || choice.encoding === members);
    expect(view.again.foldedInStore).toBe(0);
    await nothingIsLeft(view);
  },
  60_000,
);

async function incremental(): Promise<{ base: JobView; run: JobView }> {
  const base = await runJob(rig, BUILT_IN, { time_range_end: SPLIT });
  const rest: Partial<JobSpec> = { time_range_start: '2024-01-05T00:00:00.000000001Z' };
  return { base, run: await runJob(rig, BUILT_IN, { ...rest, from_snapshot_of: base.jobId }) };
}

test('a run that went on from another one is folded from there again, while that is there', async () => {
  const { base, run } = await incremental();
  const view = await verified(run);
  expectVerified(view, run);
  await nothingIsLeft(view);
  await rig.rewind.life.remove(TENANT, base.jobId, 'tester');
  const { verifications } = rig.rewind.compare;
  await expect(verifications.start(TENANT, run.jobId, 'tester')).rejects.toMatchObject({
    code: 'base_unusable',
  });
}, 120_000);

interface Victim {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly field: string;
  readonly value: string;
}

/** Entities of the run with a third row whose first field has a value. */
function victims(jobId: string, count: number): Promise<Victim[]> {
  const { store } = rig;
  return store.query<Victim>(
    `SELECT entity_type, entity_id, JSONExtractString(splitByChar('\\n', toString(shape))[1]) AS field,
       splitByChar('\\n', state)[1] AS value
     FROM ${store.t('snapshots')} WHERE job_id = {jobId:String} AND fold_seq = 2 AND splitByChar('\\n', state)[1] NOT IN ('', 'null')
     ORDER BY entity_id LIMIT {count:UInt8}`,
    { jobId, count },
  );
}

async function spoil(jobId: string, { entity_type, entity_id }: Victim, change: string): Promise<void> {
  const { store } = rig;
  await store.command(
    `ALTER TABLE ${store.t('snapshots')} ${change} WHERE job_id = {jobId:String}
       AND entity_type = {type:String} AND entity_id = {id:String} AND fold_seq = 2`,
    { jobId, type: entity_type, id: entity_id },
    { settings: { mutations_sync: 2 } },
  );
}

test('rows that were altered, lost or given another event are found, and go with the run', async () => {
  const run = await runJob(rig, BUILT_IN);
  const [altered, lost, moved] = await victims(run.jobId, 3);
  const first = `arrayStringConcat(arrayConcat(['"spoiled"'], arraySlice(splitByChar('\\n', state), 2)), '\\n')`;
  await spoil(run.jobId, altered!, `UPDATE state = ${first}`);
  await spoil(run.jobId, lost!, 'DELETE');
  await spoil(run.jobId, moved!, `UPDATE event_type = 'spoiled'`);
  const view = await verified(run);
  expect(view).toMatchObject({ outcome: 'differs', differing: 3 });
  expect(view.run.digest).not.toBe(view.again.digest);
  expect(BigInt(view.again.rows) - BigInt(view.run.rows)).toBe(1n);
  const { items } = await named(view);
  const found = new Map(items.map((one) => [`${one.entityType}/${one.entityId}`, one]));
  const of = ({ entity_type, entity_id }: Victim) => found.get(`${entity_type}/${entity_id}`);
  expect(found.size).toBe(3);
  expect(of(altered!)).toMatchObject({
    foldSeq: '2',
    here: 1,
    hereAgain: 1,
    columns: [],
    differences: [
      { field: altered!.field, operation: 'modified', beforeJson: '"spoiled"', afterJson: altered!.value },
    ],
  });
  expect(of(lost!)).toMatchObject({ foldSeq: '2', here: 0, hereAgain: 1 });
  expect(of(moved!)).toMatchObject({ foldSeq: '2', columns: ['event_type'], differences: [] });
  await nothingIsLeft(view);

  const { verifications } = rig.rewind.compare;
  expect(await verifications.list(TENANT, run.jobId)).toEqual([view]);
  await rig.rewind.life.remove(TENANT, run.jobId, 'tester');
  await expect(verifications.get(TENANT, run.jobId, view.verificationId)).rejects.toMatchObject({
    code: 'rows_dropped',
  });
}, 120_000);

test('what keeps no snapshots, or is of others, is refused', async () => {
  const { replay, compare } = rig.rewind;
  const dry = await replay.create(TENANT, { ...JANUARY, job_type: 'DryRun' }, 'tester');
  await expect(compare.verifications.start(TENANT, dry.jobId, 'tester')).rejects.toMatchObject({
    code: 'not_verifiable',
  });
  await expect(compare.verifications.start('nobody', dry.jobId, 'tester')).rejects.toMatchObject({
    code: 'job_not_found',
  });
  await expect(compare.verifications.get(TENANT, dry.jobId, dry.jobId)).rejects.toMatchObject({
    code: 'verification_not_found',
  });
});
