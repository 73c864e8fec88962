/**
 * One fold unit inside the store: a statement that folds all entities of the unit's hash range but the irregular ones,
 * which the worker fold takes, both under the same claim. A crash here leaves rows without a manifest: invisible.
 */
import { baseClause } from '../store/fold-select.js';
import { hashRangeClause, repeatedClause, selectedClause } from '../store/selection.js';
import type { QueryOptions, Store } from '../store/store.js';
import { FAILPOINTS, reach } from '../testing/failpoints.js';
import { ENTITY_AND_EVENT, SNAPSHOT_OUTPUT } from './fold-columns.js';
import { type FoldSql, foldSqlOf, type UnitFacts } from './fold-sql.js';
import { type FoldPart, runFoldTask } from './task-fold.js';
import { loadInput, snapshotTarget, type TaskCounters, type UnitTask } from './tasks.js';

/** More irregular entities than this in one unit, and the worker fold takes the whole unit. */
const IRREGULAR_MAX = 2_000;
/** More payload shapes than this are not listed. */
const SHAPES_MAX = 256;

export async function runFoldSqlTask(
  store: Store,
  task: UnitTask,
  signal: AbortSignal,
  part: Omit<FoldPart, 'only'> = {},
): Promise<TaskCounters> {
  const unit = new SqlUnit(store, task, signal, part);
  const survey = await unit.survey();
  if (survey === null || survey.irregular.length > IRREGULAR_MAX)
    return runFoldTask(store, task, signal, part);
  const { events, irregular } = survey;
  const regular = await unit.fold(survey);
  const counters: Record<string, number> = {
    ...regular,
    events,
    skipped: events - regular.processed,
    failed: 0,
    duplicates: 0,
    conflicts: 0,
    inStore: regular.processed,
  };
  if (irregular.length === 0) return counters;
  const rest = await runFoldTask(store, task, signal, { ...part, only: irregular });
  counters.skipped! -= rest.events!;
  for (const [name, count] of Object.entries(rest)) if (name !== 'events') counters[name]! += count;
  return counters;
}

interface UnitSurvey extends UnitFacts {
  readonly events: number;
  /** Hashes of the entities that are not for the statement. */
  readonly irregular: readonly string[];
}

class SqlUnit {
  readonly #store: Store;
  readonly #task: UnitTask;
  readonly #options: QueryOptions;
  readonly #from: string;
  readonly #params: Record<string, unknown>;
  /** Entities begin with their states in entity_states. */
  readonly #based: boolean;

