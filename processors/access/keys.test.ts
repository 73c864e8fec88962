/** API keys and the operator's list of jobs on a real store. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoredInstanceJobs } from '../store/instance-jobs.js';
import { KeyLog } from '../store/key-log.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { StoredApiKeys } from './keys.js';

let engine: TestEngine;
let now = Date.now();

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine?.stop());

const open = () => new StoredApiKeys(new KeyLog(engine.store), () => now);
const wanted = (tenantId: string, name: string) =>
  ({ tenantId, name, role: 'admin', expiresMs: now + 60_000 }) as const;

it('keeps a hash by which nobody finds the secret, and knows the token again', async () => {
  const keys = open();
  const { key, token } = await keys.create(wanted('acme', 'nightly'), 'ann');
  const secret = token.slice(-43);
  const [row] = await engine.store.query<{ salt: string; hash: string; everything: string }>(
    `SELECT salt, hash, toString(tuple(*)) AS everything FROM ${engine.store.t('api_keys')}`,
  );
  expect(row?.hash).toBe(createHash('sha256').update(`${row?.salt}${secret}`).digest('hex'));
  expect(row?.everything).not.toContain(secret);
  expect(await keys.identify(token)).toMatchObject({
    kind: 'valid',
    key: { tenantId: 'acme', role: 'admin' },
  });
  const other = await keys.create(wanted('acme', 'nightly'), 'ann');
  const mixed = `rwd_${key.keyId}_${other.token.slice(-43)}`;
  expect(await keys.identify(mixed)).toBeNull();
  for (const odd of ['', 'rwd_', `${token}x`, token.toUpperCase(), `rwd_${'0'.repeat(16)}_${secret}`])
    expect(await keys.identify(odd)).toBeNull();
});

it('ends a key in every process: at once here, within seconds elsewhere, and by its own end', async () => {
  const [here, elsewhere] = [open(), open()];
  const { key, token } = await here.create(wanted('beta', 'a'), 'ann');
  expect((await elsewhere.identify(token))?.kind).toBe('valid');
  await expect(here.revoke('acme', key.keyId, 'eve')).rejects.toMatchObject({ code: 'key_not_found' });
  await here.revoke('beta', key.keyId, 'bob');
  await here.revoke('beta', key.keyId, 'bob');
  expect(await here.identify(token)).toMatchObject({ kind: 'stale', reason: 'revoked' });
  now += 5_000;
  expect(await elsewhere.identify(token)).toMatchObject({ kind: 'stale', reason: 'revoked' });
  const ending = await here.create(wanted('beta', 'b'), 'ann');
  now += 60_001;
  expect(await here.identify(ending.token)).toMatchObject({ kind: 'stale', reason: 'expired' });
  expect((await here.list('beta')).map(({ name, revokedAt }) => [name, revokedAt !== null])).toEqual([
    ['b', false],
    ['a', true],
  ]);
});

it('lists the jobs of all tenants by pages, without a word of what they hold', async () => {
  const spec = {
    jobType: 'DryRun',
    name: 'secret name',
    filters: { entity_id: ['secret id'] },
    startNs: '0',
    endNs: '1',
  };
  for (let number = 0; number < 5; number++)
    await engine.store.insertRows('job_events', [
      {
        job_id: `run-${number}`,
        tenant_id: `tenant-${number % 2}`,
        kind: 'created',
        actor: 'ann',
        body: JSON.stringify(spec),
        written_at: `2024-01-01 00:00:0${number === 4 ? 3 : number}.000`,
      },
    ]);
  const jobs = new StoredInstanceJobs(engine.readerStore);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof jobs.list>> = await jobs.list({
      limit: 2,
      ...(cursor === null ? {} : { cursor }),
    });
    seen.push(...page.items.map(({ jobId, tenantId }) => `${tenantId} ${jobId}`));
    expect(JSON.stringify(page)).not.toContain('secret');
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual([
    'tenant-0 run-4',
    'tenant-1 run-3',
    'tenant-0 run-2',
    'tenant-1 run-1',
    'tenant-0 run-0',
  ]);
  expect((await jobs.list({ limit: 9, status: 'Failed' })).items).toEqual([]);
  expect(await jobs.find('run-9')).toBeNull();
  expect(await jobs.find('run-1')).toMatchObject({ tenantId: 'tenant-1', status: 'Pending' });
});
