import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { type App, buildApp } from '../app.js';
import { type FakeAppender, fakeDeps } from '../testing/fake-pipeline.js';

const PATH = '/tenants/acme/audit-events';
let app: App;
let appender: FakeAppender;

function open(env: Record<string, string> = {}): void {
  const fake = fakeDeps(env);
  appender = fake.appender;
  app = buildApp(fake.deps);
}
afterEach(() => app.close());

const post = (payload: string | Buffer | Readable, type = 'application/json', headers = {}) =>
  app.inject({ method: 'POST', url: PATH, payload, headers: { 'content-type': type, ...headers } });

describe('POST audit-events, JSON', () => {
  it('keeps the very bytes of one event', async () => {
    open();
    const text = '{ "event_type":"a.b", "event_id":"e1", "payload":{"n":12345678901234567890.10} }';
    const answer = await post(` ${text} `);
    expect(answer.statusCode).toBe(202);
    expect(appender.batches).toEqual([[` ${text} `]]);
    expect(answer.json()).toEqual({
      success: true,
      data: {
        accepted: 1,
        rejected: 0,
        results: [
          { index: 0, status: 'accepted', event_id: 'e1', topic: 'audit-events', partition: 0, offset: '0' },
        ],
      },
    });
  });

  it('answers for each event of an array in order', async () => {
    open();
    const answer = await post('[{"event_type":"a","event_id":"x,]}\\"["}, {"oops":1} ,7,{"event_type":"b"}]');
    expect(answer.statusCode).toBe(207);
    const { data } = answer.json();
    expect(data.results.map((r: { index: number; status: string }) => `${r.index} ${r.status}`)).toEqual([
      '0 accepted',
      '1 rejected',
      '2 rejected',
      '3 accepted',
    ]);
    expect(data.results[1]).toEqual({
      index: 1,
      status: 'rejected',
      code: 'field_missing',
      message: 'event_type is missing',
      pointer: '/event_type',
    });
    expect(data.results[0].event_id).toBe('x,]}"[');
  });

  it('answers 400 with a problem when none is accepted', async () => {
    open();
    const answer = await post('[{},{}]');
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem = answer.json();
    expect(problem).toMatchObject({
      success: false,
      code: 'field_missing',
      data: { accepted: 0, rejected: 2 },
    });
    expect(problem.errors.map((e: { index: number; pointer: string }) => [e.index, e.pointer])).toEqual([
      [0, '/event_type'],
      [1, '/event_type'],
    ]);
    expect(appender.batches).toEqual([]);
  });

  it('says where broken JSON breaks', async () => {
    open();
    const answer = await post('[{"event_type":"a"} {"event_type":"b"}]');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'json_invalid', detail: expect.stringContaining('byte 20') });
    expect((await post('[{"event_type":"a"}')).json().code).toBe('json_invalid');
  });

  it('refuses bodies that are too large, events that are too large, other media types, no body', async () => {
    open({ REWIND_HTTP_BODY_MAX_BYTES: '1000', REWIND_LIMITS_RECORD_MAX_BYTES: '200' });
    expect((await post(`[${' '.repeat(2000)}]`)).statusCode).toBe(413);
    const large = await post(`{"event_type":"a","payload":"${'x'.repeat(300)}"}`);
    expect(large.statusCode).toBe(413);
    expect(large.json().code).toBe('record_too_large');
    const text = await post('x', 'text/plain');
    expect([text.statusCode, text.json().code]).toEqual([415, 'media_type_unsupported']);
    const none = await app.inject({ method: 'POST', url: PATH });
    expect([none.statusCode, none.json().code]).toEqual([400, 'field_missing']);
  });

  it('passes on that the log is down, to be tried again', async () => {
    open();
    appender.fail = () => new RewindError('log_unavailable', 'no broker answers');
    const answer = await post('{"event_type":"a"}');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json().code).toBe('log_unavailable');
  });

  it('joins concurrent requests into one append', async () => {
    open();
    let release = () => {};
    appender.gate = new Promise((resolve) => {
      release = resolve;
    });
    const answers = Array.from({ length: 20 }, (_, i) => post(`{"event_type":"a","event_id":"e${i}"}`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    const offsets = (await Promise.all(answers)).map((answer) => answer.json().data.results[0].offset);
    expect(new Set(offsets).size).toBe(20);
    expect(appender.batches.length).toBeLessThanOrEqual(2);
  });
});

describe('POST audit-events, NDJSON', () => {
  it('takes a stream in chunks cut anywhere, gzip too', async () => {
    open();
    const lines = Array.from({ length: 5000 }, (_, i) => `{"event_type":"ü","event_id":"e${i}"}`);
    const bytes = Buffer.from(`${lines.join('\r\n')}\n\n`);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 977) chunks.push(bytes.subarray(at, at + 977));
    const answer = await post(Readable.from(chunks), 'application/x-ndjson');
    expect(answer.statusCode).toBe(202);
    expect(answer.json().data).toEqual({
      accepted: 5000,
      rejected: 0,
      errors: [],
      errors_truncated: false,
      lines: 5000,
    });
    expect(appender.batches.flat()).toEqual(lines);
    const packed = await post(gzipSync(bytes), 'application/x-ndjson', { 'content-encoding': 'gzip' });
    expect(packed.json().data.accepted).toBe(5000);
    const other = await post(bytes, 'application/x-ndjson', { 'content-encoding': 'br' });
    expect(other.statusCode).toBe(415);
  });

  it('names rejected lines, blank ones counted, and keeps the first 1,000', async () => {
    open();
    const bad = '{}\n'.repeat(1500);
    const answer = await post(`{"event_type":"a"}\n\n{"event_type":\n${bad}`, 'application/x-ndjson');
    expect(answer.statusCode).toBe(207);
    const { data } = answer.json();
    expect([data.accepted, data.rejected, data.errors.length, data.errors_truncated]).toEqual([
      1,
      1501,
      1000,
      true,
    ]);
    expect(data.errors[0]).toMatchObject({ index: 3, code: 'json_invalid' });
    expect(data.errors[1]).toMatchObject({ index: 4, code: 'field_missing' });
  });

  it('drops a line that is too long and goes on behind it', async () => {
    open({ REWIND_LIMITS_RECORD_MAX_BYTES: '100' });
    const long = `{"event_type":"${'x'.repeat(10_000)}"}`;
    const answer = await post(`${long}\n{"event_type":"a"}`, 'application/x-ndjson');
    expect(answer.json().data).toMatchObject({ accepted: 1, rejected: 1 });
    expect(answer.json().data.errors[0]).toMatchObject({ index: 1, code: 'record_too_large' });
  });

  it('says from which line to send again when the log fails', async () => {
    open();
    appender.fail = (values) =>
      values.some((value) => value.includes('e3')) ? new RewindError('log_unavailable', 'gone') : null;
    async function* lines() {
      for (let i = 1; i <= 5; i++) {
        yield `{"event_type":"a","event_id":"e${i}"}\n`;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const answer = await post(Readable.from(lines()), 'application/x-ndjson');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'log_unavailable', resumeFromLine: 3, linesStored: 2 });
  });
});
