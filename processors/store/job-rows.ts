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
  'replay_events',
]);

/** Where the id of a job stands that rows are to go with. */
interface Place {
  readonly table: string;
  readonly column: string;
}

const PLACES: readonly Place[] = [
  ...[...JOB_TABLES, 'replay_events'].map((table) => ({ table, column: 'job_id' })),
  // Comparisons show values of both their runs.
  { table: 'run_differences', column: 'run_a' },
  { table: 'run_differences', column: 'run_b' },
  // Verifications name what differs from the run they are of.
  { table: 'run_digests', column: 'run' },
  { table: 'verified_entities', column: 'run' },
  { table: 'entity_states', column: 'scope' },
];

export async function removeJobRows(store: Store, jobId: string): Promise<void> {
  await Promise.all(PLACES.map((place) => removeAt(store, place, jobId)));
}

/**
 * Jobs whose rows were removed and of which there are rows all the same: a statement of a worker that died ends in the
 * store when it ends, and one that was frozen goes on when it thaws.
 */
export async function lateRows(store: Store): Promise<ReadonlySet<string>> {
  const dropped = `SELECT job_id FROM ${store.t('job_events')} WHERE kind = 'dropped'`;
  const found = await Promise.all(
    PLACES.map(({ table, column }) =>
      store.query<{ job: string }>(
        `SELECT DISTINCT ${column} AS job FROM ${store.t(table)} WHERE ${column} IN (${dropped})`,
      ),
    ),
  );
  return new Set(found.flat().map(({ job }) => job));
}

function removeAt(store: Store, { table, column }: Place, jobId: string): Promise<void> {
  const params = { job: jobId };
  if (column === 'job_id' && JOB_PARTITIONS.has(table))
    return store.command(`ALTER TABLE ${store.t(table)} DROP PARTITION {job:String}`, params);
  return deleteRows(store, table, `${column} = {job:String}`, params);
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
