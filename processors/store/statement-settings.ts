/** The ClickHouse settings that every statement carries, so that no server profile changes what Rewind means. */
import type { Store } from './store.js';

export const READ_SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  date_time_output_format: 'iso',
  // An error in mid-stream must never look like a row.
  http_write_exception_in_output_format: 0,
} as const;

export const WRITE_SETTINGS = {
  async_insert: 0,
  // Rows come sorted by entity, so one insert may touch many months: that is no mistake to refuse.
  max_partitions_per_insert_block: '0',
  // The answer comes when the statement has ended, and its status says how.
  wait_end_of_query: 1,
} as const;

export const INSERT_SETTINGS = {
  date_time_input_format: 'best_effort',
  input_format_skip_unknown_fields: 0,
  // Larger blocks cost memory and are slower; batches of the pipeline fit into one.
  min_insert_block_size_rows: '131072',
  min_insert_block_size_bytes: '33554432',
} as const;

/**
 * What an insert writes is decided by claims and manifests; deduplication would drop rows with a success answer. Newer
 * servers have settings that override `insert_deduplicate`, older ones refuse what they do not know.
 */
const NO_DEDUPLICATION: Readonly<Record<string, string>> = {
  insert_deduplicate: '0',
  deduplicate_insert: 'disable',
  deduplicate_insert_select: 'disable',
};

/** The settings against deduplication, of those that this server knows. */
export async function knownNoDeduplication(store: Store): Promise<Record<string, string>> {
  const rows = await store.query<{ name: string }>(
    'SELECT name FROM system.settings WHERE has({names:Array(String)}, name)',
    { names: Object.keys(NO_DEDUPLICATION) },
  );
  return Object.fromEntries(rows.map(({ name }) => [name, NO_DEDUPLICATION[name]!]));
}
