import { afterEach, expect, expectTypeOf, it } from 'vitest';
import { type RunningServer, startServer } from '../server.js';
import { BIG, fakeDeps } from '../testing/fake-pipeline.js';
import { openClient } from './client.js';

let server: RunningServer | undefined;
afterEach(() => server?.stop('test'));

it('knows paths, parameters and answers', async () => {
  server = await startServer(fakeDeps({ REWIND_HTTP_PORT: '0' }).deps);
  const client = openClient(`${server.url}/`);
  const path = { tenant_id: 'acme', job_id: 'run-123' };
  const { data } = await client.GET('/tenants/{tenant_id}/replay-jobs/{job_id}', { params: { path } });
  expectTypeOf(data!.data.status).toEqualTypeOf<
    'Pending' | 'Running' | 'Paused' | 'Complete' | 'Failed' | 'Cancelled'
  >();
  expect(data?.data).toMatchObject({ job_id: 'run-123', status: 'Complete' });

  const { error, response } = await client.GET('/tenants/{tenant_id}/replay-jobs/{job_id}', {
    params: { path: { ...path, job_id: 'a/b' } },
  });
  expect([response.status, error?.code]).toEqual([404, 'job_not_found']);

  // @ts-expect-error no such status
  await client.GET('/tenants/{tenant_id}/replay-jobs', { params: { path, query: { status: 'Done' } } });
});

it('gives the very text where digits count', async () => {
  server = await startServer(fakeDeps({ REWIND_HTTP_PORT: '0' }).deps);
  const { data } = await openClient(server.url).GET(
    '/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}',
    { params: { path: { tenant_id: 'acme', job_id: 'run-123', index: 5 } }, parseAs: 'text' },
  );
  expect(data).toContain(BIG);
});
