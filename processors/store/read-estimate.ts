/**
 * What a read of one table opens at most, by the table's own indexes and without reading a row: the engine names the
 * granules that it cannot rule out. The plan of a job shows it.
 */
import type { Clause } from './selection.js';
import type { Store } from './store.js';

/** Of `bytes`: whole rows as they lie on disk, though a read takes only the columns that it needs. */
export interface ReadEstimate {
  readonly rows: bigint;
  readonly bytes: bigint;
}

/** One estimate for each condition, in their order. */
export async function estimateReads(
  store: Store,
  table: string,
  conditions: readonly Clause[],
): Promise<ReadEstimate[]> {
  const [database, name] = store.t(table).split('.');
  const stored = await store.query<{ rows: string; bytes: string }>(
    `SELECT toString(sum(rows)) AS rows, toString(sum(data_compressed_bytes)) AS bytes FROM system.parts
     WHERE active AND database = {database:String} AND table = {name:String}`,
    { database, name },
  );
  const all = { rows: BigInt(stored[0]!.rows), bytes: BigInt(stored[0]!.bytes) };
  return Promise.all(
    conditions.map(async ({ sql, params }) => {
      const opened = await store.query<{ rows: string }>(
        `EXPLAIN ESTIMATE SELECT event_id FROM ${store.t(table)} WHERE ${sql}`,
        params,
      );
      const rows = opened.reduce((sum, part) => sum + BigInt(part.rows), 0n);
      return { rows, bytes: all.rows === 0n ? 0n : (rows * all.bytes) / all.rows };
    }),
  );
}
