/**
 * Webhooks on the real pipeline with real receivers. What is received is verified by the published scheme, written down
 * here once more: HMAC-SHA256 over `id.timestamp.body` with the bytes behind `whsec_`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Behaviour = (answer: ServerResponse, nth: number) => void;

class Receiver {
  readonly got: Received[] = [];
  readonly #server: Server;

  constructor(behave: Behaviour = (answer) => answer.writeHead(204).end()) {
    this.#server = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        behave(answer, this.got.length);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?key=1`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let directory: Awaited<ReturnType<typeof testDirectory>>;
let rewind: RunningRewind;
const receivers: Receiver[] = [];

beforeAll(async () => {
  directory = await testDirectory();
  const flags = {
    'webhooks.allowHttp': true,
    'webhooks.allowNetworks': ['127.0.0.0/8'],
    'webhooks.pollMs': 50,
    'webhooks.retryFirstMs': 100,
    'webhooks.retryLongestMs': 400,
    'webhooks.attemptsMax': 3,
    'webhooks.timeoutMs': 1000,
    'webhooks.answerMaxBytes': 1000,
  };
  rewind = await startRunning(directory.dataDir, { flags });
  await rewind.call('POST', '/tenants/acme/audit-events', {
    event_id: 'e1',
    event_type: 'content.created',
    occurred_at: '2024-01-15T09:00:00Z',
    payload: { id: 'c', title: 'secret title' },
  });
});
afterAll(async () => {
  await rewind?.close();
  for (const receiver of receivers) receiver.close();
  await directory?.remove();
});

interface Hook {
  readonly receiver: Receiver;
  readonly secret: string;
  readonly path: string;
}

async function hook(tenant: string, behave?: Behaviour, more: object = {}): Promise<Hook> {
  const receiver = new Receiver(behave);
  receivers.push(receiver);
  const url = await receiver.listen();
  const made = await rewind.call('POST', `/tenants/${tenant}/webhooks`, { name: 'ops', url, ...more });
  expect(made.status, made.text).toBe(201);
  const { webhook_id, secret } = made.body.data;
  return { receiver, secret, path: `/tenants/${tenant}/webhooks/${webhook_id}` };
}

async function run(tenant: string, more: object = {}): Promise<string> {
  const made = await rewind.call('POST', `/tenants/${tenant}/replay-jobs`, {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    time_range_end: '2024-01-31T23:59:59Z',
    ...more,
  });
  await rewind.ended(tenant, made.body.data.job_id);
  return made.body.data.job_id;
}

/** Waits until something holds; the test's own time limit ends what never does. */
async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    await sleep(25);
  }
}
const deliveries = async (path: string) => (await rewind.call('GET', `${path}/deliveries`)).body.data;
const settled = (list: { state: string }[]) =>
  list.length > 0 && list.every(({ state }) => state !== 'pending');

function verified({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', key).update(signed).digest();
  const [version, given = ''] = String(headers['webhook-signature']).split(',');
  return version === 'v1' && timingSafeEqual(mac, Buffer.from(given, 'base64'));
}

it('tells once of a finished job, signed, and of nothing that was before or is of others', async () => {
  await run('acme');
  const { receiver, secret, path } = await hook('acme');
  const foreign = await hook('other');
  const picky = await hook('acme', undefined, { labels: { team: 'audit' }, events: ['job.completed'] });
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  const job = await run('acme', { name: 'nightly', labels: { team: 'billing' } });
  const labelled = await run('acme', { labels: { team: 'audit', tier: '1' } });
  const list = await until(
    () => deliveries(path),
    (all) => all.length === 2 && settled(all),
  );
  expect(list).toMatchObject([
    { job_id: labelled, state: 'delivered' },
    { job_id: job, event: 'job.completed', state: 'delivered', attempts: 1, status: 204, error: null },
  ]);
  expect(receiver.got).toHaveLength(2);
  const [first] = receiver.got;
  for (const message of receiver.got) expect(verified(message, secret)).toBe(true);
  expect(verified({ ...first!, body: `${first!.body} ` }, secret)).toBe(false);
  expect(Math.abs(Date.now() / 1000 - Number(first!.headers['webhook-timestamp']))).toBeLessThan(60);
  expect(first!.headers['webhook-id']).toBe(list[1].delivery_id);
  expect(JSON.parse(first!.body)).toMatchObject({
    type: 'job.completed',
    data: {
      tenant_id: 'acme',
      job_id: job,
      status: 'Complete',
      name: 'nightly',
      counters: { processed: 1, failed: 0 },
      verdict: (await rewind.call('GET', `/tenants/acme/replay-jobs/${job}`)).body.data.result.verdict,
      error: null,
    },
  });
  expect(first!.body).not.toContain('secret title');
  await until(
    () => picky.receiver.got.length,
    (count) => count > 0,
  );
  expect(picky.receiver.got.map(({ body }) => JSON.parse(body).data.job_id)).toEqual([labelled]);
  expect(foreign.receiver.got).toEqual([]);
  const shown = await rewind.call('GET', '/tenants/acme/webhooks');
  expect(shown.text).not.toContain(secret);
  const again = await rewind.call('POST', `${path}/deliveries/${list[1].delivery_id}/redeliver`);
  expect(again.status).toBe(202);
  await until(
    () => receiver.got.length,
    (count) => count === 3,
  );
  expect(receiver.got[2]!.headers['webhook-id']).toBe(list[1].delivery_id);
  expect(receiver.got[2]!.body).toBe(first!.body);
  const none = await rewind.call('POST', `${path}/deliveries/msg_x/redeliver`);
  expect(none.body.code).toBe('delivery_not_found');
});

it('tries again under the same id, and gives up after the last try', async () => {
  const flaky = await hook('beta', (answer, nth) => answer.writeHead(nth < 3 ? 500 : 200).end());
  const down = await hook('beta', (answer) => answer.writeHead(503).end());
  const gone = await hook('beta', (answer) => answer.writeHead(410).end());
  await run('beta');
  for (const { path } of [flaky, down, gone]) await until(() => deliveries(path), settled);
  expect(await deliveries(flaky.path)).toMatchObject([{ state: 'delivered', attempts: 3, status: 200 }]);
  expect(await deliveries(down.path)).toMatchObject([
    { state: 'given_up', attempts: 3, status: 503, error: 'HTTP status 503', next_at: null },
  ]);
  expect(await deliveries(gone.path)).toMatchObject([{ state: 'given_up', attempts: 1 }]);
  for (const { receiver, secret } of [flaky, down]) {
    expect(receiver.got).toHaveLength(3);
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.got.map(({ body }) => body)).size).toBe(1);
    for (const message of receiver.got) expect(verified(message, secret)).toBe(true);
  }
});

