import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { RewindError } from '../schemas/errors.js';
import { GroupCommit } from './group-commit.js';
import { startServer } from './server.js';
import { FakeAppender, fakeDeps } from './testing/fake-pipeline.js';

const record = (text: string) => ({ key: null, value: Buffer.from(text), timestampMs: 0n });

it('finishes requests under way before it stops, and takes no new ones', async () => {
  const { deps, appender } = fakeDeps({ REWIND_HTTP_PORT: '0' });
  let release = () => {};
  let arrived = () => {};
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  appender.fail = () => null;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const append = appender.append.bind(appender);
  appender.append = async (records) => {
    arrived();
    await gate;
    return append(records);
  };
  const server = await startServer(deps);
  const answer = fetch(`${server.url}/tenants/acme/audit-events`, {
    method: 'POST',
    body: '{"event_type":"a"}',
    headers: { 'content-type': 'application/json' },
  });
  await waiting;
  const stopped = server.stop('test');
  expect(server.stop('again')).toBe(stopped);
  release();
  expect((await answer).status).toBe(202);
  await stopped;
  await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
});

it('names a port that is taken', async () => {
  const first = await startServer(fakeDeps({ REWIND_HTTP_PORT: '0' }).deps);
  const port = new URL(first.url).port;
  await expect(startServer(fakeDeps({ REWIND_HTTP_PORT: port }).deps)).rejects.toMatchObject({
    code: 'preflight_failed',
    message: expect.stringContaining(port),
  });
  await first.stop('test');
});

it('bounds the queue before the log: requests are refused, streams wait', async () => {
  const appender = new FakeAppender();
  let release = () => {};
  appender.gate = new Promise((resolve) => {
    release = resolve;
  });
  const commits = new GroupCommit(appender, { batchRecords: 2, batchBytes: 1000, queueMaxBytes: 1000 });
  const taken = Array.from({ length: 10 }, (_, i) => commits.append([record(`event ${i}`)]));
  await expect(commits.append([record('one too many')])).rejects.toMatchObject({ code: 'store_busy' });
  let room = false;
  const waiting = commits.room().then(() => {
    room = true;
  });
  expect(room).toBe(false);
  release();
  const offsets = (await Promise.all(taken)).map(([result]) => result?.offset);
  await waiting;
  expect(offsets).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(Math.max(...appender.batches.map((batch) => batch.length))).toBe(2);
});

it('groups what several callers send, and lets who sends alone not wait', async () => {
  const HOUR_MS = 3_600_000;
  const appender = Object.assign(new FakeAppender(), { groupIntervalMs: HOUR_MS });
  const commits = new GroupCommit(appender, { batchRecords: 3, batchBytes: 100_000, queueMaxBytes: 100_000 });
  for (const text of ['a', 'b']) await commits.append([record(text)]);
  const stream = {};
  await Promise.all(['c', 'd', 'e', 'f'].map((text) => commits.append([record(text)], stream)));
  await commits.append([record('g')]);
  await Promise.all([commits.append([record('h')]), commits.append([record('i')])]);
  const later = [commits.append([record('j')]), commits.append([record('k')])];
  expect(appender.batches.map((batch) => batch.length)).toEqual([1, 1, 3, 1, 1, 2]);
  await Promise.all([...later, commits.append([record('l')])]);
  expect(appender.batches.map((batch) => batch.length)).toEqual([1, 1, 3, 1, 1, 2, 3]);
});

it('does not hold callers that send again once they are answered', async () => {
  const appender = Object.assign(new FakeAppender(), { groupIntervalMs: 3_600_000 });
  const commits = new GroupCommit(appender);
  for (let round = 0; round < 20; round++)
    await Promise.all([commits.append([record('a')]), commits.append([record('b')])]);
  expect(appender.batches.map((batch) => batch.length)).toEqual(Array(20).fill(2));
});

it('answers only the requests of the append that failed', async () => {
  const appender = new FakeAppender();
  appender.fail = (values) => (values.includes('bad') ? new RewindError('log_unavailable', 'x') : null);
  const commits = new GroupCommit(appender, { batchRecords: 1, batchBytes: 1000, queueMaxBytes: 10_000 });
  const results = await Promise.allSettled(['a', 'bad', 'b'].map((text) => commits.append([record(text)])));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await commits.append([])).toEqual([]);
});

it('answers what is no request as a problem', async () => {
  const server = await startServer(fakeDeps({ REWIND_HTTP_PORT: '0' }).deps);
  const { port } = new URL(server.url);
  const said = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => {
        answer += chunk.toString();
      });
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
    });
  const long = await said(`GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: h\r\n\r\n`);
  expect(long).toMatch(/^HTTP\/1\.1 413 .*\r\nContent-Type: application\/problem\+json/);
  expect(long).toContain('"code":"body_too_large"');
  expect(await said('what?\r\n\r\n')).toContain('"code":"field_invalid"');
  await server.stop('test');
});
