/**
 * Which tables hold rows of a job, and how they are removed. A job that was dropped is invisible already (v1_ views,
 * API): removal only frees the disk, and may be repeated.
 */
import type { Store } from './store.js';

/** Tables with a column `job_id` whose rows go with the job. The job log and the unit log stay: they are its history. */
export const JOB_TABLES: readonly string[] = [
  'snapshots',
  'snapshot_timeline',
  'timeline_index',
  'dead_letters',
  'decisions',
  'fold_scratch',
  'report_counts',
  'run_differences',
  'run_digests',
  'verified_entities',
  'notes',
];

/** Those that are partitioned by job: a partition goes at once, and its disk space with it. */
const JOB_PARTITIONS: ReadonlySet<string> = new Set([
  'snapshots',
  'snapshot_timeline',
  'decisions',
  'run_differences',
]);

export async function removeJobRows(store: Store, jobId: string): Promise<void> {
  const params = { job: jobId };
  const drop = (table: string) =>
    store.command(`ALTER TABLE ${store.t(table)} DROP PARTITION {job:String}`, params);
  await Promise.all([
    ...JOB_TABLES.map((table) =>
      JOB_PARTITIONS.has(table) ? drop(table) : deleteRows(store, table, 'job_id = {job:String}', params),
    ),
    drop('replay_events'),
    // Comparisons show values of both their runs.
    deleteRows(store, 'run_differences', 'run_a = {job:String} OR run_b = {job:String}', params),
    // Verifications name what differs from the run they are of.
    ...['run_digests', 'verified_entities'].map((table) =>
      deleteRows(store, table, 'run = {job:String}', params),
    ),
    deleteRows(store, 'entity_states', 'scope = {job:String}', params),
  ]);
}

/** A deletion goes through every part of a table, whichever jobs it belongs to: only where there is something to delete. */
async function deleteRows(
  store: Store,
  table: string,
  where: string,
  params: Record<string, unknown>,
): Promise<void> {
  const found = await store.query(`SELECT 1 FROM ${store.t(table)} WHERE ${where} LIMIT 1`, params);
  if (found.length > 0) await store.command(`DELETE FROM ${store.t(table)} WHERE ${where}`, params);
}
