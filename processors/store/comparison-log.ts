/** Which comparisons were asked for. Two who ask for the same pair at once write two rows, and the first one counts. */
import type { ComparisonReason } from '../compare/contract.js';
import type { Store } from './store.js';

export interface StoredComparison {
  readonly tenantId: string;
  readonly comparisonId: string;
  readonly runA: string;
  readonly runB: string;
  /** False: only last states are compared. */
  readonly history: boolean;
  readonly reasons: readonly ComparisonReason[];
  readonly units: number;
  readonly actor: string;
  readonly createdMs: number;
}

interface Row {
  comparison_id: string;
  run_a: string;
  run_b: string;
  history: number;
  reasons: ComparisonReason[];
  units: number;
  actor: string;
  created_ms: string;
}

export class ComparisonLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async created(one: Omit<StoredComparison, 'createdMs'>): Promise<void> {
    await this.#store.insertRows('comparisons', [
      {
        tenant_id: one.tenantId,
        comparison_id: one.comparisonId,
        run_a: one.runA,
        run_b: one.runB,
        history: one.history ? 1 : 0,
        reasons: one.reasons,
        units: one.units,
        actor: one.actor,
      },
    ]);
  }

  async read(tenantId: string, comparisonId: string): Promise<StoredComparison | null> {
    const found = await this.#select(tenantId, 'c.comparison_id = {id:String}', {
      id: comparisonId,
      limit: 1,
    });
    return found[0] ?? null;
  }

  /** Without those of runs whose rows are dropped. The newest first; `before` is the last of the page before. */
  list(
    tenantId: string,
    page: { readonly limit: number; readonly before?: Pick<StoredComparison, 'createdMs' | 'comparisonId'> },
  ): Promise<StoredComparison[]> {
    const { before, limit } = page;
    const table = this.#store.t('job_events');
    const dropped = `SELECT job_id FROM ${table} WHERE tenant_id = {tenant:String} AND kind IN ('dropped', 'deleted')`;
    const kept = `c.run_a NOT IN (${dropped}) AND c.run_b NOT IN (${dropped})`;
    if (before === undefined) return this.#select(tenantId, kept, { limit });
    return this.#select(
      tenantId,
      `${kept} AND (toUnixTimestamp64Milli(c.created_at), c.comparison_id) < ({ms:Int64}, {id:String})`,
      { limit, ms: before.createdMs, id: before.comparisonId },
    );
  }

  async #select(
    tenantId: string,
    condition: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<StoredComparison[]> {
    const rows = await this.#store.query<Row>(
      `SELECT c.comparison_id AS comparison_id, c.run_a AS run_a, c.run_b AS run_b, c.history AS history,
         c.reasons AS reasons, c.units AS units, c.actor AS actor, toString(toUnixTimestamp64Milli(c.created_at)) AS created_ms
       FROM (SELECT * FROM ${this.#store.t('comparisons')} WHERE tenant_id = {tenant:String}
         ORDER BY _block_number, _block_offset LIMIT 1 BY comparison_id) AS c
       WHERE ${condition} ORDER BY c.created_at DESC, c.comparison_id DESC LIMIT {limit:UInt32}`,
      { ...params, tenant: tenantId },
    );
    return rows.map((row) => ({
      tenantId,
      comparisonId: row.comparison_id,
      runA: row.run_a,
      runB: row.run_b,
      history: row.history === 1,
      reasons: row.reasons,
      units: row.units,
      actor: row.actor,
      createdMs: Number(row.created_ms),
    }));
  }
}
