/**
 * Listens, and stops without cutting anyone off: new work is refused through /readyz, requests under way are finished,
 * and only what is still running after the deadline is dropped.
 */
import type { AddressInfo } from 'node:net';
import { RewindError } from '../schemas/errors.js';
import { buildApp } from './app.js';
import type { ApiDeps } from './context.js';

export interface RunningServer {
  /** `http://host:port` with the port really taken. */
  readonly url: string;
  /** Stops listening, finishes requests under way, resolves when the last connection is gone. Repeatable. */
  stop(reason: string): Promise<void>;
}

const DRAIN_MAX_MS = 15_000;

/**
 * Starts to listen on `http.host` and `http.port` (0: any free port).
 * @throws RewindError preflight_failed when the address cannot be had
 */
export async function startServer(deps: ApiDeps): Promise<RunningServer> {
  let draining = false;
  let stopped: Promise<void> | undefined;
  const app = buildApp(deps, () => draining);
  const { host, port } = deps.config.http;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const reason =
      (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? `Port ${port} on ${host} is taken; choose another with --port.`
        : `Cannot listen on ${host}:${port}: ${(cause as Error).message}`;
    throw new RewindError('preflight_failed', reason, { cause });
  }
  const url = urlOf(app.server.address() as AddressInfo);
  deps.telemetry.event('server.listening', { url });
  if (deps.config.auth.methods.length === 0) deps.telemetry.event('signin.none', { url });
  const drain = async (reason: string) => {
    draining = true;
    const started = performance.now();
    deps.telemetry.event('server.draining', { reason });
    const deadline = setTimeout(() => app.server.closeAllConnections(), DRAIN_MAX_MS);
    await app.close();
    clearTimeout(deadline);
    deps.telemetry.event('server.stopped', { drainedMs: Math.round(performance.now() - started) });
  };
  return {
    url,
    stop: (reason) => {
      stopped ??= drain(reason);
      return stopped;
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
