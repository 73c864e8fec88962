/**
 * A naive fold, written apart from the real one, that the property test compares with: Maps, values as JavaScript has
 * them, BigInt for sums. It knows only the encodings that the test makes.
 */
import type { Encoding, Operation } from '../../schemas/encoding.js';
import type { InputRow } from './fold.fixture.js';
import type { FoldOptions } from './fold-types.js';

export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

/** A decimal as digits: unscaled × 10^-4. Reference numbers have at most four decimals. */
const SCALE = 4;

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function print(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`;
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(byCodePoint);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${print(value.get(key)!)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Sum of two printed decimals with up to four decimals, in the shortest spelling. */
function sum(a: string, b: string): string {
  const scaled = (text: string): bigint => {
    const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
    const digits = BigInt(whole + fraction.padEnd(SCALE, '0'));
    return text.startsWith('-') ? -digits : digits;
  };
  const total = scaled(a) + scaled(b);
  const digits = (total < 0n ? -total : total).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Thrown inside the reference where an operation does not fit. */
class Unfit extends Error {}

export class Reference {
  readonly rows: [string, string, bigint, number, number, string, string][] = [];
  readonly letters: [string, string, bigint][] = [];
  readonly counters = {
    events: 0,
    processed: 0,
    failed: 0,
    duplicates: 0,
    conflicts: 0,
    skipped: 0,
    snapshots: 0,
    changed: 0,
    entities: 0,
  };

  constructor(
    readonly encoding: Encoding,
    readonly mode: FoldOptions['snapshots'],
    readonly onFailure: FoldOptions['onFailure'],
    readonly losers: ReadonlySet<string>,
  ) {}

  fold(rows: readonly InputRow[], payloads: ReadonlyMap<bigint, Map<string, Json>>): void {
    for (const hash of new Set(rows.map((row) => row.entityHash)))
      this.#entity(
        rows.filter((row) => row.entityHash === hash),
        payloads,
      );
  }

  #entity(rows: readonly InputRow[], payloads: ReadonlyMap<bigint, Map<string, Json>>): void {
    const bodies = new Map<string, bigint>();
    let state = new Map<string, Json>();
    let seq = 0;
    let stopped = false;
    let last: (typeof this.rows)[number] | null = null;
    for (const row of rows) {
      this.counters.events++;
      const first = bodies.get(row.eventId);
      const lost = this.losers.has(`${row.eventId}\0${row.entityType}\0${row.entityId}`);
      if (lost || (first !== undefined && first !== row.bodyHash)) {
        this.counters.conflicts++;
        this.letters.push(['conflict', row.eventId, row.offset]);
        continue;
      }
      if (first !== undefined) {
        this.counters.duplicates++;
        continue;
      }
      bodies.set(row.eventId, row.bodyHash);
      const given = payloads.get(row.offset)!;
      const rule = this.#rule(row.eventType, given);
      if (rule === null) {
        this.counters.skipped++;
        continue;
      }
      let next: { state: Map<string, Json>; exists: number };
      try {
        if (stopped || row.entityId === '') throw new Unfit();
        next = this.#apply(rule, row.eventType, state, given);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        this.counters.failed++;
        this.letters.push(['failed', row.eventId, row.offset]);
        if (this.onFailure === 'stop_entity') stopped = true;
        continue;
      }
      this.counters.processed++;
      if (seq === 0) this.counters.entities++;
      const [changes, diff] = this.#diff(state, next.state);
      state = next.state;
      if (changes > 0) this.counters.changed++;
      const out: (typeof this.rows)[number] = [
        row.entityId,
        row.eventId,
        BigInt(seq++),
        next.exists,
        changes,
        this.#text(state),
        diff,
      ];
      if (this.mode === 'all' || (this.mode === 'changed' && changes > 0)) this.rows.push(out);
      last = out;
    }
    if (this.mode === 'final' && last !== null) {
      const [changes, diff] = this.#diff(new Map(), state);
      last[4] = changes;
      last[6] = diff;
      this.rows.push(last);
    }
    this.counters.snapshots = this.rows.length;
  }

  /** Hand-made for the encodings above: exact beats prefix, the first of equal prefixes, conditions must hold. */
  #rule(type: string, given: Map<string, Json>): Encoding['rules'][number] | null {
    if (!type.startsWith('thing.')) return null;
    if (type === 'thing.ignored' && given.has('a')) return null;
    if (type === 'thing.counted') return this.encoding.rules[2]!;
    return given.get('a') === true && given.has('b') ? this.encoding.rules[0]! : this.encoding.rules[1]!;
  }

  #apply(rule: Encoding['rules'][number], type: string, before: Map<string, Json>, given: Map<string, Json>) {
    if (rule.operations === undefined && type.endsWith('.deleted'))
      return { state: new Map<string, Json>(), exists: 0 };
    const state = new Map(before);
    if (rule.trackDocument) for (const [field, v] of given) state.set(field, v);
    for (const [field, from] of Object.entries(rule.track ?? {})) {
      const found = this.#find(from as string, given);
      if (found !== undefined) state.set(field, found);
    }
    let deleted = false;
    let set = new Set<string>();
    for (const operation of rule.operations ?? []) {
      if (operation.op === 'deleteEntity') {
        state.clear();
        set = new Set();
        deleted = true;
      } else if (operation.op === 'remove') {
        state.delete(operation.field);
        set.delete(operation.field);
      } else {
        for (const field of this.#change(operation, state, given)) set.add(field);
      }
    }
    return { state, exists: deleted && set.size === 0 ? 0 : 1 };
  }

  /** Fields that were set. */
  #change(operation: Operation, state: Map<string, Json>, given: Map<string, Json>): string[] {
    if (operation.op === 'increment') {
      const by = typeof operation.by === 'number' ? operation.by : this.#find(operation.by as string, given);
      if (by === undefined) return [];
      const current = state.get(operation.field) ?? 0;
      if (state.get(operation.field) === null || typeof by !== 'number' || typeof current !== 'number')
        throw new Unfit();
      state.set(operation.field, Number(sum(String(current), String(by))));
      return [operation.field];
    }
    if (!('from' in operation)) return [];
    const from = this.#find(operation.from as string, given);
    if (from === undefined) return [];
    if (operation.op === 'set') state.set(operation.field, from);
    else if (operation.op === 'append') {
      const current = state.has(operation.field) ? state.get(operation.field)! : [];
      if (!Array.isArray(current)) throw new Unfit();
      state.set(operation.field, [...current, from]);
    } else {
      if (!(from instanceof Map)) throw new Unfit();
      if (operation.field === undefined) {
        for (const [field, v] of from) state.set(field, v);
        return [...from.keys()];
      }
      const current = state.has(operation.field) ? state.get(operation.field)! : new Map<string, Json>();
      if (!(current instanceof Map)) throw new Unfit();
      state.set(operation.field, new Map([...current, ...from]));
    }
    return [operation.field ?? ''];
  }

  #find(template: string, given: Map<string, Json>): Json | undefined {
    return given.get(template.slice(1).replaceAll('~1', '/').replaceAll('~0', '~'));
  }

  #order(fields: Iterable<string>): string[] {
    const declared = this.encoding.rules.flatMap((rule) => Object.keys(rule.track ?? {}));
    const rank = (field: string): number =>
      declared.includes(field) ? declared.indexOf(field) : declared.length;
    return [...fields].sort((a, b) => rank(a) - rank(b) || byCodePoint(a, b));
  }

  #text(state: Map<string, Json>): string {
    const members = this.#order(state.keys()).map(
      (field) => `${JSON.stringify(field)}:${print(state.get(field)!)}`,
    );
    return `{${members.join(',')}}`;
  }

  #diff(before: Map<string, Json>, after: Map<string, Json>): [number, string] {
    const fields = this.#order(new Set([...before.keys(), ...after.keys()]));
    const items = fields.flatMap((field) => {
      const [was, is] = [before, after].map((s) => (s.has(field) ? print(s.get(field)!) : undefined));
      if (was === is) return [];
      const operation = was === undefined ? 'added' : is === undefined ? 'removed' : 'modified';
      const parts = [`"field":${JSON.stringify(field)}`];
      if (was !== undefined) parts.push(`"before":${was}`);
      if (is !== undefined) parts.push(`"after":${is}`);
      return [`{${[...parts, `"operation":"${operation}"`].join(',')}}`];
    });
    return [items.length, `[${items.join(',')}]`];
  }
}
