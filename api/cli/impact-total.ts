/** Several answers of log replays that continue each other, added up to one. Values stay the text they came in. */
import { type Row, rowOf } from './rows.js';

/** A row of a list with a count. `members`: names and JSON texts, without the count. */
export interface Counted {
  readonly members: readonly (readonly [string, string])[];
  count: number;
}

type ListName = 'reasons' | 'baselines' | 'transitions' | 'groups' | 'errors';

/** What tells rows of a list apart; of the other members the first answer's stand. */
const KEYS: Readonly<Record<ListName, readonly string[]>> = {
  reasons: ['class', 'reason'],
  baselines: ['baseline'],
  transitions: ['from', 'to'],
  groups: ['path', 'from', 'to', 'result', 'new_result', 'error'],
  errors: ['code', 'message'],
};
const STATS_OF_ONE = ['batches_scheduled', 'batches_skipped'];

export class ImpactTotal {
  complete = false;
  readonly stats = new Map<string, number>();
  readonly classes = new Map<string, number>();
  readonly lists = new Map<ListName, Map<string, Counted>>();
  readonly samples: string[] = [];
  /** By path, by the JSON text of the value. */
  readonly affected = new Map<string, Map<string, number>>();
  ungrouped = 0;
  duration = 0;
  #started = '';

  /** The batches of the answer, for the next call to skip. */
  add(data: Buffer, samplesMax: number): string[] {
    const answer = rowOf(data);
    this.complete = answer.raw('complete') === 'true';
    this.#started ||= answer.raw('started');
    this.duration += answer.number('duration');
    this.ungrouped += answer.number('ungrouped');
    // What is scheduled and skipped is counted anew by each call; the first one saw all.
    const first = this.stats.size === 0;
    const stats = answer.row('stats');
    for (const name of stats.names())
      if (first || !STATS_OF_ONE.includes(name)) addTo(this.stats, name, stats.number(name));
    const classes = answer.row('classes');
    for (const name of classes.names()) addTo(this.classes, name, classes.number(name));
    for (const name of Object.keys(KEYS) as ListName[])
      for (const row of answer.rows(name)) this.#count(name, row);
    for (const sample of answer.rows('samples')) {
      if (this.samples.length < samplesMax) this.samples.push(textOf(sample));
    }
    for (const { text, rows } of answer.rows('affected')) {
      const values = this.affected.get(text('path')) ?? new Map<string, number>();
      for (const one of rows('values')) addTo(values, one.raw('value'), one.number('count'));
      this.affected.set(text('path'), values);
    }
    return JSON.parse(answer.raw('analyzed_batches')) as string[];
  }

  list(name: ListName): Counted[] {
    return [...(this.lists.get(name)?.values() ?? [])].sort((a, b) => b.count - a.count);
  }

  count(name: string): number {
    return this.classes.get(name) ?? 0;
  }

  /** JSON of all of it, by the names of the answers. */
  json(): string {
    const counts = (map: ReadonlyMap<string, number>) => JSON.stringify(Object.fromEntries(map));
    const listed = (name: ListName) => `[${this.list(name).map(countedText).join()}]`;
    const affected = [...this.affected].map(([path, values]) => {
      const items = [...values]
        .sort(([, a], [, b]) => b - a)
        .map(([value, n]) => `{"value":${value},"count":${n}}`);
      return `{"path":${JSON.stringify(path)},"values":[${items.join()}]}`;
    });
    const lists = (Object.keys(KEYS) as ListName[]).map((name) => `"${name}":${listed(name)}`);
    return `{"started":${this.#started},"duration":${this.duration},"complete":${this.complete},"stats":${counts(this.stats)},"classes":${counts(this.classes)},${lists.join()},"ungrouped":${this.ungrouped},"affected":[${affected.join()}],"samples":[${this.samples.join()}]}`;
  }

  #count(name: ListName, row: Row): void {
    const list = this.lists.get(name) ?? new Map<string, Counted>();
    this.lists.set(name, list);
    const key = KEYS[name].map((member) => row.raw(member)).join('\n');
    const known = list.get(key);
    if (known !== undefined) known.count += row.number('count');
    else {
      const members = row.names().filter((member) => member !== 'count');
      list.set(key, {
        members: members.map((member) => [member, row.raw(member)]),
        count: row.number('count'),
      });
    }
  }
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function textOf(row: Row): string {
  return `{${row
    .names()
    .map((name) => `${JSON.stringify(name)}:${row.raw(name)}`)
    .join()}}`;
}

function countedText({ members, count }: Counted): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()},"count":${count}}`;
}

/** JSON text of a member; empty where there is none. */
export function memberOf({ members }: Counted, name: string): string {
  return members.find(([member]) => member === name)?.[1] ?? '';
}
