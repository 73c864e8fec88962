/**
 * A range folded by a chain of incremental runs, read as one history: of each entity the rows of the newest run, and
 * before them, where that run began with a state of the entity, those of the run that it goes on from.
 */
import type { Store } from '../../store/store.js';
import type { OracleSnapshot } from '../oracle/types.js';
import { readSnapshots } from './read-run.js';

interface RunRows {
  readonly rows: readonly OracleSnapshot[];
  /** Entities that the run began with a state of. */
  readonly based: ReadonlySet<string>;
}

const entityOf = (type: string, id: string) => JSON.stringify([type, id]);

export async function readRunRows(store: Store, job: string): Promise<RunRows> {
  const states = await store.query<{ entity_type: string; entity_id: string }>(
    `SELECT entity_type, entity_id FROM ${store.t('entity_states')} WHERE scope = {job:String}`,
    { job },
  );
  return {
    rows: await readSnapshots(store, job),
    based: new Set(states.map((row) => entityOf(row.entity_type, row.entity_id))),
  };
}

/** `runs`: oldest first. Rows in timeline order. */
export function chainedRows(runs: readonly RunRows[]): OracleSnapshot[] {
  const rows: OracleSnapshot[] = [];
  let replaced = new Set<string>();
  for (const { rows: own, based } of [...runs].reverse()) {
    const seen = new Set(replaced);
    for (const row of own) {
      const entity = entityOf(row.entityType, row.entityId);
      if (!replaced.has(entity)) rows.push(row);
      if (!based.has(entity)) seen.add(entity);
    }
    replaced = seen;
  }
  return rows.sort(timelineOrder);
}

function timelineOrder(a: OracleSnapshot, b: OracleSnapshot): number {
  if (a.occurredAtNs !== b.occurredAtNs) return a.occurredAtNs < b.occurredAtNs ? -1 : 1;
  return Buffer.compare(Buffer.from(a.eventId), Buffer.from(b.eventId)) || a.n - b.n;
}
