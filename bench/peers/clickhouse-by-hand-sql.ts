/** The tables and the statement of the peer "plain ClickHouse by hand". */
import { TRACKED } from '../expected.js';

const KEY = 'ORDER BY (entity_type, entity_id, occurred_at, source_offset)';
const WINDOW = `w AS (
  PARTITION BY entity_type, entity_id ORDER BY occurred_at, source_offset
  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;

const EVENT_COLUMNS = {
  entity_type: 'LowCardinality(String)',
  entity_id: 'String',
  event_id: 'String',
  event_type: 'LowCardinality(String)',
  occurred_at: "DateTime64(9, 'UTC')",
  source_partition: 'UInt16',
  source_offset: 'UInt64',
};
const NAMES = Object.keys(EVENT_COLUMNS);
const DEFINITIONS = Object.entries(EVENT_COLUMNS).map(([name, type]) => `${name} ${type}`);

/** What the consumer writes, in this order. */
export const LOADED = [...NAMES, 'payload'];

export const CREATE_EVENTS = `CREATE TABLE events (
  ${DEFINITIONS.join(', ')},
  payload String
) ENGINE = MergeTree ${KEY}`;

export const CREATE_SNAPSHOTS = `CREATE TABLE snapshots (
  ${DEFINITIONS.join(', ')},
  state_before String,
  state_after String,
  diff String
) ENGINE = MergeTree ${KEY}`;

/** JSON object of the six columns of a prefix; missing fields are left out. */
function stateJson(prefix: string): string {
  const members = TRACKED.map(
    (field) => `if(isNull(${prefix}${field}), '', concat('"${field}":', assumeNotNull(${prefix}${field})))`,
  );
  return `concat('{', arrayStringConcat(arrayFilter(m -> m != '', [${members.join(', ')}]), ','), '}')`;
}

/** JSON array of what changed. A field that was there stays there, so that nothing is ever "removed". */
function diffJson(): string {
  const changes = TRACKED.map((field) => {
    const before = `assumeNotNull(before_${field})`;
    const after = `assumeNotNull(after_${field})`;
    const open = `'{"field":"${field}"`;
    return `multiIf(
      isNull(after_${field}) OR (isNotNull(before_${field}) AND ${before} = ${after}), '',
      isNull(before_${field}), concat(${open},"before":null,"after":', ${after}, ',"operation":"added"}'),
      concat(${open},"before":', ${before}, ',"after":', ${after}, ',"operation":"modified"}'))`;
  });
  return `concat('[', arrayStringConcat(arrayFilter(c -> c != '', [${changes.join(', ')}]), ','), ']')`;
}

/** NULL: the event does not carry the field; JSON's null is text. Materialized columns, made at insert, were not faster. */
const fields = TRACKED.map((field) => `nullIf(JSONExtractRaw(payload, '${field}'), '') AS ${field}`);
/** last_value passes over NULL. */
const after = TRACKED.map((field) => `last_value(${field}) OVER w AS after_${field}`);
const before = TRACKED.map((field) => `lagInFrame(after_${field}) OVER w AS before_${field}`);

export const FOLD = `INSERT INTO snapshots
SELECT ${NAMES.join(', ')}, ${stateJson('before_')}, ${stateJson('after_')}, ${diffJson()}
FROM (
  SELECT ${NAMES.join(', ')}, ${TRACKED.map((field) => `after_${field}`).join(', ')}, ${before.join(', ')}
  FROM (
    SELECT ${NAMES.join(', ')}, ${after.join(', ')}
    FROM (SELECT ${NAMES.join(', ')}, ${fields.join(', ')} FROM events)
    WINDOW ${WINDOW}
  )
  WINDOW ${WINDOW}
)`;

/** See bench/expected.ts. */
export const DIGEST = `SELECT
  leftPad(lower(hex(sum(reinterpretAsUInt64(reverse(substring(hash, 1, 8)))))), 16, '0') AS digest,
  sum(rows) AS snapshots
FROM (
  SELECT
    SHA256(concat(entity_type, '\\0', entity_id, '\\0', argMax(state_after, (occurred_at, source_offset)))) AS hash,
    count() AS rows
  FROM snapshots GROUP BY entity_type, entity_id
)`;
