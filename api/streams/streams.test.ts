/** Event streams over real HTTP: a job from its creation to its end, a server that restarts, clients that do not read. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Feeds, watchedJobs } from '../../processors/results/feeds.js';
import { openEvents, parseEvents, type SentEvent } from '../testing/event-source.js';
import { jobView } from '../testing/fake-pipeline.js';
import { type RunningRewind, startRunning, testDirectory } from '../testing/running.js';
import { formatPosition, parsePosition, START } from './position.js';

const TENANT = 'acme';
const HEADERS = { 'x-tenant-id': TENANT };
const FILTERS = { startDate: '2024-01-01T00:00:00Z', endDate: '2024-12-31T23:59:59Z' };
const EVENTS = 300;
/** More than the sockets of a machine buffer, all snapshots together. */
const TITLE = 'x'.repeat(40_000);

const FLAGS = { 'http.streamHeartbeatMs': 100, 'http.streamStallMs': 1_000, 'http.streamsPerTenant': 3 };

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;

beforeAll(async () => {
  directory = await testDirectory();
  running = await startRunning(directory.dataDir, { workers: 0, flags: FLAGS });
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    event_id: `evt-${i}`,
    event_type: 'content.updated',
    occurred_at: new Date(Date.UTC(2024, 0, 1) + ((i * 7) % EVENTS) * 60_000).toISOString(),
    payload: { id: `content-${i % 20}`, title: `${TITLE}${i}`, wordCount: i },
  }));
  for (let at = 0; at < EVENTS; at += 50) {
    const sent = await running.call('POST', `/tenants/${TENANT}/audit-events`, events.slice(at, at + 50));
    expect(sent.status, sent.text).toBe(202);
  }
});
afterAll(async () => {
  await running?.close();
  await directory?.remove();
});

async function create(): Promise<string> {
  const made = await running.call('POST', '/api/v1/audit/replay', { filters: FILTERS }, HEADERS);
  expect(made.status, made.text).toBe(202);
  return made.body.data.jobId;
}

// biome-ignore lint/suspicious/noExplicitAny: payloads differ by type
const payload = (event: SentEvent) => JSON.parse(event.data) as { type: string; data: Record<string, any> };
const streamOf = (jobId: string, query = '') => `${running.url}/api/v1/audit/replay/${jobId}/stream${query}`;
const types = (events: readonly SentEvent[]) => events.map((event) => event.event);

async function timelineIds(jobId: string): Promise<string[]> {
  const { body } = await running.call('GET', `/tenants/${TENANT}/replay-jobs/${jobId}/timeline?limit=1000`);
  return body.data.map((entry: { event_id: string }) => entry.event_id);
}

