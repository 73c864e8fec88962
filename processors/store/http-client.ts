/** The stock client, set up against its known pitfalls. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ResolvedConnection } from './connection.js';

/** Idle sockets are given up well before any server closes them: a reset on reuse would be a lost answer. */
const IDLE_SOCKET_MS = 2_000;

/** @param silenceMs a request whose socket is silent for so long is given up */
export function httpClient(
  connection: ResolvedConnection,
  sockets: number,
  silenceMs: number,
): ClickHouseClient {
  return createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    application: 'rewind',
    request_timeout: silenceMs,
    max_open_connections: sockets,
    compression: { request: false, response: false },
    keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS, eagerly_destroy_stale_sockets: true },
    // Errors reach the caller; the client's own words would only double them.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
