/**
 * What promoting a run would change. Both sides never change, as long as the current state is not followed: what was
 * counted once is kept, with the ranges of entity hashes in which anything differs, so that pages skip the others.
 */
import type { Config } from '../../schemas/config.js';
import type { JobResult } from '../../schemas/job.js';
import { stateClaims } from '../replay/base.js';
import { hashRanges } from '../replay/segments.js';
import type { Page } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import type { PromotionLog } from '../store/promotion-log.js';
import {
  type CountRow,
  countDifferences,
  type DiffPlace,
  type DiffSides,
  type HashRange,
  listDifferences,
} from '../store/set-diff.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type {
  PromotionReviews,
  Review,
  ReviewCounts,
  ReviewedEntity,
  ReviewField,
  ReviewFilters,
} from './contract.js';
import { asOfNs, whyNotPromotable } from './promotable.js';
import { currentOf, type Promotion, type StateSet } from './promotions.js';

/** Fields that a review lists. */
const FIELDS_MAX = 1_000;

export interface ReviewContext {
  readonly config: Config;
  readonly store: Store;
  readonly unitLog: UnitLog;
  readonly jobLog: JobLog;
  readonly promotions: PromotionLog;
  readonly openSet: (promotion: Promotion) => Promise<StateSet>;
}

interface Sides extends DiffSides {
  readonly job: StoredJob;
  readonly current: Promotion | null;
  readonly key: string;
}

interface Counted {
  readonly review: Review;
  /** In which something differs. */
  readonly ranges: readonly HashRange[];
}

export class StoredReviews implements PromotionReviews {
  readonly #context: ReviewContext;
  /** By what is compared; the least recently used first. */
  readonly #counted = new Map<string, Promise<Counted>>();

  constructor(context: ReviewContext) {
    this.#context = context;
  }

  async review(tenantId: string, jobId: string): Promise<Review> {
    return (await this.#count(await this.#sides(tenantId, jobId))).review;
  }

  async entities(
    tenantId: string,
    jobId: string,
    filters: ReviewFilters,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<ReviewedEntity>> {
    const sides = await this.#sides(tenantId, jobId);
    const { ranges } = await this.#count(sides);
    const after = cursor === undefined ? null : (JSON.parse(cursor) as DiffPlace);
    const found: ReviewedEntity[] = [];
    for (const { lo, hi } of ranges) {
      if (after !== null && BigInt(hi) < BigInt(after.hash)) continue;
      const from = after !== null && BigInt(after.hash) > BigInt(lo) ? after.hash : lo;
      const page = { filters, after, limit: limit - found.length };
      const rows = await listDifferences(this.#context.store, sides, { lo: from, hi }, page, this.#options());
      for (const row of rows)
        found.push({
          entityType: row.entity_type,
          entityId: row.entity_id,
          change: row.change,
          changesJson: row.changes,
        });
      if (found.length < limit) continue;
      const last = rows.at(-1)!;
      const place: DiffPlace = { hash: last.hash, type: last.entity_type, id: last.entity_id };
      return { items: found, next: JSON.stringify(place) };
    }
    return { items: found, next: null };
  }

  async #sides(tenantId: string, jobId: string): Promise<Sides> {
    const job = await this.#context.jobLog.read(tenantId, jobId);
    const refused = whyNotPromotable(job, jobId);
    if (refused !== null) throw refused;
    const current = currentOf(await this.#context.promotions.read(tenantId));
    const set = current === null ? null : await this.#context.openSet(current);
    const run = { jobId, claims: await stateClaims(this.#context, jobId) };
    const key = JSON.stringify([tenantId, jobId, set?.setId, set?.generation, set?.claims.at(-1)]);
    return { job: job!, current, set, run, key };
  }

  #count(sides: Sides): Promise<Counted> {
    const known = this.#counted.get(sides.key);
    this.#counted.delete(sides.key);
    const counted = known ?? this.#counting(sides);
    this.#counted.set(sides.key, counted);
    counted.catch(() => {
      if (this.#counted.get(sides.key) === counted) this.#counted.delete(sides.key);
    });
    const [oldest] = this.#counted.keys();
    if (this.#counted.size > this.#context.config.current.reviewsMax) this.#counted.delete(oldest!);
    return counted;
  }

  async #counting(sides: Sides): Promise<Counted> {
    const { store, config } = this.#context;
    const { counters } = (sides.job.state.result as JobResult) ?? {};
    const { base } = (sides.job.state.folding ?? {}) as { base?: { states: number } };
    const rows = counters.snapshots + (base?.states ?? 0) + (sides.current?.entities ?? 0);
    const counts = new Tally();
    const ranges: HashRange[] = [];
    for (const range of hashRanges(Math.max(1, Math.ceil(rows / config.current.copyRows)))) {
      const found = await countDifferences(store, sides, range, this.#options());
      counts.add(found);
      if (found.some(({ change }) => change !== 'unchanged')) ranges.push(range);
    }
    return { review: reviewOf(sides, counts), ranges };
  }

  #options() {
    return { maxSeconds: this.#context.config.store.statementMaxSeconds };
  }
}

type Counts = { -readonly [Name in keyof ReviewCounts]: number };
const none = (): Counts => ({ added: 0, removed: 0, changed: 0, unchanged: 0 });

class Tally {
  readonly total = none();
  readonly byType = new Map<string, Counts>();
  readonly #fields = new Map<string, { -readonly [Name in keyof ReviewField]: ReviewField[Name] }>();

  add(rows: readonly CountRow[]): void {
    for (const row of rows) {
      const count = Number(row.count);
      if (row.field === '') {
        const ofType = this.byType.get(row.entity_type) ?? none();
        ofType[row.change] += count;
        this.total[row.change] += count;
        this.byType.set(row.entity_type, ofType);
      } else this.#addField(row, count);
    }
  }

  #addField({ entity_type: entityType, field, operation }: CountRow, count: number): void {
    if (operation === '') return;
    const key = JSON.stringify([entityType, field, operation]);
    const known = this.#fields.get(key);
    if (known !== undefined) known.entities += count;
    else
      this.#fields.set(key, { entityType, field: JSON.parse(field) as string, operation, entities: count });
  }

  /** Most frequent first. */
  fields(): ReviewField[] {
    const order = (one: ReviewField) => `${one.entityType}\n${one.field}\n${one.operation}`;
    return [...this.#fields.values()].sort(
      (a, b) => b.entities - a.entities || (order(a) < order(b) ? -1 : 1),
    );
  }
}

function reviewOf({ job, current }: Sides, counts: Tally): Review {
  const fields = counts.fields();
  const types = [...counts.byType].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    currentJobId: current?.jobId ?? null,
    jobId: job.jobId,
    asOf: {
      current: current === null ? null : formatRfc3339Ns(BigInt(current.asOfNs)),
      run: formatRfc3339Ns(BigInt(asOfNs(job))),
    },
    verdict: (job.state.result as JobResult).verdict,
    totals: counts.total,
    entityTypes: types.map(([entityType, ofType]) => ({ entityType, ...ofType })),
    fields: fields.slice(0, FIELDS_MAX),
    fieldsTruncated: fields.length > FIELDS_MAX,
  };
}
