import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, buildApp } from '../app.js';
import { type FakeAppender, fakeDeps } from '../testing/fake-pipeline.js';

let app: App;
let appender: FakeAppender;

beforeEach(() => {
  const fake = fakeDeps();
  appender = fake.appender;
  app = buildApp(fake.deps);
});
afterEach(() => app.close());

const decision = (id: string) => ({
  decision_id: id,
  path: 'a/b',
  timestamp: '2024-01-01T00:00:00Z',
  result: true,
});
const post = (payload: Buffer | string, headers: Record<string, string> = {}, url = '/logs') =>
  app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });
const gzip = { 'content-encoding': 'gzip' };

describe('POST /logs', () => {
  it('takes what OPA sends: a gzip JSON array', async () => {
    const answer = await post(gzipSync(JSON.stringify([decision('a'), decision('b')])), gzip);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ success: true, data: { accepted: 2, rejected: 0, errors: [] } });
    expect(appender.batches.flat()).toHaveLength(2);
  });

  it('keeps the good decisions of an upload and says what is wrong with the others', async () => {
    const answer = await post(JSON.stringify([decision('a'), { decision_id: 'b' }]), {}, '/logs/edge');
    expect(answer.statusCode).toBe(207);
    expect(answer.json().data).toEqual({
      accepted: 1,
      rejected: 1,
      errors: [{ index: 1, code: 'field_missing', message: 'timestamp is missing', pointer: '/timestamp' }],
    });
    expect(appender.batches.flat()[0]).toContain('"partition_name":"edge"');
  });

  it('refuses an upload of which nothing is good', async () => {
    const answer = await post('[{}, 1]');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'field_missing', success: false });
    expect(answer.json().errors.map((error: { index: number }) => error.index)).toEqual([0, 1]);
    expect((await post('')).statusCode).toBe(400);
    expect((await post('[')).json()).toMatchObject({ code: 'json_invalid' });
  });

  it('unpacks no more than allowed', async () => {
    const bomb = gzipSync(Buffer.alloc(40 << 20, ' '));
    expect(bomb.length).toBeLessThan(100_000);
    const answer = await post(bomb, gzip);
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'body_too_large']);
    expect((await post('no gzip', gzip)).json().code).toBe('json_invalid');
    expect((await post('[]', { 'content-encoding': 'br' })).json().code).toBe('media_type_unsupported');
    expect((await post(Buffer.alloc(9 << 20, ' '))).statusCode).toBe(413);
    expect(appender.batches).toEqual([]);
  });
});
