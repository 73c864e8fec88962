/** Reads of `run_differences`: change signatures with their counts and samples, and the entities of one. */
import type { Page } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { cursorInvalid, parseSkip } from '../store/page-cursor.js';
import type { Store } from '../store/store.js';
import type {
  DifferenceQuery,
  DifferenceTotals,
  EntityDifference,
  FieldDifference,
  Presence,
  Signature,
  SignatureChange,
} from './contract.js';

/** Whose differences: a job or a comparison, and the claims that count. */
export interface DifferenceScope {
  readonly jobId: string;
  readonly claims: readonly string[];
}

interface EntityRow {
  hash: string;
  entity_type: string;
  entity_id: string;
  signature: string;
  presence: Presence;
  final_differs: number;
  differences: [string, string, string][];
  events: string;
  ns: string;
  event_id: string;
  event_type: string;
  topic_id: string;
  partition: number;
  offset: string;
}

interface SignatureRow {
  signature: string;
  entity_type: string;
  presence: Presence;
  final_differs: number;
  changes: [string, SignatureChange['operation']][];
  entities: string;
}

const COUNTS = 'd.job_id = {job:String} AND d.claim IN {claims:Array(UInt64)}';
const KEY = 'd.entity_hash, d.entity_type, d.entity_id';
/** Tuples without their names: these come as arrays. */
const ROW = `toString(d.entity_hash) AS hash, d.entity_type AS entity_type, d.entity_id AS entity_id,
  toString(d.signature) AS signature, toString(d.presence) AS presence, d.final_differs AS final_differs,
  arrayMap(one -> tuple(one.1, one.2, one.3), d.differences) AS differences, toString(d.events) AS events,
  toString(toUnixTimestamp64Nano(d.first_at)) AS ns, d.first_event_id AS event_id, d.first_event_type AS event_type,
  d.first_topic_id AS topic_id, d.first_partition AS partition, toString(d.first_offset) AS offset`;
const IN_ORDER = { settings: { optimize_read_in_order: 1 } };

export class DifferenceReads {
  readonly #store: Store;

  /** `store` may be one that only reads. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** The largest first. */
  async signatures(
    scope: DifferenceScope,
    options: { readonly limit: number; readonly cursor?: string; readonly samples: number },
  ): Promise<Page<Signature>> {
    const skip = parseSkip(options.cursor);
    const params = { ...paramsOf(scope), limit: options.limit, skip };
    const rows = await this.#store.query<SignatureRow>(
      `SELECT toString(d.signature) AS signature, any(d.entity_type) AS entity_type, toString(any(d.presence)) AS presence,
         any(d.final_differs) AS final_differs, any(arrayMap(one -> tuple(one.1, toString(one.2)), d.changes)) AS changes,
         toString(count()) AS entities
       FROM ${this.#table} WHERE ${COUNTS} GROUP BY d.signature
       ORDER BY count() DESC, d.signature LIMIT {limit:UInt32} OFFSET {skip:UInt64}`,
      params,
    );
    const samples = await this.#samples(scope, rows, options.samples);
    const items = rows.map((row) => ({
      signature: row.signature,
      entityType: row.entity_type,
      presence: row.presence,
      finalDiffers: row.final_differs === 1,
      changes: row.changes.map(([field, operation]) => ({
        field: field === '' ? null : (JSON.parse(field) as string),
        operation,
      })),
      entities: Number(row.entities),
      samples: samples.get(row.signature) ?? [],
    }));
    return { items, next: items.length < options.limit ? null : String(skip + items.length) };
  }

  async #samples(
    scope: DifferenceScope,
    of: readonly SignatureRow[],
    samples: number,
  ): Promise<Map<string, EntityDifference[]>> {
    const found = new Map<string, EntityDifference[]>();
    if (of.length === 0 || samples === 0) return found;
    const rows = await this.#store.query<EntityRow>(
      `SELECT ${ROW} FROM ${this.#table} WHERE ${COUNTS} AND d.signature IN {signatures:Array(UInt64)}
       ORDER BY d.job_id, ${KEY} LIMIT {samples:UInt32} BY d.signature`,
      { ...paramsOf(scope), signatures: of.map((row) => BigInt(row.signature)), samples },
      IN_ORDER,
    );
    for (const row of rows)
      found.set(row.signature, [...(found.get(row.signature) ?? []), differenceOf(row)]);
    return found;
  }

  /** By the entities' place in the hash space. */
  async entities(scope: DifferenceScope, query: DifferenceQuery): Promise<Page<EntityDifference>> {
    const after = query.cursor === undefined ? null : parseKey(query.cursor);
    const rows = await this.#store.query<EntityRow>(
      `SELECT ${ROW} FROM ${this.#table} WHERE ${COUNTS}
         ${query.signature === undefined ? '' : 'AND d.signature = {signature:UInt64}'}
         ${after === null ? '' : `AND d.entity_hash >= {hash:UInt64} AND (${KEY}) > ({hash:UInt64}, {type:String}, {id:String})`}
       ORDER BY d.job_id, ${KEY} LIMIT {limit:UInt32}`,
      { ...paramsOf(scope), ...after, signature: query.signature ?? '0', limit: query.limit },
      IN_ORDER,
    );
    const last = rows.length < query.limit ? undefined : rows.at(-1);
    return {
      items: rows.map(differenceOf),
      next: last === undefined ? null : formatKey(last),
    };
  }

  get #table(): string {
    return `${this.#store.t('run_differences')} AS d`;
  }
}

