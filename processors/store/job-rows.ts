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
const JOB_PARTITIONS: readonly string[] = [
  'snapshots',
  'snapshot_timeline',
  'decisions',
  'run_differences',
  'replay_events',
];

/** Columns with the id of a job, by table: rows that hold it in any of them go with the job. A partition goes by itself. */
const COLUMNS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...JOB_TABLES.filter((table) => !JOB_PARTITIONS.includes(table)).map(
    (table) => [table, ['job_id']] as const,
  ),
  // Comparisons show values of both their runs.
  ['run_differences', ['run_a', 'run_b']],
  // Verifications name what differs from the run they are of.
  ['run_digests', ['job_id', 'run']],
  ['verified_entities', ['job_id', 'run']],
  ['entity_states', ['scope']],
]);

export async function removeJobRows(store: Store, jobId: string): Promise<void> {
  const params = { job: jobId };
  await Promise.all([
    ...JOB_PARTITIONS.map((table) =>
      store.command(`ALTER TABLE ${store.t(table)} DROP PARTITION {job:String}`, params),
    ),
    ...[...COLUMNS].map(([table, columns]) =>
      deleteRows(store, table, columns.map((column) => `${column} = {job:String}`).join(' OR '), params),
    ),
  ]);
}

/**
 * Jobs whose rows were removed and of which there are rows all the same: a statement of a worker that died ends in the
 * store when it ends, and one that was frozen goes on when it thaws.
 */
export async function lateRows(store: Store): Promise<ReadonlySet<string>> {
  const dropped = `SELECT job_id FROM ${store.t('job_events')} WHERE kind = 'dropped'`;
  const places = [
    ...JOB_PARTITIONS.map((table) => [table, 'job_id'] as const),
    ...[...COLUMNS].flatMap(([table, columns]) => columns.map((column) => [table, column] as const)),
  ];
  const found = await Promise.all(
    places.map(([table, column]) =>
      store.query<{ job: string }>(
        `SELECT DISTINCT ${column} AS job FROM ${store.t(table)} WHERE ${column} IN (${dropped})`,
      ),
    ),
  );
  return new Set(found.flat().map(({ job }) => job));
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
