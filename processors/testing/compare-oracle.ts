/**
 * What reports and comparisons must say, worked out from the oracle's snapshots one by one: the plain counterpart of the
 * SQL in processors/compare/. Every result is text, so that tests compare lists of lines.
 */
import { byBytes, isObject, type Json, parseJson, text } from './oracle/json.js';
import type { OracleJob, OracleSnapshot } from './oracle/types.js';

const SEP = ' | ';
const entityKey = (row: OracleSnapshot): string => `${row.entityType}/${row.entityId}`;

interface Tally {
  count: number;
  changed: number;
  readonly entities: Set<string>;
}

/** `event type | entity type | …counts`, `field | …`: see DryRunReport. Sorted. */
export function expectedReport(snapshots: readonly OracleSnapshot[]): {
  events: string[];
  entities: string[];
  fields: string[];
} {
  const events = new Map<string, Tally>();
  const entities = new Map<string, Tally>();
  const fields = new Map<string, Tally>();
  const add = (to: Map<string, Tally>, key: string, row: OracleSnapshot): void => {
    const tally = to.get(key) ?? { count: 0, changed: 0, entities: new Set() };
    tally.count++;
    if (row.changes > 0) tally.changed++;
    tally.entities.add(entityKey(row));
    to.set(key, tally);
  };
  for (const row of snapshots) {
    add(events, [row.eventType, row.entityType].join(SEP), row);
    add(entities, row.entityType, row);
    for (const step of parseJson(row.diff) as readonly Json[]) {
      const member = (name: string) => (isObject(step) ? step.get(name) : undefined) as string;
      add(fields, [row.entityType, member('field'), member('operation')].join(SEP), row);
    }
  }
  const lines = (from: Map<string, Tally>): string[] =>
    [...from].map(([key, one]) => [key, one.count, one.changed, one.entities.size].join(SEP)).sort();
  return { events: lines(events), entities: lines(entities), fields: lines(fields) };
}

type Fields = ReadonlyMap<string, string>;

export interface ExpectedDifference {
  readonly entity: string;
  readonly presence: 'both' | 'only_a' | 'only_b';
  readonly finalDiffers: boolean;
  /** `field operation`, sorted; of the entity: ` ended`, ` revived`. */
  readonly changes: readonly string[];
  /** `field before after`, sorted by the field as a JSON string. */
  readonly differences: readonly string[];
  readonly events: number;
  /** Id of the first event after which the states differ; '': none. */
  readonly first: string;
}

export interface ExpectedDifferences {
  readonly entities: number;
  readonly differing: readonly ExpectedDifference[];
}

/** Compares two folds entity by entity. `history`: false where a side has last states only. */
export function expectedDifferences(
  a: readonly OracleSnapshot[],
  b: readonly OracleSnapshot[],
  ordering: OracleJob['ordering'],
  history = true,
): ExpectedDifferences {
  const [sideA, sideB] = [byEntity(a), byEntity(b)];
  const all = [...new Set([...sideA.keys(), ...sideB.keys()])].sort(byBytes);
  const differing = all.flatMap((entity) => {
    const one = differenceOf(entity, sideA.get(entity) ?? [], sideB.get(entity) ?? [], ordering, history);
    return one === null ? [] : [one];
  });
  return { entities: all.length, differing };
}

function byEntity(rows: readonly OracleSnapshot[]): Map<string, OracleSnapshot[]> {
  const found = new Map<string, OracleSnapshot[]>();
  for (const row of rows) found.set(entityKey(row), [...(found.get(entityKey(row)) ?? []), row]);
  for (const list of found.values()) list.sort((x, y) => x.foldSeq - y.foldSeq);
  return found;
}

function differenceOf(
  entity: string,
  a: readonly OracleSnapshot[],
  b: readonly OracleSnapshot[],
  ordering: OracleJob['ordering'],
  history: boolean,
): ExpectedDifference | null {
  const [lastA, lastB] = [a.at(-1), b.at(-1)];
  const [before, after] = [fieldsOf(lastA), fieldsOf(lastB)];
  const names = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .sort((x, y) => byBytes(text(x), text(y)));
  const operation = (name: string) =>
    !before.has(name) ? 'added' : !after.has(name) ? 'removed' : 'modified';
  const presence = lastB === undefined ? 'only_a' : lastA === undefined ? 'only_b' : 'both';
  const changes = names.map((name) => `${name} ${operation(name)}`);
  if (lastA?.exists === true && lastB?.exists === false) changes.unshift(' ended');
  if (lastA?.exists === false && lastB?.exists === true) changes.unshift(' revived');
  const finalDiffers = presence !== 'both' || changes.length > 0;
  const way = history ? differingEvents(a, b, ordering) : [];
  if (!finalDiffers && way.length === 0) return null;
  return {
    entity,
    presence,
    finalDiffers,
    changes: presence === 'both' ? changes : [],
    differences: names.map((name) => `${name} ${before.get(name) ?? '-'} ${after.get(name) ?? '-'}`),
    events: way.length,
    first: way[0] ?? '',
  };
}

/** Of one entity: ids of the events after which its states differ, in order. */
export function differingEventIds(
  a: readonly OracleSnapshot[],
  b: readonly OracleSnapshot[],
  entity: string,
  ordering: OracleJob['ordering'],
): string[] {
  return differingEvents(byEntity(a).get(entity) ?? [], byEntity(b).get(entity) ?? [], ordering);
}

/** Ids of the events after which the states so far differ. */
function differingEvents(
  a: readonly OracleSnapshot[],
  b: readonly OracleSnapshot[],
  ordering: OracleJob['ordering'],
): string[] {
  const place = (row: OracleSnapshot) => `${row.topicId}/${row.partition}/${row.offset}/${row.n}`;
  const places = new Map([...a, ...b].map((row) => [place(row), row]));
  const ordered = [...places.values()].sort(ordering === 'log' ? byLog : byTime);
  const [rowsA, rowsB] = [a, b].map((rows) => new Map(rows.map((row) => [place(row), row])));
  let [nowA, nowB] = ['', ''];
  return ordered.flatMap((row) => {
    nowA = stateOf(rowsA!.get(place(row))) ?? nowA;
    nowB = stateOf(rowsB!.get(place(row))) ?? nowB;
    return nowA === nowB ? [] : [row.eventId];
  });
}

const byLog = (x: OracleSnapshot, y: OracleSnapshot): number =>
  byBytes(x.topicId, y.topicId) || x.partition - y.partition || Number(x.offset - y.offset) || x.n - y.n;
const byTime = (x: OracleSnapshot, y: OracleSnapshot): number =>
  Number(x.occurredAtNs - y.occurredAtNs) || byBytes(x.eventId, y.eventId) || byLog(x, y);

function stateOf(row: OracleSnapshot | undefined): string | undefined {
  if (row === undefined) return undefined;
  return `${row.exists} ${[...fieldsOf(row)]
    .sort(([x], [y]) => byBytes(x, y))
    .map((member) => member.join(':'))
    .join(',')}`;
}

function fieldsOf(row: OracleSnapshot | undefined): Fields {
  if (row === undefined) return new Map();
  const state = parseJson(row.stateAfter) as ReadonlyMap<string, Json>;
  return new Map([...state].map(([name, value]) => [name, text(value)]));
}
