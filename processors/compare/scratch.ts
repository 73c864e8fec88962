/** The scratch table: rows of folds that are only looked at, a partition for each fold. */
import type { Store } from '../store/store.js';

/** Drops the rows of one fold; none there is no error. */
export async function dropScratch(store: Store, claim: string): Promise<void> {
  await store.command(`ALTER TABLE ${store.t('fold_scratch')} DROP PARTITION ID '${BigInt(claim)}'`);
}

/** At the end of a job: rows of folds that ended with their worker, or came after, and the states that they began with. */
export async function sweepScratch(store: Store, jobId: string): Promise<void> {
  const rows = await store.query<{ claim: string }>(
    `SELECT DISTINCT toString(claim) AS claim FROM ${store.t('fold_scratch')} WHERE job_id = {jobId:String}`,
    { jobId },
  );
  for (const { claim } of rows) await dropScratch(store, claim);
  await store.command(`DELETE FROM ${store.t('entity_states')} WHERE scope = {jobId:String}`, { jobId });
}
