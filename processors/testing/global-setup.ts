/**
 * vitest's globalSetup: owns the one cluster of a run. It is started when the first test file asks for it over a Unix
 * socket, so a run without broker tests starts none; and ended with the run.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_SOCKET, type OwnedCluster, startTestCluster } from './cluster-start.js';

export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'rewind-vitest-'));
  const path = join(directory, 'cluster.sock');
  let cluster: Promise<OwnedCluster> | null = null;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    cluster ??= startTestCluster();
    cluster.then(
      (owned) => socket.end(JSON.stringify({ address: owned.address })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // Worker processes inherit the environment.
  process.env[CLUSTER_SOCKET] = path;
  return async () => {
    delete process.env[CLUSTER_SOCKET];
    await new Promise((resolve) => server.close(resolve));
    if (cluster !== null) {
      const owned = await cluster.catch(() => null);
      await owned?.stop();
    }
    await rm(directory, { recursive: true, force: true });
  };
}
