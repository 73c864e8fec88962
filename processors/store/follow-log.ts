/**
 * Which tenants' current states are followed, in insertion order: the last event of a tenant counts, so the switch survives
 * restarts of all processes. And what is current: the sets that the last promotions name.
 */
import type { PromotedSet } from '../follow/live-units.js';
import type { Store } from './store.js';

export interface FollowSwitch {
  readonly tenantId: string;
  readonly on: boolean;
  readonly actor: string;
  readonly since: string;
  readonly error: { readonly code: string; readonly message: string; readonly at: string } | null;
}

interface Row {
  tenant: string;
  asked: [string, string, string];
  told: [string, string, string, string];
}

const TIME = `formatDateTime(written_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`;

export class FollowLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Of the tenant, or of all that ever asked. */
  async switches(tenantId?: string): Promise<FollowSwitch[]> {
    const place = '(_block_number, _block_offset)';
    const rows = await this.#store.query<Row>(
      `SELECT tenant_id AS tenant,
         argMaxIf((toString(kind), actor, ${TIME}), ${place}, kind IN ('on', 'off')) AS asked,
         argMax((toString(kind), error_code, error, ${TIME}), ${place}) AS told
       FROM ${this.#store.t('follow_events')} ${tenantId === undefined ? '' : 'WHERE tenant_id = {tenantId:String}'}
       GROUP BY tenant_id ORDER BY tenant_id`,
      { tenantId: tenantId ?? '' },
    );
    return rows.map(({ tenant, asked: [kind, actor, since], told: [last, code, message, at] }) => ({
      tenantId: tenant,
      on: kind === 'on',
      actor,
      since,
      error: last === 'failed' ? { code, message, at } : null,
    }));
  }

  async turn(tenantId: string, on: boolean, actor: string): Promise<void> {
    await this.#append({ tenant_id: tenantId, kind: on ? 'on' : 'off', actor });
  }

  async failed(set: PromotedSet, worker: string, code: string, message: string): Promise<void> {
    const { tenantId, jobId } = set;
    const told = { actor: worker, job_id: jobId, error_code: code, error: message };
    await this.#append({ tenant_id: tenantId, kind: 'failed', ...told });
  }

  async recovered({ tenantId, jobId }: PromotedSet, worker: string): Promise<void> {
    await this.#append({ tenant_id: tenantId, kind: 'recovered', actor: worker, job_id: jobId });
  }

  /** What is current, of these tenants. */
  async currentSets(tenantIds: readonly string[]): Promise<PromotedSet[]> {
    if (tenantIds.length === 0) return [];
    const rows = await this.#store.query<{
      tenant: string;
      set_id: string;
      job_id: string;
      generation: number;
      claims: string[];
    }>(
      `SELECT tenant_id AS tenant, set_id, job_id, generation, arrayMap(claim -> toString(claim), claims) AS claims
       FROM ${this.#store.t('current_sets')} WHERE tenant_id IN {tenantIds:Array(String)}`,
      { tenantIds },
    );
    return rows.map(({ tenant, set_id, job_id, generation, claims }) => ({
      tenantId: tenant,
      setId: set_id,
      jobId: job_id,
      generation,
      claims,
    }));
  }

  async #append(row: Readonly<Record<string, string>>): Promise<void> {
    await this.#store.insertRows('follow_events', [{ job_id: '', error_code: '', error: '', ...row }]);
  }
}
