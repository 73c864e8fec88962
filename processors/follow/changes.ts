/**
 * What is new in a tenant's current state, for those who listen: the set that is current and the steps that its follower
 * made. All who listen to a tenant in this process share one look at the log.
 */
import type { FollowLog } from '../store/follow-log.js';
import { type ChangePlace, readChanges, type StateChange } from '../store/set-changes.js';
import type { Store } from '../store/store.js';
import type { UnitLog, WatchedScope } from '../store/unit-log.js';
import { LIVE_PREFIX, type PromotedSet } from './live-units.js';

export interface MadeStep {
  readonly step: string;
  readonly generation: number;
  readonly claim: string;
  readonly events: number;
  readonly refolded: number;
  /** It wrote the set together. */
  readonly changesNothing: boolean;
}

/** Null: nothing is current. `steps`: those that are still told of, oldest first. */
export interface CurrentNews {
  readonly setId: string;
  readonly jobId: string;
  readonly steps: readonly MadeStep[];
}

export interface CurrentChanges {
  news(tenantId: string): Promise<CurrentNews | null>;
  /** A page of what the step changed; `next`: null where it was the last. */
  changes(
    setId: string,
    step: MadeStep,
    options: {
      readonly entityType?: string | undefined;
      readonly after: ChangePlace | null;
      readonly limit: number;
    },
  ): Promise<{ readonly changes: readonly StateChange[]; readonly next: ChangePlace | null }>;
}

interface Look {
  readonly at: number;
  readonly news: Promise<CurrentNews | null>;
}

const TENANTS_MAX = 1_000;

export class StoredChanges implements CurrentChanges {
  readonly #reader: Store;
  readonly #unitLog: UnitLog;
  readonly #followLog: FollowLog;
  readonly #pollMs: number;
  readonly #looks = new Map<string, Look>();
  readonly #watched = new Map<string, WatchedScope>();

  constructor(parts: {
    readonly reader: Store;
    readonly unitLog: UnitLog;
    readonly followLog: FollowLog;
    readonly pollMs: number;
  }) {
    this.#reader = parts.reader;
    this.#unitLog = parts.unitLog;
    this.#followLog = parts.followLog;
    this.#pollMs = parts.pollMs;
  }

  news(tenantId: string): Promise<CurrentNews | null> {
    const known = this.#looks.get(tenantId);
    if (known !== undefined && performance.now() - known.at < this.#pollMs) return known.news;
    // One look at a time: the next one begins where the last has ended.
    const news = (known?.news ?? Promise.resolve(null)).catch(() => null).then(() => this.#look(tenantId));
    if (this.#looks.size >= TENANTS_MAX) this.#looks.clear();
    this.#looks.set(tenantId, { at: performance.now(), news });
    return news;
  }

  async changes(
    setId: string,
    { generation, claim }: MadeStep,
    options: Parameters<CurrentChanges['changes']>[2],
  ) {
    const { changes, last } = await readChanges(this.#reader, { setId, generation, claim, ...options });
    return { changes, next: last };
  }

  async #look(tenantId: string): Promise<CurrentNews | null> {
    const [set] = await this.#followLog.currentSets([tenantId]);
    if (set === undefined) return null;
    const watched = this.#watch(set);
    const units = await this.#unitLog.refreshScope(watched);
    const sealed = [...units].filter(([, state]) => state.sealed).sort(([a], [b]) => (a < b ? -1 : 1));
    // What is removed from the log goes here too: the last generation and the one before it stay.
    const oldest = Number(sealed.at(-1)?.[0].split('/')[1] ?? 0) - 1;
    for (const unit of units.keys()) if (Number(unit.split('/')[1]) < oldest) watched.units.delete(unit);
    const steps = sealed.flatMap(([unit, { segments, counters }]): MadeStep[] => {
      const [, generation = '', step = ''] = unit.split('/');
      if (Number(generation) < oldest) return [];
      return [
        {
          step: BigInt(step).toString(),
          generation: Number(generation),
          claim: segments[0]!.claim,
          events: counters.events ?? 0,
          refolded: counters.refolded ?? 0,
          changesNothing: counters.began !== undefined,
        },
      ];
    });
    return { setId: set.setId, jobId: set.jobId, steps };
  }

  #watch({ setId }: PromotedSet): WatchedScope {
    const known = this.#watched.get(setId);
    if (known !== undefined) return known;
    if (this.#watched.size >= TENANTS_MAX) this.#watched.clear();
    const watched = this.#unitLog.watch(setId, LIVE_PREFIX);
    this.#watched.set(setId, watched);
    return watched;
  }
}
