/** Log replays that run as jobs, as their log tells of them: the first end of each counts. */
import { RewindError } from '../../schemas/errors.js';
import { parseLogPlace } from './page-cursor.js';
import type { Store } from './store.js';

export type ReplayEnd = 'complete' | 'failed' | 'cancelled';

export interface ReplayName {
  readonly tenantId: string;
  readonly replayId: string;
}

export interface StoredReplay {
  readonly tenantId: string;
  readonly replayId: string;
  readonly actor: string;
  readonly createdMs: number;
  /** JSON; see logreplay/plan.ts. */
  readonly plan: string;
  readonly end: ReplayEnd | null;
  readonly endedMs: number | null;
  /** JSON of how it ended; empty: nothing is told. */
  readonly ending: string;
  /** Where its first row stands. */
  readonly place: string;
}

interface Row {
  id: string;
  by: string;
  ms: string;
  plan: string;
  ended: string;
  ended_ms: string;
  ending: string;
  place: string;
}

const PLACE = '(_block_number, _block_offset)';
const ENDS = `kind IN ('complete', 'failed', 'cancelled')`;
const SHOWN = `countIf(kind = 'created') > 0 AND countIf(kind = 'deleted') = 0`;
const MS = 'toString(toUnixTimestamp64Milli(written_at))';

const COLUMNS = `replay_id AS id,
  argMinIf(actor, ${PLACE}, kind = 'created') AS by, argMinIf(${MS}, ${PLACE}, kind = 'created') AS ms,
  argMinIf(body, ${PLACE}, kind = 'created') AS plan,
  argMinIf(toString(kind), ${PLACE}, ${ENDS}) AS ended, argMinIf(${MS}, ${PLACE}, ${ENDS}) AS ended_ms,
  argMinIf(body, ${PLACE}, ${ENDS}) AS ending, minIf(${PLACE}, kind = 'created') AS first, concat(toString(first.1), '-', toString(first.2)) AS place`;

export class LogReplayLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(
    kind: 'created' | 'deleted' | 'swept' | ReplayEnd,
    one: {
      readonly tenantId: string;
      readonly replayId: string;
      readonly actor: string;
      readonly body?: string;
    },
  ): Promise<void> {
    const { tenantId, replayId, actor, body = '' } = one;
    await this.#store.insertRows('log_replays', [
      { tenant_id: tenantId, replay_id: replayId, kind, actor, body },
    ]);
  }

  /** Null: this tenant has none of that id. */
  async read(tenantId: string, replayId: string): Promise<StoredReplay | null> {
    const [found = null] = await this.#stored(tenantId, [replayId]);
    return found;
  }

  /** The newest first. Rejects with cursor_invalid. */
  async list(
    tenantId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<StoredReplay[]> {
    const { block, blockOffset } = parseLogPlace(page.cursor);
    // Texts of what was found are long: only those of the page are read.
    const found = await this.#store.query<{ id: string }>(
      `SELECT replay_id AS id, minIf(${PLACE}, kind = 'created') AS first FROM ${this.#table}
       WHERE tenant_id = {tenant:String} GROUP BY replay_id
       HAVING ${SHOWN} AND first < ({block:UInt64}, {blockOffset:UInt64}) ORDER BY first DESC LIMIT {limit:UInt32}`,
      { tenant: tenantId, block, blockOffset, limit: page.limit },
    );
    const ids = found.map(({ id }) => id);
    const stored = await this.#stored(tenantId, ids);
    return stored.sort((a, b) => ids.indexOf(a.replayId) - ids.indexOf(b.replayId));
  }

  /** What is to be done, of all tenants, in the order in which it was asked for. */
  async toDo(): Promise<{ readonly open: readonly ReplayName[]; readonly unswept: readonly ReplayName[] }> {
    const rows = await this.#store.query<{ tenant: string; id: string; open: number }>(
      `SELECT tenant_id AS tenant, replay_id AS id, (${SHOWN}) AND countIf(${ENDS}) = 0 AS open
       FROM ${this.#table} GROUP BY tenant_id, replay_id
       HAVING open OR (countIf(kind = 'deleted') > 0 AND countIf(kind = 'swept') = 0)
       ORDER BY minIf(${PLACE}, kind = 'created')`,
      {},
    );
    const named = (of: number) =>
      rows.filter(({ open }) => open === of).map(({ tenant, id }) => ({ tenantId: tenant, replayId: id }));
    return { open: named(1), unswept: named(0) };
  }

  /** What a unit found, under its claim. */
  async found(replayId: string, unit: string, claim: string, body: string): Promise<void> {
    await this.#store.insertRows('log_replay_units', [{ replay_id: replayId, unit, claim, body }]);
  }

  /** By unit, in their order. */
  async findings(replayId: string, claims: readonly string[]): Promise<string[]> {
    const rows = await this.#store.query<{ body: string }>(
      `SELECT body FROM ${this.#store.t('log_replay_units')}
       WHERE replay_id = {id:String} AND claim IN {claims:Array(UInt64)} ORDER BY unit`,
      { id: replayId, claims: claims.map(BigInt) },
    );
    if (rows.length !== claims.length)
      throw new RewindError('internal', `${replayId}: ${rows.length} findings of ${claims.length} units`);
    return rows.map(({ body }) => body);
  }

  /** Removes all rows of a replay but those of this log. */
  async sweep(replayId: string): Promise<void> {
    for (const table of ['decisions', 'log_replay_units'])
      await this.#store.command(`ALTER TABLE ${this.#store.t(table)} DROP PARTITION {id:String}`, {
        id: replayId,
      });
  }

  async #stored(tenantId: string, replayIds: readonly string[]): Promise<StoredReplay[]> {
    if (replayIds.length === 0) return [];
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE tenant_id = {tenant:String} AND replay_id IN {ids:Array(String)}
       GROUP BY replay_id HAVING ${SHOWN}`,
      { tenant: tenantId, ids: replayIds },
    );
    return rows.map((row) => ({
      tenantId,
      replayId: row.id,
      actor: row.by,
      createdMs: Number(row.ms),
      plan: row.plan,
      end: row.ended === '' ? null : (row.ended as ReplayEnd),
      endedMs: row.ended === '' ? null : Number(row.ended_ms),
      ending: row.ending,
      place: row.place,
    }));
  }

  get #table(): string {
    return this.#store.t('log_replays');
  }
}
