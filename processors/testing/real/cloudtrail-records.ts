/**
 * CloudTrail records as the oracle takes them. Read by hand and plainly, not by the pipeline's decoders or the
 * encoding's envelope: what both sides agree on was found twice.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SentRecord } from '../oracle/types.js';

interface CloudTrailRecord {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly userIdentity?: Readonly<Record<string, unknown>>;
}

/** The records of an NDJSON file (.gz too), in the order of the file; their places in a log are made up. */
export function readRecords(path: string, tenantId: string): SentRecord[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => sentRecord(line, index, tenantId));
}

function sentRecord(line: string, index: number, tenantId: string): SentRecord {
  const record = JSON.parse(line) as CloudTrailRecord;
  const timeMs = BigInt(Date.parse(record.eventTime));
  return {
    topicId: 'file',
    partition: 0,
    offset: BigInt(index),
    recordTimeMs: timeMs,
    event: {
      tenantId,
      eventId: record.eventID,
      eventType: `${record.eventSource.split('.')[0]?.toLowerCase()}.${record.eventName}`,
      actor: actorOf(record.userIdentity ?? {}),
      action: record.eventName,
      occurredAtNs: timeMs * 1_000_000n,
      payloadJson: line,
    },
  };
}

function actorOf(identity: Readonly<Record<string, unknown>>): string {
  const names = [identity.arn, identity.principalId, identity.invokedBy, identity.type];
  return names.find((name): name is string => typeof name === 'string') ?? '';
}