it('is not held up by receivers that are slow, endless, or send elsewhere', async () => {
  const honest = await hook('gamma');
  const elsewhere = new Receiver();
  receivers.push(elsewhere);
  const other = await elsewhere.listen();
  const slow = await hook('gamma', () => undefined);
  const endless = await hook('gamma', (answer) => {
    answer.writeHead(200);
    const more = setInterval(() => answer.write('x'.repeat(500)), 5);
    answer.on('close', () => clearInterval(more));
  });
  const redirect = await hook('gamma', (answer) => answer.writeHead(307, { location: other }).end());
  const cut = await hook('gamma', (answer) => answer.socket?.destroy());
  await run('gamma');
  await until(
    () => honest.receiver.got.length,
    (count) => count === 1,
  );
  for (const { path } of [slow, endless, redirect, cut]) await until(() => deliveries(path), settled);
  expect(await deliveries(slow.path)).toMatchObject([
    { state: 'given_up', status: null, error: 'no answer within 1000 ms' },
  ]);
  expect(await deliveries(endless.path)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  expect(await deliveries(redirect.path)).toMatchObject([
    { state: 'given_up', status: 307, error: 'redirects are not followed' },
  ]);
  expect(await deliveries(cut.path)).toMatchObject([{ state: 'given_up', status: null }]);
  expect(elsewhere.got).toEqual([]);
});

it('tells of pauses and cancels that changed something, and of nothing while it is switched off', async () => {
  const { receiver, path } = await hook('delta');
  await rewind.call('POST', '/instance/pause', { reason: 'test' });
  const body = {
    job_type: 'StateRebuild',
    encoding_version: 1,
    rule_version: 1,
    time_range_start: '2024-01-01T00:00:00Z',
    time_range_end: '2024-01-31T23:59:59Z',
  };
  const { job_id } = (await rewind.call('POST', '/tenants/delta/replay-jobs', body)).body.data;
  const job = `/tenants/delta/replay-jobs/${job_id}`;
  for (const step of ['pause', 'pause', 'resume', 'cancel', 'cancel'])
    await rewind.call('POST', `${job}/${step}`);
  await rewind.call('POST', '/instance/resume', {});
  await until(
    () => receiver.got.length,
    (count) => count === 2,
  );
  await until(() => deliveries(path), settled);
  expect(receiver.got.map(({ body: text }) => JSON.parse(text).type)).toEqual([
    'job.paused',
    'job.cancelled',
  ]);
  const off = await rewind.call('PATCH', path, { enabled: false });
  expect(off.body.data).toMatchObject({ enabled: false, name: 'ops' });
  await run('delta');
  const test = await rewind.call('POST', `${path}/test`);
  expect(test.body.data).toMatchObject({ event: 'webhook.ping', state: 'delivered', job_id: null });
  await rewind.call('PATCH', path, { enabled: true });
  const last = await run('delta');
  await until(
    () => receiver.got.length,
    (count) => count === 4,
  );
  const [ping, completed] = receiver.got.slice(2).map(({ body: text }) => JSON.parse(text));
  expect([ping.type, completed.data.job_id]).toEqual(['webhook.ping', last]);
  expect((await rewind.call('DELETE', path)).status).toBe(200);
  expect((await rewind.call('GET', path)).body.code).toBe('webhook_not_found');
});

it('refuses URLs that lead where the tenant may not go', async () => {
  const refused = [
    'ftp://example.org/',
    'https://user:pass@example.org/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://10.1.2.3/',
    'https://3232235777/',
    'https://0xa9fea9fe/',
    'not a url',
  ];
  for (const url of refused) {
    const answer = await rewind.call('POST', '/tenants/acme/webhooks', { name: 'x', url });
    expect([url, answer.status, answer.body.code]).toEqual([url, 400, 'webhook_url_refused']);
  }
  const entries = (await rewind.call('GET', '/tenants/delta/audit-entries')).body.data;
  const acts = entries.map(({ action }: { action: string }) => action);
  for (const act of ['created', 'changed', 'tested', 'deleted']) expect(acts).toContain(`webhook.${act}`);
});