describe('the stream of a run', { timeout: 120_000 }, () => {
  it('beats while nothing happens, then tells the run from its start to its end in the payloads of the document', async () => {
    const jobId = await create();
    const client = await openEvents(streamOf(jobId), HEADERS);
    expect(client.answer.status).toBe(200);
    expect(client.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(client.answer.headers.get('x-accel-buffering')).toBe('no');
    await client.until((_events, comments) => comments >= 2);
    expect(client.events).toEqual([]);

    await running.rewind.startWorkers(1);
    const events = await client.until(() => false);
    const order = types(events);
    expect(order[0]).toBe('replay.started');
    expect(order.at(-1)).toBe('replay.completed');
    expect(new Set(order)).toEqual(
      new Set(['replay.started', 'replay.progress', 'replay.snapshot', 'replay.completed']),
    );
    for (const event of events) {
      const { type, data } = payload(event);
      expect(type).toBe(event.event);
      expect(data.runId).toBe(jobId);
      if (type === 'replay.started') expect(data).toEqual({ runId: jobId });
      if (type === 'replay.progress') {
        expect(Object.keys(data)).toEqual(['runId', 'progress', 'currentEvent', 'totalEvents']);
        expect(data.progress).toBeGreaterThanOrEqual(0);
        expect(data.progress).toBeLessThanOrEqual(100);
      }
      if (type === 'replay.snapshot')
        expect(data.snapshot).toMatchObject({ replayRunId: jobId, entityType: 'content' });
    }
    const run = await running.call('GET', `/api/v1/audit/replay/${jobId}?limit=1`, undefined, HEADERS);
    expect(payload(events.at(-1)!).data.result).toEqual(run.body.data.run.result);

    // A browser that connects again is told that there is nothing more.
    const again = await openEvents(streamOf(jobId), { ...HEADERS, 'last-event-id': events.at(-1)!.id });
    expect(again.answer.status).toBe(204);
  });

  it('goes on behind the last event after the server was started again', async () => {
    const jobId = await create();
    await running.ended(TENANT, jobId);
    const first = await openEvents(streamOf(jobId, '?snapshots=all'), HEADERS);
    const seen = [...(await first.until((events) => events.length >= 100))];
    await running.close();
    running = await startRunning(directory.dataDir, { flags: FLAGS });
    first.close();

    const second = await openEvents(streamOf(jobId, '?snapshots=all'), {
      ...HEADERS,
      'last-event-id': seen.at(-1)!.id,
    });
    seen.push(...(await second.until(() => false)));
    const snapshots = seen
      .filter(({ event }) => event === 'replay.snapshot')
      .map((event) => payload(event).data.snapshot);
    expect(snapshots.map((snapshot) => snapshot.snapshotIndex)).toEqual([...Array(EVENTS).keys()]);
    expect(snapshots.map((snapshot) => snapshot.eventId)).toEqual(await timelineIds(jobId));
    expect(types(seen).filter((type) => type !== 'replay.snapshot')).toEqual([
      'replay.started',
      'replay.completed',
    ]);
    const some = [0, 1, 17, EVENTS - 1];
    for (const index of some) {
      const { body } = await running.call(
        'GET',
        `/api/v1/audit/replay/${jobId}/snapshots/${index}`,
        undefined,
        HEADERS,
      );
      expect(snapshots[index]).toEqual(body.data);
    }
  });

  it('cuts a client that reads nothing, tells it so, and goes on where it was', async () => {
    const jobId = await create();
    await running.ended(TENANT, jobId);
    const { hostname, port } = new URL(running.url);
    const path = `/tenants/${TENANT}/replay-jobs/${jobId}/stream?snapshots=all`;
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.0\r\nhost: ${hostname}\r\n\r\n`);
    socket.pause();
    // Longer than the client may take nothing, shorter than what it is given on top.
    await sleep(1_600);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { events } = parseEvents(text.slice(text.indexOf('\r\n\r\n') + 4));
    expect(types(events).at(-1)).toBe('resync');
    const last = events.at(-2)!;
    expect(payload(last).data.snapshot.snapshotIndex).toBeLessThan(EVENTS - 1);

    const rest = await openEvents(`${running.url}${path}`, { 'last-event-id': last.id });
    const next = (await rest.until((found) => found.length > 0))[0]!;
    expect(payload(next).data.snapshot.snapshotIndex).toBe(payload(last).data.snapshot.snapshotIndex + 1);
    rest.close();
  });

  it('ends as failed where the run was cancelled, and is not there for other tenants', async () => {
    const jobId = await create();
    await running.call('POST', `/tenants/${TENANT}/replay-jobs/${jobId}/cancel`);
    const client = await openEvents(streamOf(jobId), HEADERS);
    const last = (await client.until(() => false)).at(-1)!;
    expect(payload(last)).toEqual({ type: 'replay.failed', data: { runId: jobId, error: 'cancelled' } });
    expect((await openEvents(streamOf(jobId), { 'x-tenant-id': 'other' })).answer.status).toBe(404);
  });

  it('is opened so often and no more', async () => {
    await running.close();
    running = await startRunning(directory.dataDir, { workers: 0, flags: FLAGS });
    const jobId = await create();
    const open = await Promise.all([1, 2, 3].map(() => openEvents(streamOf(jobId), HEADERS)));
    const refused = await running.call('GET', `/api/v1/audit/replay/${jobId}/stream`, undefined, HEADERS);
    expect([refused.status, refused.body.code]).toEqual([429, 'streams_full']);
    open[0]!.close();
    let status = 429;
    while (status === 429) {
      const client = await openEvents(streamOf(jobId), HEADERS);
      status = client.answer.status;
      client.close();
    }
    expect(status).toBe(200);
    for (const client of open) client.close();
  });
});

it('asks the store once for all who follow a job', async () => {
  let asked = 0;
  let status: 'Running' | 'Complete' = 'Running';
  const feeds = new Feeds(
    watchedJobs({
      get: async () => {
        asked++;
        return jobView('run-1', TENANT, { status, completedAt: null });
      },
    }),
    10,
  );
  const watches = await Promise.all([1, 2, 3].map(() => feeds.watch(TENANT, 'run-1')));
  expect(feeds.size).toBe(1);
  const before = asked;
  status = 'Complete';
  const never = new AbortController().signal;
  await Promise.all(watches.map((watch) => watch.changed(0, 60_000, never)));
  expect(watches.map((watch) => watch.current().view.status)).toEqual(['Complete', 'Complete', 'Complete']);
  expect(asked).toBe(before + 1);
  expect(feeds.size).toBe(0);
});

it('writes positions that read back, and takes anything else for the start', () => {
  const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String);
  const position = fc.record(
    {
      started: fc.boolean(),
      done: fc.integer({ min: -1 }),
      block: uint64,
      blockOffset: uint64,
      next: fc.nat(),
      ended: fc.nat(),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(position, (at) => isDeepStrictEqual(parsePosition(formatPosition(at)), at)));
  fc.assert(fc.property(fc.string(), (text) => isDeepStrictEqual(parsePosition(text), START)));
  expect(parsePosition(undefined)).toEqual(START);
});
