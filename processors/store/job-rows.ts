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
  'notes',
];

export async function removeJobRows(store: Store, jobId: string): Promise<void> {
  for (const table of JOB_TABLES)
    await store.command(`DELETE FROM ${store.t(table)} WHERE job_id = {job:String}`, { job: jobId });
  // Comparisons show values of both their runs.
  await store.command(
    `DELETE FROM ${store.t('run_differences')} WHERE run_a = {job:String} OR run_b = {job:String}`,
    { job: jobId },
  );
  await store.command(`DELETE FROM ${store.t('entity_states')} WHERE scope = {job:String}`, { job: jobId });
  await store.command(`ALTER TABLE ${store.t('replay_events')} DROP PARTITION {job:String}`, { job: jobId });
}
