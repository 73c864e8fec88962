/**
 * Archives for auditors from a real run: what they hold is the run's, an entity's state leads to the root, and no byte of
 * the file can be changed unseen.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../testing/oracle-run/encodings.js';
import { outgoing } from '../testing/oracle-run/outgoing.js';
import { readSnapshots } from '../testing/oracle-run/read-run.js';
import { openRig, type Rig, runJob, TENANT } from '../testing/oracle-run/rig.js';
import { verifyEvidence } from './verify.js';

let rig: Rig;
let jobId: string;
let archive: Buffer;
let publicKey: Buffer;
/** Final state by type and id, from the views. */
const finals = new Map<string, { type: string; id: string; exists: boolean; state: string }>();

beforeAll(async () => {
  rig = await openRig('evidence', {}, 2);
  const records = [...outgoing({ seed: 5, events: 400 }, rig.schemaIds)];
  await rig.rewind.appender.append(
    records.flatMap(({ key, value, recordTimeMs }) =>
      value === null ? [] : [{ key, value, timestampMs: recordTimeMs }],
    ),
  );
  jobId = (await runJob(rig, { encoding: operations, ordering: 'event_time', snapshots: 'all' })).jobId;
  const made = await rig.rewind.evidence.archive(TENANT, jobId, 'auditor');
  archive = await buffer(made.stream);
  expect(archive.length).toBe(made.bytes);
  publicKey = await rig.rewind.evidence.publicKey();
  const rows = [...(await readSnapshots(rig.store, jobId))].sort((a, b) => a.foldSeq - b.foldSeq);
  for (const { entityType, entityId, exists, stateAfter } of rows)
    finals.set(JSON.stringify([entityType, entityId]), {
      type: entityType,
      id: entityId,
      exists,
      state: stateAfter,
    });
});
afterAll(() => rig?.stop());

async function* whole(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

test('the archive is a tar of the run, and it is valid', async () => {
  const report = await verifyEvidence(whole(archive), { publicKey });
  expect(report).toMatchObject({ valid: true, problem: null, publicKey: publicKey.toString('base64') });
  const directory = await mkdtemp(join(tmpdir(), 'rewind-evidence-test-'));
  await writeFile(join(directory, 'a.tar'), archive);
  await promisify(execFile)('tar', ['xf', 'a.tar'], { cwd: directory });
  const names = (await readdir(directory)).sort();
  expect(names).toEqual([
    'a.tar',
    'job.json',
    'manifest.json',
    'signature.json',
    'states.ndjson.gz',
    'units.json',
    'versions.json',
  ]);
  const text = (name: string) => readFile(join(directory, name), 'utf8');
  const job = await rig.rewind.replay.get(TENANT, jobId);
  expect(JSON.parse(await text('job.json'))).toMatchObject({
    job_id: jobId,
    spec: JSON.parse(JSON.stringify(job.spec)),
    plan: JSON.parse(JSON.stringify(job.plan)),
    result: JSON.parse(JSON.stringify(job.result)),
  });
  const versions = JSON.parse(await text('versions.json'));
  expect(versions.encoding).toMatchObject({ hash: job.spec.encodingHash, definition: operations });
  const units = JSON.parse(await text('units.json')) as { unit: string; sealed: boolean }[];
  expect(units.filter(({ unit }) => unit.startsWith('fold/')).every(({ sealed }) => sealed)).toBe(true);
  const lines = gunzipSync(await readFile(join(directory, 'states.ndjson.gz')))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { entity_type: string; entity_id: string });
  await rm(directory, { recursive: true });
  expect(lines.length).toBe(finals.size);
  expect(report.manifest?.states).toEqual({ entities: finals.size, merkle_root: expectedRoot() });
  const keys = lines.map(({ entity_type, entity_id }) => Buffer.from(`${entity_type}\0${entity_id}`));
  expect([...keys].sort(Buffer.compare)).toEqual(keys);
});

/** RFC 6962, 2.1, as it is written there. */
function expectedRoot(): string {
  const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const sized = (text: string) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([size, Buffer.from(text)]);
  };
  const leaves = [...finals.values()]
    .sort(
      (a, b) =>
        Buffer.compare(Buffer.from(a.type), Buffer.from(b.type)) ||
        Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    )
    .map(({ type, id, exists, state }) =>
      sha(Buffer.from([0]), sized(type), sized(id), Buffer.from([exists ? 1 : 0]), Buffer.from(state)),
    );
  const tree = (from: number, to: number): Buffer => {
    if (to - from === 1) return leaves[from]!;
    let split = 1;
    while (split * 2 < to - from) split *= 2;
    return sha(Buffer.from([1]), tree(from, from + split), tree(from + split, to));
  };
  return tree(0, leaves.length).toString('hex');
}

test('the final state of every entity leads to the root, and no other state does', async () => {
  expect([...finals.values()].some(({ exists }) => !exists)).toBe(true);
  let tried = 0;
  for (const { type, id, state } of finals.values()) {
    if (tried++ % 7 !== 0) continue;
    const entity = { entityType: type, entityId: id, state: Buffer.from(state) };
    const right = await verifyEvidence(whole(archive), { publicKey, entity });
    expect(right).toMatchObject({ valid: true, problem: null });
    expect(right.path!.length).toBeGreaterThanOrEqual(1);
    const other = { ...entity, state: Buffer.from(`${state} `) };
    expect((await verifyEvidence(whole(archive), { publicKey, entity: other })).problem).toMatch(
      /not the final state/,
    );
  }
  const absent = { entityType: 'content', entityId: 'nobody', state: Buffer.from('{}') };
  expect((await verifyEvidence(whole(archive), { publicKey, entity: absent })).problem).toMatch(/has no/);
});

test('each single byte that is changed is found', async () => {
  const unseen: number[] = [];
  for (let at = 0; at < archive.length; at++) {
    const changed = Buffer.from(archive);
    changed[at]! ^= 1 << (at % 8);
    if ((await verifyEvidence(whole(changed))).valid) unseen.push(at);
  }
  expect(unseen).toEqual([]);
});

test('an archive that is cut off, goes on, or is signed by another is found', async () => {
  for (const size of [0, 511, 5_000, archive.length - 512, archive.length - 1])
    expect((await verifyEvidence(whole(archive.subarray(0, size)))).valid).toBe(false);
  expect((await verifyEvidence(whole(Buffer.concat([archive, Buffer.alloc(1)])))).valid).toBe(false);
  const other = await verifyEvidence(whole(archive), { publicKey: Buffer.alloc(32, 7) });
  expect(other.problem).toMatch(/another key/);
});

test('what is read in pieces of any size is the same', async () => {
  for (const size of [1, 7, 511, 513]) {
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
    }
    expect(await verifyEvidence(pieces(), { publicKey })).toMatchObject({ valid: true });
  }
});

test('a run that has not ended has no evidence, nor has that of another tenant', async () => {
  const evidence = rig.rewind.evidence;
  await expect(evidence.archive('other', jobId, 'auditor')).rejects.toMatchObject({ code: 'job_not_found' });
  await expect(evidence.archive(TENANT, 'run-0', 'auditor')).rejects.toMatchObject({ code: 'job_not_found' });
});
