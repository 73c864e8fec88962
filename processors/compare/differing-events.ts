/** One entity in two runs, event by event: where their states differ, and in what. */
import type { FrozenSpec } from '../../schemas/job.js';
import type { Page } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { parseSkip } from '../store/page-cursor.js';
import type { Store } from '../store/store.js';
import type { DifferingEvent, Presence } from './contract.js';
import { fieldDifference } from './difference-reads.js';
import { bothSides, ENTITY, eventOrder, fieldDifferences, type StoredRun, storedRows } from './sides.js';

interface Row {
  place: string;
  ns: string;
  event_id: string;
  event_type: string;
  topic_id: string;
  partition: number;
  offset: string;
  presence: Presence;
  exists_a: string;
  exists_b: string;
  differences: [string, string, string][];
}

/** Of the entity's rows on both sides: one for each event, with both states as they are after it. */
function afterEachEvent(rows: string, ordering: FrozenSpec['ordering']): string {
  // JSON texts hold no raw tab. An aggregate can be null as text, and not as a tuple.
  const text = (side: number) =>
    `anyOrNullIf(concat(toString(exists), '\\t', toString(shape), '\\t', state), side = ${side})`;
  const tuple = (now: string) =>
    `tuple(splitByChar('\\t', ${now})[1], splitByChar('\\t', ${now})[2], splitByChar('\\t', ${now})[3])`;
  return `SELECT *, multiIf(isNull(text_b), 'only_a', isNull(text_a), 'only_b', 'both') AS presence,
      ${tuple("ifNull(a_now, '')")} AS a, ${tuple("ifNull(b_now, '')")} AS b
    FROM (
      SELECT *, row_number() OVER entity AS place,
        last_value(text_a) IGNORE NULLS OVER entity AS a_now, last_value(text_b) IGNORE NULLS OVER entity AS b_now
      FROM (
        SELECT ${ENTITY}, occurred_at, event_id, topic_id, partition, offset, n, any(event_type) AS event_type,
          ${text(0)} AS text_a, ${text(1)} AS text_b
        FROM (${rows}) GROUP BY ${ENTITY}, occurred_at, event_id, topic_id, partition, offset, n)
      WINDOW entity AS (PARTITION BY ${ENTITY} ORDER BY ${eventOrder(ordering)}
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))`;
}

export async function differingEvents(
  store: Store,
  of: {
    readonly a: StoredRun;
    readonly b: StoredRun;
    readonly ordering: FrozenSpec['ordering'];
    readonly entity: { readonly type: string; readonly id: string };
  },
  page: { readonly limit: number; readonly cursor?: string },
): Promise<Page<DifferingEvent>> {
  const entity = `entity_hash = sipHash64({type:String}, {id:String}) AND entity_type = {type:String} AND entity_id = {id:String}`;
  const sides = bothSides(storedRows(store, of.a, 'a', entity), storedRows(store, of.b, 'b', entity));
  const rows = await store.query<Row>(
    `SELECT toString(e.place) AS place, toString(toUnixTimestamp64Nano(e.occurred_at)) AS ns, e.event_id AS event_id,
       toString(e.event_type) AS event_type, toString(e.topic_id) AS topic_id, e.partition AS partition,
       toString(e.offset) AS offset,
       presence, a.1 AS exists_a, b.1 AS exists_b, ${fieldDifferences('a', 'b')} AS differences
     FROM (${afterEachEvent(sides.sql, of.ordering)}) AS e
     WHERE e.place > {after:UInt64} AND (notEmpty(differences) OR exists_a != exists_b)
     ORDER BY e.place LIMIT {limit:UInt32}`,
    { ...sides.params, ...of.entity, after: parseSkip(page.cursor), limit: page.limit },
  );
  const last = rows.length < page.limit ? undefined : rows.at(-1);
  return { items: rows.map(eventOf), next: last?.place ?? null };
}

function eventOf(row: Row): DifferingEvent {
  return {
    place: Number(row.place),
    eventId: row.event_id,
    eventType: row.event_type,
    timestamp: formatRfc3339Ns(BigInt(row.ns)),
    topicId: row.topic_id,
    partition: row.partition,
    offset: row.offset,
    presence: row.presence,
    existsA: row.exists_a === '' ? null : row.exists_a === '1',
    existsB: row.exists_b === '' ? null : row.exists_b === '1',
    differences: row.differences.map(fieldDifference),
  };
}
