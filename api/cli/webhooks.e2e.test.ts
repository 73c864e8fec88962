/**
 * A server that is killed (-9) while it sends: after it comes again the message comes again, under the same id. All by
 * the command line, as people type it.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRewind, type ServerProcess, startRewind } from '../../processors/testing/rewind-process.js';
import { testDirectory } from '../testing/running.js';

const got: IncomingHttpHeaders[] = [];
let answerNow: (answer: ServerResponse) => void = () => undefined;
const receiver = createServer((request, answer) => {
  request.resume();
  request.on('end', () => {
    got.push(request.headers);
    answerNow(answer);
  });
});

let directory: Awaited<ReturnType<typeof testDirectory>>;
let server: ServerProcess | undefined;

const env = {
  REWIND_WEBHOOKS_ALLOW_HTTP: 'true',
  REWIND_WEBHOOKS_ALLOW_NETWORKS: '["127.0.0.0/8"]',
  REWIND_WEBHOOKS_POLL_MS: '50',
  REWIND_WEBHOOKS_TIMEOUT_MS: '60000',
};
const serve = async () => {
  server = await startRewind([], { cwd: directory.dataDir, env });
};

beforeAll(async () => {
  directory = await testDirectory();
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  await serve();
});
afterAll(async () => {
  await server?.stop();
  receiver.closeAllConnections();
  receiver.close();
  await directory?.remove();
});

async function rewind(...argv: string[]): Promise<string> {
  const place = { cwd: directory.dataDir, env: { REWIND_URL: server?.url ?? '' } };
  const { code, out, err } = await runRewind(argv, place);
  expect(code, err).toBe(0);
  return out;
}

it('sends a message again after a kill, under its old id, and says so', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const secret = await rewind('webhook', 'create', url, '--events', 'job.completed');
  expect(secret).toMatch(/^whsec_[\w+/]{43}=\n$/);
  const [hook] = JSON.parse(await rewind('webhook', 'list', '--output', 'json'));
  await rewind(
    ...['replay', 'create', '--from', '2024-01-01T00:00:00Z', '--to', '2024-01-02T00:00:00Z'],
    '--quiet',
  );
  while (got.length === 0) await sleep(25);
  process.kill(server!.pid, 'SIGKILL');
  answerNow = (answer) => answer.writeHead(200).end();
  await serve();
  while (got.length === 1) await sleep(25);
  expect(got[1]!['webhook-id']).toBe(got[0]!['webhook-id']);
  const listed = async () =>
    JSON.parse(await rewind('webhook', 'deliveries', hook.webhook_id, '--output', 'json'));
  let deliveries = await listed();
  while (deliveries[0]?.state !== 'delivered') deliveries = await listed();
  expect(deliveries).toMatchObject([{ delivery_id: got[0]!['webhook-id'], attempts: 1, status: 200 }]);
});
