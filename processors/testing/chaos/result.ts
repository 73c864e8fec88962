/**
 * What a run shows through the views, in a form that compares: counters, every entity's rows, timeline and dead letters
 * as digests made by ClickHouse. Two runs over the same data must be equal in all of it.
 */
import type { JobCounters, Verdict } from '../../../schemas/job.js';
import type { Store } from '../../store/store.js';
import type { Rewind } from '../../topology.js';
import { CHAOS_TENANT } from './input.js';

export interface RunPicture {
  readonly status: string;
  readonly error: unknown;
  readonly counters: JobCounters;
  readonly verdict: Verdict | null;
  /** Digest of all snapshot rows (state before, after and diff included) by `type/id`. */
  readonly entities: ReadonlyMap<string, string>;
  /** Digest of the timeline's rows by `type/id`. */
  readonly timeline: ReadonlyMap<string, string>;
  readonly timelineIndex: string;
  readonly deadLetters: string;
}

interface EntityRow {
  entity: string;
  digest: string;
  doubled: number;
}

/** Visible rows by entity: count and digest, and whether a place in the fold order is there twice. */
export async function visibleEntities(store: Store, jobId: string): Promise<EntityRow[]> {
  return store.query<EntityRow>(
    `SELECT entity_type || '/' || entity_id AS entity, count() != uniqExact(fold_seq) AS doubled,
       toString(count()) || ':' || toString(sum(cityHash64(fold_seq, occurred_at, event_id, event_type, topic_id,
         partition, offset, n, exists, changes, state_before, state_after, diff))) AS digest
     FROM ${store.t('v1_snapshots')} WHERE job_id = {jobId:String} GROUP BY entity`,
    { jobId },
  );
}

/** The timeline's rows by entity: count and digest. They show with the snapshots, in whole entities. */
export async function timelineEntities(store: Store, jobId: string): Promise<Map<string, string>> {
  const rows = await store.query<{ entity: string; digest: string }>(
    `SELECT entity_type || '/' || entity_id AS entity, toString(count()) || ':' ||
       toString(sum(cityHash64(occurred_at, event_id, n, fold_seq, event_type, changes))) AS digest
     FROM ${store.t('v1_timeline')} WHERE job_id = {jobId:String} GROUP BY entity`,
    { jobId },
  );
  return new Map(rows.map(({ entity, digest }) => [entity, digest]));
}

/** Count and digest of a view's rows of one run; order does not count, repeats do. */
export async function viewDigest(
  store: Store,
  jobId: string,
  view: string,
  columns: string,
): Promise<string> {
  const rows = await store.query<{ digest: string }>(
    `SELECT toString(count()) || ':' || toString(sum(cityHash64(${columns}))) AS digest
     FROM ${store.t(view)} WHERE job_id = {jobId:String}`,
    { jobId },
  );
  return rows[0]?.digest ?? '';
}

export async function pictureOf(rewind: Rewind, store: Store, jobId: string): Promise<RunPicture> {
  const job = await rewind.replay.get(CHAOS_TENANT, jobId);
  const entities = new Map<string, string>();
  for (const row of await visibleEntities(store, jobId))
    entities.set(row.entity, row.doubled ? `doubled ${row.digest}` : row.digest);
  return {
    status: job.status,
    error: job.error,
    counters: job.counters,
    verdict: job.result?.verdict ?? null,
    entities,
    timeline: await timelineEntities(store, jobId),
    timelineIndex: await viewDigest(store, jobId, 'v1_timeline_index', 'idx, occurred_at, event_id, n'),
    deadLetters: await viewDigest(
      store,
      jobId,
      'v1_dead_letters',
      'kind, stage, error_code, error, event_id, entity_type, entity_id, occurred_at, topic_id, partition, offset, n',
    ),
  };
}

/** What differs, in words; empty: the runs are equal. */
export function differences(expected: RunPicture, actual: RunPicture): string[] {
  const found: string[] = [];
  for (const part of ['status', 'error', 'counters', 'verdict', 'timelineIndex', 'deadLetters'] as const) {
    const [wanted, got] = [JSON.stringify(expected[part]), JSON.stringify(actual[part])];
    if (wanted !== got) found.push(`${part}: expected ${wanted}, got ${got}`);
  }
  for (const part of ['entities', 'timeline'] as const) {
    for (const entity of new Set([...expected[part].keys(), ...actual[part].keys()])) {
      const [wanted, got] = [expected[part].get(entity), actual[part].get(entity)];
      if (wanted !== got) found.push(`${part}, ${entity}: expected ${wanted}, got ${got}`);
    }
  }
  return found.length > 12 ? [...found.slice(0, 12), `and ${found.length - 12} more`] : found;
}
