/** A run's snapshots beside the oracle's, in one form; coordinates are left out, since the log gives its own. */
import type { OracleSnapshot } from '../oracle/types.js';

export interface ComparedSnapshot {
  readonly entityType: string;
  readonly entityId: string;
  readonly foldSeq: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly occurredAtNs: string;
  readonly n: number;
  readonly exists: boolean;
  readonly changes: number;
  readonly stateBefore: string;
  readonly stateAfter: string;
  readonly diff: string;
}

/** One line of the export of v1_snapshots. */
interface ExportedRow {
  readonly [column: string]: string | number;
}

export function exported(ndjson: string): ComparedSnapshot[] {
  const lines = ndjson.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const row = JSON.parse(line) as ExportedRow;
    return {
      entityType: String(row.entity_type),
      entityId: String(row.entity_id),
      foldSeq: String(row.fold_seq),
      eventId: String(row.event_id),
      eventType: String(row.event_type),
      occurredAtNs: nanoseconds(String(row.occurred_at)),
      n: Number(row.n),
      exists: Number(row.exists) === 1,
      changes: Number(row.changes),
      stateBefore: String(row.state_before),
      stateAfter: String(row.state_after),
      diff: String(row.diff),
    };
  });
}

export function expected(snapshots: readonly OracleSnapshot[]): ComparedSnapshot[] {
  return snapshots.map((one) => ({
    entityType: one.entityType,
    entityId: one.entityId,
    foldSeq: String(one.foldSeq),
    eventId: one.eventId,
    eventType: one.eventType,
    occurredAtNs: String(one.occurredAtNs),
    n: one.n,
    exists: one.exists,
    changes: one.changes,
    stateBefore: one.stateBefore,
    stateAfter: one.stateAfter,
    diff: one.diff,
  }));
}

/** `2023-07-10T11:58:10.000000000Z`; with a space and without the Z where the store writes dates plainly. */
function nanoseconds(text: string): string {
  const [seconds, fraction = ''] = text.replace(' ', 'T').replace(/Z$/, '').split('.');
  return String(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

/** The first difference in words; null: the lists are equal, row for row and in order. */
export function firstDifference(
  found: readonly ComparedSnapshot[],
  wanted: readonly ComparedSnapshot[],
): string | null {
  for (let i = 0; i < Math.max(found.length, wanted.length); i++) {
    const [left, right] = [JSON.stringify(found[i]), JSON.stringify(wanted[i])];
    if (left !== right) return `row ${i}: found ${left}\n        expected ${right}`;
  }
  return null;
}
