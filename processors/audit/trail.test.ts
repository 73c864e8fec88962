/** The trail on a real store: what is entered is found whole, and every way to falsify the tables is found out. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { AuditLog } from '../store/audit-log.js';
import { createTelemetry } from '../telemetry.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import type { AuditAct } from './contract.js';
import { ChainedTrail } from './trail.js';

let engine: TestEngine;
let directory: string;
let headFile: string;
let trail: ChainedTrail;
const PEM = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function open(worker: string, change: { signingKey?: string; log?: AuditLog } = {}): ChainedTrail {
  return new ChainedTrail({
    log: change.log ?? new AuditLog(engine.store),
    config: { anchorEntries: 1_000, anchorSeconds: 3_600, signingKey: change.signingKey ?? PEM, headFile },
    worker,
    telemetry: createTelemetry({ level: 'silent' }),
  });
}

const act = (number: number, change: Partial<AuditAct> = {}): AuditAct => ({
  tenantId: 'acme',
  actor: 'ann',
  action: 'replay_job.created',
  target: `run-${number}`,
  outcome: 'success',
  detail: { number },
  ...change,
});

const enter = (from: ChainedTrail, count: number) =>
  Promise.all(Array.from({ length: count }, (_, number) => from.enter(act(number))));

const change = (sql: string) =>
  engine.store.command(
    sql
      .replace('ENTRIES', engine.store.t('audit_entries'))
      .replace('ANCHORS', engine.store.t('audit_anchors')),
    {},
    {
      settings: { mutations_sync: 2 },
    },
  );
const kinds = async (heads: Parameters<ChainedTrail['verify']>[0] = []) => [
  ...new Set((await trail.verify(heads)).problems.map(({ kind }) => kind)),
];

beforeAll(async () => {
  engine = await startTestEngine();
  directory = await mkdtemp(join(tmpdir(), 'rewind-audit-'));
});
afterAll(async () => {
  await engine?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const table of ['audit_entries', 'audit_anchors', 'job_events', 'encodings'])
    await engine.store.command(`TRUNCATE TABLE ${engine.store.t(table)}`);
  headFile = join(directory, `${Math.random()}.ndjson`);
  trail = open('host/1/a');
});

describe('entries', () => {
  it('are chained in the order they came, by the hash that the columns give', async () => {
    await enter(trail, 1_200);
    const rows = await engine.store.query<Record<string, string>>(
      `SELECT tenant_id, toString(recorded_ns) AS ns, audit_entry_id, actor, action, target, outcome, detail, writer, toString(seq) AS place, prev_hash, hash
       FROM ${engine.store.t('audit_entries')} AS a ORDER BY a.seq`,
    );
    expect(rows).toHaveLength(1_200);
    let before = '';
    for (const [index, row] of rows.entries()) {
      const columns = [
        'rewind-audit-entry-1',
        row.tenant_id,
        row.ns,
        row.audit_entry_id,
        row.actor,
        row.action,
      ];
      columns.push(row.target, row.outcome, row.detail, row.writer, row.place, row.prev_hash);
      expect([row.target, row.prev_hash, row.place]).toEqual([`run-${index}`, before, String(index + 1)]);
      expect(row.hash).toBe(createHash('sha256').update(JSON.stringify(columns)).digest('hex'));
      before = row.hash ?? '';
    }
    expect(await trail.verify([])).toMatchObject({ valid: true, entries: 1_200, writers: 1 });
  });

  it('are listed newest first, by filter and place, each once', async () => {
    await enter(trail, 25);
    await trail.enter(act(99, { actor: 'bob', action: 'key.created', outcome: 'failure' }));
    await trail.enter(act(99, { tenantId: 'other' }));
    const seen: string[] = [];
    let after: { recordedNs: bigint; auditEntryId: string } | undefined;
    for (;;) {
      const page = await trail.list('acme', { limit: 7, ...(after === undefined ? {} : { after }) });
      seen.push(...page.map((entry) => entry.target));
      if (page.length < 7) break;
      after = page.at(-1);
    }
    expect(seen).toEqual(['run-99', ...Array.from({ length: 25 }, (_, i) => `run-${24 - i}`)]);
    const [own] = await trail.list('acme', { limit: 9, actor: 'bob' });
    expect(own).toMatchObject({ action: 'key.created', outcome: 'failure', detailJson: '{"number":99}' });
    expect(
      await trail.list('acme', { limit: 9, fromNs: own!.recordedNs, action: 'replay_job.created' }),
    ).toEqual([]);
    expect(await trail.count('acme')).toBe(26);
  });

  it('keep odd text and cut long text, and still verify', async () => {
    await trail.enter(
      act(1, {
        actor: '\ud800 "\\\n\u0000\t',
        target: 'x'.repeat(5_000),
        detail: { big: 'y'.repeat(20_000) },
      }),
    );
    const [entry] = await trail.list('acme', { limit: 1 });
    expect(entry?.target).toHaveLength(2_049);
    expect(entry?.detailJson).toBe('{"too_long":20010}');
    expect(await kinds()).toEqual([]);
  });

  it('that may or may not be stored refuse the act, and the chain ends there', async () => {
    const log = new AuditLog(engine.store);
    const append = log.append.bind(log);
    let lost = false;
    log.append = async (entries) => {
      await append(entries);
      if (lost) throw new RewindError('insert_unknown', 'no answer');
    };
    const shaky = open('host/2/b', { log });
    await shaky.enter(act(1));
    lost = true;
    await expect(shaky.enter(act(2))).rejects.toMatchObject({ code: 'audit_unavailable' });
    lost = false;
    await shaky.enter(act(2));
    const report = await trail.verify([]);
    expect(report).toMatchObject({ valid: true, entries: 3, writers: 2 });
  });
});

describe('falsified', () => {
  beforeEach(async () => {
    await enter(trail, 10);
    await trail.anchor();
    await enter(trail, 5);
    await trail.anchor();
    const other = open('host/3/c');
    await enter(other, 3);
    await other.close();
    expect(await trail.verify([])).toMatchObject({
      valid: true,
      anchors: 3,
      signedAnchors: 3,
      unanchored: 0,
    });
  });

  it.each([
    ['an entry changed', `ALTER TABLE ENTRIES UPDATE detail = '{}' WHERE seq = 4`, 'changed'],
    ['an entry moved to another tenant', `ALTER TABLE ENTRIES DELETE WHERE seq = 4`, 'broken_chain'],
    [
      'an entry twice',
      `INSERT INTO ENTRIES SELECT * FROM ENTRIES WHERE seq = 4 AND writer = 'host/1/a/1'`,
      'broken_chain',
    ],
    ['the end of a chain cut off', `ALTER TABLE ENTRIES DELETE WHERE seq > 12`, 'anchored_entry_missing'],
    [
      'a whole chain gone',
      `ALTER TABLE ENTRIES DELETE WHERE writer = 'host/3/c/1'`,
      'anchored_entry_missing',
    ],
    ['an anchor changed', `ALTER TABLE ANCHORS UPDATE entries = 1 WHERE seq = 2`, 'changed'],
    [
      'an anchor without its signature',
      `ALTER TABLE ANCHORS UPDATE signature = '', key_id = '' WHERE seq = 2`,
      'bad_signature',
    ],
    [
      'an anchor signed by nobody',
      `ALTER TABLE ANCHORS UPDATE signature = 'AAAA' WHERE seq = 2`,
      'bad_signature',
    ],
  ])('%s', async (_what, sql, kind) => {
    await change(sql.replaceAll(/FROM ENTRIES/g, `FROM ${engine.store.t('audit_entries')}`));
    expect(await kinds()).toContain(kind);
  });

  it('the end cut off together with its anchors shows by a head that was kept outside', async () => {
    const kept = (await readFile(headFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(kept).toHaveLength(3);
    await change(`ALTER TABLE ENTRIES DELETE WHERE seq > 10 OR writer LIKE 'host/3%'`);
    await change(`ALTER TABLE ANCHORS DELETE WHERE seq > 1 OR writer LIKE 'host/3%'`);
    expect(await kinds()).toEqual([]);
    expect(await kinds(kept)).toEqual(['head_missing']);
  });

  it('a chain rewritten from its first entry has other hashes than the anchors name', async () => {
    await change(`ALTER TABLE ENTRIES DELETE WHERE writer = 'host/3/c/1'`);
    await enter(open('host/3/c'), 3);
    expect(await kinds()).toContain('anchored_entry_missing');
  });
});

it('holds the job log and the catalogs against the entries, and knows what workers do', async () => {
  const old = '2024-01-01 00:00:00.000';
  const job = (job_id: string, kind: string, actor: string) => ({
    job_id,
    tenant_id: 'acme',
    kind,
    actor,
    body: '{}',
    written_at: old,
  });
  await engine.store.insertRows('job_events', [
    job('run-0', 'created', 'ann'),
    job('run-0', 'planned', 'host/1/a'),
    job('run-0', 'paused', 'host/1/a'),
    job('run-1', 'created', 'ann'),
    job('run-1', 'cancelled', 'eve'),
    job('run-0', 'resumed', 'ann'),
    job('run-0', 'resumed', 'ann'),
  ]);
  await engine.store.insertRows('encodings', [
    { tenant_id: 'acme', version: 2, name: 'n', hash: 'h', definition: '{}', actor: 'ann', created_at: old },
  ]);
  await enter(trail, 2);
  await trail.enter(act(0, { action: 'replay_job.resumed' }));
  const report = await trail.verify([]);
  expect(report.acts).toBe(6);
  expect(report.problems.map(({ kind, where }) => `${kind} ${where}`).sort()).toEqual([
    'act_without_entry encoding.saved 2',
    'act_without_entry replay_job.cancelled run-1',
    'act_without_entry replay_job.resumed run-0',
  ]);
});

it('anchors by itself after so many entries, and refuses a key that is none', async () => {
  const busy = new ChainedTrail({
    log: new AuditLog(engine.store),
    config: { anchorEntries: 10, anchorSeconds: 3_600, signingKey: '', headFile: '' },
    worker: 'host/4/d',
    telemetry: createTelemetry({ level: 'silent' }),
  });
  for (let number = 0; number < 10; number++) await busy.enter(act(number));
  await busy.close();
  expect(await trail.verify([])).toMatchObject({ valid: true, anchors: 1, signedAnchors: 0, unanchored: 0 });
  expect(() => open('w', { signingKey: 'nonsense' })).toThrow('audit.signingKey');
});