/** Sums of the counters that difference-rows.ts put into the manifests of the units. */
export function totalsOf(counters: Iterable<Readonly<Record<string, number>>>): DifferenceTotals {
  const totals = { entities: 0, unchanged: 0, historyOnly: 0, differing: 0, onlyA: 0, onlyB: 0 };
  for (const one of counters) {
    totals.entities += one.cmpEntities ?? 0;
    totals.unchanged += one.cmpUnchanged ?? 0;
    totals.historyOnly += one.cmpHistory ?? 0;
    totals.differing += one.cmpDiffer ?? 0;
    totals.onlyA += one.cmpOnlyA ?? 0;
    totals.onlyB += one.cmpOnlyB ?? 0;
  }
  return totals;
}

/** `[field as a JSON string, before, after]` as people read it. */
export function fieldDifference([field, before, after]: readonly [string, string, string]): FieldDifference {
  return {
    field: JSON.parse(field) as string,
    operation: before === '' ? 'added' : after === '' ? 'removed' : 'modified',
    beforeJson: before === '' ? null : before,
    afterJson: after === '' ? null : after,
  };
}

function differenceOf(row: EntityRow): EntityDifference {
  return {
    entityType: row.entity_type,
    entityId: row.entity_id,
    signature: row.signature,
    presence: row.presence,
    finalDiffers: row.final_differs === 1,
    differences: row.differences.map(fieldDifference),
    events: row.events === '0' ? null : row.events,
    first:
      row.events === '0'
        ? null
        : {
            eventId: row.event_id,
            eventType: row.event_type,
            timestamp: formatRfc3339Ns(BigInt(row.ns)),
            topicId: row.topic_id,
            partition: row.partition,
            offset: row.offset,
          },
  };
}

function paramsOf(scope: DifferenceScope) {
  return { job: scope.jobId, claims: scope.claims.map(BigInt) };
}

function formatKey(row: EntityRow): string {
  return Buffer.from(JSON.stringify([row.hash, row.entity_type, row.entity_id])).toString('base64url');
}

function parseKey(cursor: string): { hash: string; type: string; id: string } {
  try {
    const [hash, type, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (
      typeof hash === 'string' &&
      /^\d{1,20}$/.test(hash) &&
      typeof type === 'string' &&
      typeof id === 'string'
    )
      return { hash, type, id };
  } catch {
    // Said below.
  }
  throw cursorInvalid();
}
