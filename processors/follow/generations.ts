/** Generations of a followed set: its rows written together, and what is removed then. */
import type { Pipeline } from '../replay/pipeline.js';
import { hashRanges } from '../replay/segments.js';
import { STATE_COLUMNS } from '../store/run-states.js';
import { type LiveSet, latestStatesSql, setParams } from '../store/set-states.js';
import type { QueryOptions, Store } from '../store/store.js';
import { type PromotedSet, stepUnit } from './live-units.js';
import { sealedSteps, TOLD_PREFIX } from './told-units.js';

/** What stands in `job_id` of rows that a generation's steps write. */
export function liveJob(setId: string, generation: number): string {
  return `${setId}.${generation}`;
}

/** Rows that are read into memory at once, about. */
const RANGE_ROWS = 1_000_000;

export interface NewGeneration {
  readonly tenantId: string;
  /** As it is before. */
  readonly set: LiveSet;
  readonly generation: number;
  readonly step: bigint;
  readonly claim: string;
}

/** Writes the last state of each entity; returns how many there are. */
export async function writeTogether(
  store: Store,
  { tenantId, set, generation, step, claim }: NewGeneration,
  options: QueryOptions,
): Promise<number> {
  const table = store.t('entity_states');
  const params = { ...setParams(set), tenantId, next: generation, step: step.toString(), newClaim: claim };
  const count = async (sql: string) =>
    Number(
      (await store.query<{ count: string }>(`SELECT toString(count()) AS count ${sql}`, params, options))[0]!
        .count,
    );
  const rows = await count(
    `FROM ${table} WHERE scope = {setId:String} AND generation = {generation:UInt32} AND claim IN {setClaims:Array(UInt64)}`,
  );
  for (const { lo, hi } of hashRanges(Math.max(1, Math.ceil(rows / RANGE_ROWS)))) {
    await store.command(
      `INSERT INTO ${table} (tenant_id, scope, generation, step, ${STATE_COLUMNS.join(', ')}, claim)
       SELECT {tenantId:String}, {setId:String}, {next:UInt32}, {step:UInt64}, ${STATE_COLUMNS.join(', ')}, {newClaim:UInt64}
       FROM (${latestStatesSql(store, 'entity_hash BETWEEN {lo:UInt64} AND {hi:UInt64}')})`,
      { ...params, lo, hi },
      { ...options, settings: { max_threads: 1, optimize_aggregation_in_order: 1 } },
    );
  }
  return count(
    `FROM ${table} WHERE scope = {setId:String} AND generation = {next:UInt32} AND claim = {newClaim:UInt64}`,
  );
}

type Context = Pick<Pipeline, 'config' | 'store' | 'unitLog'>;

/** Generations of a set that were written together, and until when they stay. */
export class KeptGenerations {
  readonly #context: Context;
  readonly #set: PromotedSet;
  readonly #tells: boolean;
  /** The first that may be there; null: this process has removed none. */
  #oldest: number | null = null;

  /** `tells`: output topics need the steps. */
  constructor(context: Context, set: PromotedSet, tells: boolean) {
    this.#context = context;
    this.#set = set;
    this.#tells = tells;
  }

  /**
   * The set was written together as this generation: those before the last are not read any more, but for steps that
   * topics do not have yet; of these so many generations stay as are configured. Returns the first that stays.
   */
  async begun(generation: number): Promise<number> {
    const { config, store, unitLog } = this.#context;
    const { untoldGenerations } = config.follow;
    const told = this.#tells
      ? sealedSteps(await unitLog.readScope(this.#set.setId, TOLD_PREFIX)).at(-1)
      : undefined;
    const needed = this.#tells ? Math.max(told?.generation ?? 1, generation - untoldGenerations) : generation;
    const kept = Math.min(generation - 1, needed);
    for (let one = this.#oldest ?? Math.max(1, kept - untoldGenerations); one < kept; one++)
      await dropGeneration(store, this.#set, one, told?.unit ?? '');
    this.#oldest = Math.max(this.#oldest ?? 1, kept);
    return this.#oldest;
  }
}

/**
 * Rows and steps of a generation, and steps of those before it. Whoever still reads it has its parts in hand. `told`: the
 * unit of the last step that topics were told, which stays.
 */
async function dropGeneration(
  store: Store,
  { tenantId, setId }: PromotedSet,
  generation: number,
  told: string,
): Promise<void> {
  const params = { tenantId, setId, generation, job: liveJob(setId, generation), told };
  await store.command(
    `ALTER TABLE ${store.t('entity_states')} DROP PARTITION tuple({tenantId:String}, {setId:String}, {generation:UInt32})`,
    params,
  );
  await store.command(`ALTER TABLE ${store.t('live_snapshots')} DROP PARTITION {job:String}`, params);
  await store.command(
    `DELETE FROM ${store.t('unit_log')} WHERE scope = {setId:String}
       AND (startsWith(unit, 'live/') AND unit < {first:String} OR startsWith(unit, 'topics/') AND unit < {told:String})`,
    { ...params, first: stepUnit(generation + 1, 0n) },
  );
}
