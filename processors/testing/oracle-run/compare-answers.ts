/**
 * A run as the service shows it (timeline pages, snapshots by index, histories, states at a time) against the oracle: it
 * reads rows in another way than the views do, and must show the same.
 */
import type { ReplayService, SnapshotView } from '../../replay/service.js';
import { formatRfc3339Ns } from '../../sources/time.js';
import type { OracleSnapshot } from '../oracle/types.js';
import { TENANT } from './rig.js';

const PAGE = 250;
/** Snapshots by index, and entities, that are looked at one by one. */
const SINGLE = 25;

/** Throws at the first difference. `snapshots`: the oracle's, in timeline order. */
export async function compareAnswers(
  replay: ReplayService,
  jobId: string,
  snapshots: readonly OracleSnapshot[],
): Promise<void> {
  for (let from = 0; from <= snapshots.length; from += PAGE) {
    const entries = await replay.timeline(TENANT, jobId, { from, limit: PAGE });
    const expected = snapshots.slice(from, from + PAGE).map((row, i) => ({
      index: from + i,
      eventId: row.eventId,
      eventType: row.eventType,
      timestamp: formatRfc3339Ns(row.occurredAtNs),
      entityType: row.entityType,
      entityId: row.entityId,
      changes: row.changes,
    }));
    same(`timeline from ${from}`, expected, entries);
  }
  const step = Math.max(1, Math.floor(snapshots.length / SINGLE));
  for (let index = 0; index < snapshots.length; index += step) {
    const row = snapshots[index]!;
    same(`snapshot ${index}`, told(row), toldBy(await replay.snapshot(TENANT, jobId, index)));
    await compareEntity(replay, jobId, snapshots, row);
  }
}

async function compareEntity(
  replay: ReplayService,
  jobId: string,
  snapshots: readonly OracleSnapshot[],
  { entityType: type, entityId: id, occurredAtNs: timeNs }: OracleSnapshot,
): Promise<void> {
  const own = snapshots
    .filter((row) => row.entityType === type && row.entityId === id)
    .sort((a, b) => a.foldSeq - b.foldSeq);
  const limit = Math.max(1, Math.ceil(own.length / 3));
  const shown: SnapshotView[] = [];
  for (;;) {
    const afterSeq = shown.at(-1)?.foldSeq;
    const options = { jobId, limit, ...(afterSeq === undefined ? {} : { afterSeq }) };
    const page = await replay.entityHistory(TENANT, { type, id }, options);
    shown.push(...page);
    if (page.length < limit) break;
  }
  same(`history of ${type} ${id}`, own.map(told), shown.map(toldBy));
  const last = own.filter((row) => row.occurredAtNs <= timeNs).at(-1)!;
  const at = await replay.entityAt(TENANT, { type, id }, { jobId, timeNs });
  same(`${type} ${id} at ${timeNs}`, told(last), toldBy(at));
}

const told = (row: OracleSnapshot) => ({
  eventId: row.eventId,
  eventType: row.eventType,
  timestamp: formatRfc3339Ns(row.occurredAtNs),
  entityType: row.entityType,
  entityId: row.entityId,
  foldSeq: String(row.foldSeq),
  before: row.stateBefore,
  after: row.stateAfter,
  diff: row.diff,
  exists: row.exists,
  partition: row.partition,
  offset: row.offset.toString(),
});

const toldBy = (view: SnapshotView) => ({
  eventId: view.eventId,
  eventType: view.eventType,
  timestamp: view.timestamp,
  entityType: view.entityType,
  entityId: view.entityId,
  foldSeq: view.foldSeq,
  before: view.stateBeforeJson,
  after: view.stateAfterJson,
  diff: view.diffJson,
  exists: view.exists,
  partition: view.partition,
  offset: view.offset,
});

function same(what: string, expected: unknown, shown: unknown): void {
  const [a, b] = [JSON.stringify(expected), JSON.stringify(shown)];
  if (a !== b)
    throw new Error(`${what}\n  by the oracle: ${a.slice(0, 2000)}\n  by the run:    ${b.slice(0, 2000)}`);
}
