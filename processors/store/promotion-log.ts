/** The log of promotions in the store, in insertion order; `current/promotions.ts` folds it. */
import { foldPromotions, type PromotionRow, type Promotions } from '../current/promotions.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

interface Row {
  tenant_id: string;
  promotion_id: string;
  kind: PromotionRow['kind'];
  act: PromotionRow['act'];
  job_id: string;
  set_id: string;
  generation: number;
  claims: string[];
  returns_to: string;
  actor: string;
  reason: string;
  as_of_ns: string;
  exactness: PromotionRow['exactness'];
  reasons: PromotionRow['reasons'][number][];
  entities: string;
  error_code: string;
  error: string;
  ms: string;
}

/** Of `asked`, `current` and `failed` the same facts are written, so that each row can be read alone. */
export type NewPromotionRow = Omit<PromotionRow, 'writtenAt' | 'errorCode' | 'error'> & {
  readonly failure?: { readonly code: string; readonly message: string };
};

export class PromotionLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(...rows: NewPromotionRow[]): Promise<void> {
    await this.#store.insertRows('promotions', rows.map(toRow));
  }

  async read(tenantId: string): Promise<Promotions> {
    const rows = await this.#rows('claims', 'WHERE tenant_id = {tenantId:String}', { tenantId });
    return foldPromotions(rows.map(fromRow));
  }

  /** Of each tenant that has any; without the claims. */
  async readAll(): Promise<ReadonlyMap<string, Promotions>> {
    const byTenant = new Map<string, PromotionRow[]>();
    for (const row of await this.#rows("CAST([], 'Array(UInt64)')", '', {})) {
      const rows = byTenant.get(row.tenant_id) ?? [];
      rows.push(fromRow(row));
      byTenant.set(row.tenant_id, rows);
    }
    return new Map([...byTenant].map(([tenantId, rows]) => [tenantId, foldPromotions(rows)]));
  }

  /** Those of the jobs whose rows nobody may see any more. */
  async droppedJobs(jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (jobIds.length === 0) return new Set();
    const rows = await this.#store.query<{ job_id: string }>(
      `SELECT DISTINCT job_id FROM ${this.#store.t('job_events')}
       WHERE job_id IN {jobIds:Array(String)} AND kind IN ('dropped', 'deleted')`,
      { jobIds },
    );
    return new Set(rows.map(({ job_id }) => job_id));
  }

  #rows(claims: string, where: string, params: Record<string, unknown>): Promise<Row[]> {
    return this.#store.query<Row>(
      `SELECT tenant_id, promotion_id, toString(kind) AS kind, act, job_id, set_id, generation, ${claims} AS claims,
         returns_to, actor, reason, toString(toUnixTimestamp64Nano(as_of)) AS as_of_ns, exactness, reasons,
         toString(entities) AS entities, error_code, error, toString(toUnixTimestamp64Milli(written_at)) AS ms
       FROM ${this.#store.t('promotions')} ${where} ORDER BY _block_number, _block_offset`,
      params,
    );
  }
}

function toRow(row: NewPromotionRow): Record<string, unknown> {
  return {
    tenant_id: row.tenantId,
    promotion_id: row.promotionId,
    kind: row.kind,
    act: row.act,
    job_id: row.jobId,
    set_id: row.setId,
    generation: row.generation,
    claims: row.claims,
    returns_to: row.returnsTo,
    actor: row.actor,
    reason: row.reason,
    as_of: formatRfc3339Ns(BigInt(row.asOfNs)),
    exactness: row.exactness,
    reasons: row.reasons,
    entities: row.entities,
    error_code: row.failure?.code ?? '',
    error: row.failure?.message ?? '',
  };
}

function fromRow(row: Row): PromotionRow {
  return {
    tenantId: row.tenant_id,
    promotionId: row.promotion_id,
    kind: row.kind,
    act: row.act,
    jobId: row.job_id,
    setId: row.set_id,
    generation: row.generation,
    claims: row.claims,
    returnsTo: row.returns_to,
    actor: row.actor,
    reason: row.reason,
    asOfNs: row.as_of_ns,
    exactness: row.exactness,
    reasons: row.reasons,
    entities: Number(row.entities),
    errorCode: row.error_code,
    error: row.error,
    writtenAt: formatRfc3339Ns(BigInt(row.ms) * 1_000_000n),
  };
}
