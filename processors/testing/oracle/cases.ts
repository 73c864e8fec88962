/** What the hand-written cases of the oracle start from: one tenant, one partition, one job. */
import { readFileSync } from 'node:fs';
import type { Encoding } from '../../../schemas/encoding.js';
import type { OracleJob, SentEvent, SentRecord } from './types.js';

export const builtIn = JSON.parse(
  readFileSync(new URL('../../../schemas/encodings/rewind.json', import.meta.url), 'utf8'),
) as Encoding;

export const T0 = 1_705_314_600_000_000_000n; // 2024-01-15T10:30:00Z

export function job(change: Partial<OracleJob> = {}): OracleJob {
  return {
    tenantId: 'acme',
    startNs: T0,
    endNs: T0 + 1_000_000n,
    filters: {},
    ordering: 'event_time',
    snapshots: 'all',
    onFailure: 'skip',
    encoding: builtIn,
    builtIn,
    ...change,
  };
}

export const send = (
  offset: number,
  eventType: string,
  payloadJson: string,
  more: Partial<SentEvent> = {},
): SentRecord => ({
  topicId: 't1',
  partition: 0,
  offset: BigInt(offset),
  recordTimeMs: T0 / 1_000_000n,
  event: {
    tenantId: 'acme',
    eventId: `e${offset}`,
    eventType,
    occurredAtNs: T0 + BigInt(offset),
    payloadJson,
    ...more,
  },
});

export const garbage = (offset: number, recordTimeMs = T0 / 1_000_000n): SentRecord => ({
  ...send(offset, 'x', '{}'),
  recordTimeMs,
  event: null,
});

export const NOTHING = {
  scanned: 0,
  processed: 0,
  failed: 0,
  duplicates: 0,
  conflicts: 0,
  skipped: 0,
  snapshots: 0,
  changed: 0,
  entities: 0,
};