  constructor(store: Store, task: UnitTask, signal: AbortSignal, part: Omit<FoldPart, 'only'>) {
    this.#store = store;
    this.#task = task;
    this.#based = part.based === true;
    this.#options = { signal, maxSeconds: task.limits.statementMaxSeconds, settings: { max_threads: 1 } };
    const input = loadInput(task.input);
    const selected = selectedClause(task.spec, input);
    const except = part.except === undefined ? '' : ' AND entity_hash NOT IN {except:Array(UInt64)}';
    this.#from = `FROM ${store.t(input.table)} WHERE ${selected.sql} AND ${hashRangeClause}${except}`;
    this.#params = {
      ...selected.params,
      lo: task.range.lo,
      hi: task.range.hi,
      job: task.jobId,
      newClaim: snapshotTarget(task).claim,
      except: (part.except ?? []).map(BigInt),
      baseScope: task.jobId,
      baseClaim: task.claim,
    };
  }

  /** One light pass over the unit's events; null: the encoding is not for a statement. */
  async survey(): Promise<UnitSurvey | null> {
    const { repeated, limits, encoding } = this.#task;
    const fold = foldSqlOf(encoding, { shapes: null, ends: true });
    if (repeated === null || typeof fold === 'string') return null;
    const rows = await this.#store.query<{
      events: string;
      hashes: string[];
      shapes: string[];
      ends: number;
    }>(
      `SELECT toString(sum(size)) AS events,
         arrayMap(hash -> toString(hash), groupArrayIf(${IRREGULAR_MAX + 1})(entity_hash, special)) AS hashes,
         groupUniqArrayArray(${SHAPES_MAX + 1})(some_shapes) AS shapes, max(ended) AS ends
       FROM (
         SELECT entity_hash, count() AS size, max(odd) OR size > {sizeMax:UInt64} AS special,
           groupUniqArray(${SHAPES_MAX + 1})(payload_shape) AS some_shapes, max(ends) AS ended
         FROM (
           SELECT entity_hash, payload_shape, ${fold.rule} AS rule, endsWith(event_type, '.deleted') AS ends,
             ${fold.irregular}${repeated.length === 0 ? '' : ` OR ${repeatedClause}`} AS odd ${this.#from})
         GROUP BY entity_hash)`,
      {
        ...this.#params,
        ...fold.params,
        repeated: repeated.map(BigInt),
        sizeMax: Math.min(fold.entityEventsMax, limits.maxEventsPerEntity),
      },
      this.#options,
    );
    const { events, hashes, shapes, ends } = rows[0]!;
    const others = this.#based ? await this.#oddStates() : [];
    return {
      events: Number(events),
      irregular: [...new Set([...hashes, ...others])],
      shapes: shapes.length > SHAPES_MAX ? null : shapes,
      ends: ends === 1,
    };
  }

  /** Entities that begin with fields other than those of their type, which a statement has no place for. */
  async #oddStates(): Promise<string[]> {
    const fold = foldSqlOf(this.#task.encoding, { shapes: null, ends: true }) as FoldSql;
    const rows = await this.#store.query<{ hash: string }>(
      `SELECT DISTINCT toString(entity_hash) AS hash FROM ${this.#store.t('entity_states')}
       WHERE ${baseClause} AND shape != ${fold.shape} AND entity_hash IN (SELECT entity_hash ${this.#from})
       LIMIT ${IRREGULAR_MAX + 1}`,
      { ...this.#params, ...fold.params },
      this.#options,
    );
    return rows.map(({ hash }) => hash);
  }

  /** Folds all entities but the irregular ones. */
  async fold(survey: UnitSurvey): Promise<{ [name: string]: number; processed: number }> {
    const { spec, encoding } = this.#task;
    const fold = foldSqlOf(encoding, survey) as FoldSql;
    const exclude = survey.irregular.length > 0;
    const params = {
      ...this.#params,
      ...fold.params,
      shapes: survey.shapes ?? [],
      irregular: survey.irregular.map(BigInt),
    };
    const table = this.#store.t(snapshotTarget(this.#task).table);
    const insert = `INSERT INTO ${table} (${SNAPSHOT_OUTPUT.join(', ')})`;
    await this.#store.command(`${insert} ${this.#snapshots(fold, exclude)}`, params, {
      ...this.#options,
      settings: { ...this.#options.settings, ...INSERT_SETTINGS },
    });
    if (FAILPOINTS) await reach('fold.stored');
    // With a row for each event, the rows just written know it all.
    const of =
      spec.snapshots === 'all'
        ? `FROM ${table} WHERE job_id = {job:String} AND ${hashRangeClause} AND claim = {newClaim:UInt64}`
        : `FROM (${this.#folded(fold, exclude)})`;
    const rows = await this.#store.query<Record<'processed' | 'changed' | 'entities', string>>(
      `SELECT toString(count()) AS processed, toString(countIf(changes > 0)) AS changed,
         toString(${this.#based ? 'uniqExact(entity_hash, entity_type, entity_id)' : 'countIf(fold_seq = 0)'}) AS entities ${of}`,
      params,
      this.#options,
    );
    const processed = Number(rows[0]!.processed);
    const changed = Number(rows[0]!.changed);
    const entities = Number(rows[0]!.entities);
    const snapshots = { all: processed, changed, final: entities }[spec.snapshots];
    return { processed, changed, entities, snapshots };
  }

  /** Every event with its place, what each field was before, and what the event makes of it. */
  #folded(fold: FoldSql, exclude: boolean): string {
    const places = fold.values.map((_, place) => place);
    const order =
      this.#task.spec.ordering === 'log' ? 'topic_id, partition, offset, n' : 'occurred_at, event_id';
    const first = this.#based ? 'is_event, ' : '';
    const entity = `PARTITION BY entity_hash, entity_type, entity_id ORDER BY ${first}${order}`;
    const values = places.map((place) => `${fold.values[place]!} AS v${place}`);
    const before = places.map(
      (place) => `ifNull(last_value(v${place}) IGNORE NULLS OVER earlier, '') AS b${place}`,
    );
    const after = places.map((place) => `ifNull(v${place}, b${place}) AS a${place}`);
    const changes = places.map((place) => `(b${place} != a${place})`).join(' + ') || '0';
    const final = this.#task.spec.snapshots === 'final';
    const named = [...ENTITY_AND_EVENT, 'ends', ...places.map((place) => `v${place}`)];
    const regular = exclude ? ' AND entity_hash NOT IN {irregular:Array(UInt64)}' : '';
    const rows = `SELECT ${[...ENTITY_AND_EVENT, `${fold.rule} AS rule`, `endsWith(event_type, '.deleted') AS ends`, `splitByChar('\\n', payload_values) AS members`, ...values].join(', ')}
          ${this.#from}${regular} AND rule > 0`;
    const seq = this.#based
      ? 'row_number() OVER upto - 1 + max(base_seq) OVER upto'
      : 'row_number() OVER upto - 1';
    return `SELECT *, ${[...after, `${changes} AS changes`].join(', ')}
      FROM (
        SELECT ${[...named, ...before].join(', ')}${this.#based ? ', is_event' : ''},
          ${seq} AS fold_seq${final ? ', leadInFrame(1) OVER next = 0 AS last' : ''}
        FROM (${this.#based ? this.#withStates(rows, named, places, regular) : rows})
        WINDOW earlier AS (${entity} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
          upto AS (${entity} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)${
            final ? `, next AS (${entity} ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)` : ''
          })${this.#based ? ' WHERE is_event' : ''}`;
  }

  /** The state that an entity begins with comes in as a row before its first event, which gives each place a value. */
  #withStates(events: string, named: readonly string[], places: readonly number[], regular: string): string {
    const columns: Record<string, string> = {
      event_type: "toLowCardinality('')",
      topic_id: "toLowCardinality('')",
      partition: 'toInt32(0)',
      offset: 'toUInt64(0)',
      n: 'toUInt16(0)',
      ends: '0',
    };
    for (const place of places)
      columns[`v${place}`] = `CAST(splitByChar('\\n', state)[${place + 1}], 'Nullable(String)')`;
    return `SELECT ${named.join(', ')}, 1 AS is_event, toUInt64(0) AS base_seq FROM (${events})
      UNION ALL SELECT ${named.map((name) => columns[name] ?? name).join(', ')}, 0, fold_seq
      FROM ${this.#store.t('entity_states')}
      WHERE ${baseClause}${regular} AND entity_hash IN (SELECT entity_hash ${this.#from})`;
  }

  #snapshots(fold: FoldSql, exclude: boolean): string {
    const { snapshots } = this.#task.spec;
    const places = fold.values.map((_, place) => place);
    const all =
      places.length === 0 ? `''` : `concat(${places.map((place) => `a${place}`).join(", '\\n', ")}, '')`;
    // The last state of an entity is compared with nothing: each field that is there counts.
    const present = places.map((place) => `(a${place} != '')`).join(' + ') || '0';
    const computed: Record<string, string> = {
      job_id: '{job:String}',
      exists: 'NOT ends',
      changes: snapshots === 'final' ? present : 'changes',
      shape: fold.shape,
      state: fold.state(all),
      claim: '{newClaim:UInt64}',
    };
    const columns = SNAPSHOT_OUTPUT.map((name) => computed[name] ?? name).join(', ');
    const where = { all: '', changed: ' WHERE changes > 0', final: ' WHERE last' }[snapshots];
    return `SELECT ${columns} FROM (${this.#folded(fold, exclude)})${where}`;
  }
}

/** Blocks are not joined to larger ones than the worker fold would write. */
const INSERT_SETTINGS = {
  max_insert_threads: 1,
  min_insert_block_size_rows: 262_144,
  min_insert_block_size_bytes: 67_108_864,
};
