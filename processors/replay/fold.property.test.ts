/**
 * The fold against a naive one, written apart from it: Maps, parsed JSON, BigInt. Values are drawn from JSON whose
 * numbers JavaScript holds exactly, so that the reference may parse payloads and print them again with sorted keys.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoding, Operation } from '../../schemas/encoding.js';
import { encodeRows, foldRows, type InputRow, inputRow } from './fold.fixture.js';
import type { FoldOptions } from './fold-types.js';

type Json = null | boolean | number | string | Json[] | Map<string, Json>;

/** A decimal as digits: unscaled × 10^-4. Reference numbers have at most four decimals. */
const SCALE = 4;

const NAMES = [
  'a',
  'b',
  '',
  '__proto__',
  'constructor',
  'toString',
  'é"\n',
  'z/~',
  '0',
  '10',
  '2',
  '😀',
  '\uff5a',
];

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function print(value: Json): string {
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

const name = fc.constantFrom(...NAMES);
const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, '', 'text', 'quote " and \\ and \u0001', 'ünï', 'x'.repeat(200)),
  fc.integer({ min: -1000, max: 1000 }),
  fc
    .integer({ min: -99_999, max: 99_999 })
    .map((n) => n / 10_000)
    .filter((n) => Math.abs(n) >= 0.0001 || n === 0),
);
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar.map((v) => (Object.is(v, -0) ? 0 : v)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((entries): Json => new Map(entries)),
  ),
})).value;
const payload = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((entries) => new Map(entries));

interface GivenEvent {
  readonly entity: number;
  readonly id: number;
  readonly body: bigint;
  readonly type: string;
  readonly payload: Map<string, Json>;
}

const event: fc.Arbitrary<GivenEvent> = fc.record({
  entity: fc.integer({ min: 0, max: 3 }),
  id: fc.integer({ min: 0, max: 40 }),
  body: fc.bigInt({ min: 1n, max: 3n }),
  type: fc.constantFrom(
    'thing.updated',
    'thing.updated',
    'thing.counted',
    'thing.deleted',
    'noise',
    'thing.ignored',
  ),
  payload,
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constant('set' as const), field: name.filter((n) => n !== ''), from: pointer() }),
  fc.record({
    op: fc.constant('increment' as const),
    field: name.filter((n) => n !== ''),
    by: fc.oneof(pointer(), fc.constant(1.5)),
  }),
  fc.record({ op: fc.constant('append' as const), field: name.filter((n) => n !== ''), from: pointer() }),
  fc.record({ op: fc.constant('remove' as const), field: name.filter((n) => n !== '') }),
  fc.record({ op: fc.constant('merge' as const), field: name.filter((n) => n !== ''), from: pointer() }),
  fc.record({ op: fc.constant('merge' as const), from: pointer() }),
  fc.constant({ op: 'deleteEntity' as const }),
);

function pointer(): fc.Arbitrary<string> {
  return name.map((n) => `/${n.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

const encoding: fc.Arbitrary<Encoding> = fc
  .record({
    tracked: fc.uniqueArray(fc.constantFrom('b', 'a', '__proto__', 'constructor', 'z/~'), { maxLength: 5 }),
    counted: fc.array(operation, { maxLength: 4 }),
    document: fc.boolean(),
  })
  .map(({ tracked, counted, document }) => ({
    name: 'random',
    entity: 'envelope',
    ignore: [{ match: 'thing.ignored', where: { '/a': { exists: true } } }],
    rules: [
      { match: 'thing.*', where: { '/a': true, '/b': { exists: true } }, track: { hit: '/b' } },
      document
        ? { match: 'thing.*', trackDocument: true }
        : { match: 'thing.*', track: Object.fromEntries(tracked.map((f) => [f, pointerOf(f)])) },
      { match: 'thing.counted', operations: counted },
    ],
  }));

function pointerOf(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function toRows(events: readonly GivenEvent[]): InputRow[] {
  return events
    .map((given, i) =>
      inputRow({
        entityHash: BigInt(given.entity),
        entityId: given.entity === 3 ? '' : `entity ${given.entity}`,
        occurredAt: BigInt(i),
        offset: BigInt(i),
        eventId: `event-${given.id}`,
        bodyHash: given.body,
        eventType: given.type,
        payload: print(given.payload),
      }),
    )
    .sort((a, b) => Number(a.entityHash - b.entityHash) || Number(a.occurredAt - b.occurredAt));
}

/** Thrown inside the reference where an operation does not fit. */
class Unfit extends Error {}

class Reference {
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

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((c) => c % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, i) => bytes.subarray(place, places[i] ?? bytes.length));
}

describe('the fold and a naive one', () => {
  it('agree on random events, encodings, modes and cuts', () => {
    fc.assert(
      fc.property(
        encoding,
        fc.array(event, { minLength: 1, maxLength: 60 }),
        fc.constantFrom<FoldOptions['snapshots']>('all', 'changed', 'final'),
        fc.constantFrom<FoldOptions['onFailure']>('skip', 'stop_entity'),
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
        (random, events, snapshots, onFailure, cuts, lost) => {
          const rows = toRows(events);
          const losers = new Set(lost.map((id) => `event-${id}\0thing\0entity 1`));
          const reference = new Reference(random, snapshots, onFailure, losers);
          reference.fold(rows, new Map(events.map((given, i) => [BigInt(i), given.payload])));
          const chunks = cut(encodeRows(rows), cuts);
          const actual = foldRows(random, rows, { snapshots, onFailure, losers }, chunks);
          expect(actual.counters).toEqual(reference.counters);
          expect(
            actual.rows.map((r) => [r.entityId, r.eventId, r.foldSeq, r.exists, r.changes, r.state, r.diff]),
          ).toEqual(reference.rows);
          expect(actual.letters.map((l) => [l.kind, l.eventId, l.offset])).toEqual(reference.letters);
          expect(
            actual.rows.every((r) => r.jobId === 'job' && r.claim === 2n ** 64n - 1n && r.base === ''),
          ).toBe(true);
        },
      ),
      { numRuns: 800 },
    );
  });

  it('gives the same bytes wherever the chunks are cut', () => {
    const rows = Array.from({ length: 300 }, (_, i) =>
      inputRow({
        entityHash: BigInt(i >> 4),
        entityId: `entity ${i >> 4}`,
        eventId: `event ${i}`,
        occurredAt: BigInt(i),
        payload: `{"a":${i % 7},"long":"${'x'.repeat((i * 37) % 9000)}"}`,
      }),
    );
    const encoding: Encoding = {
      name: 'cuts',
      entity: 'envelope',
      rules: [{ match: '*', track: { long: '/long', a: '/a' } }],
    };
    const bytes = encodeRows(rows);
    const whole = foldRows(encoding, rows);
    for (const size of [1, 7, 64, 1000, 65_536]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      // One byte at a time is quadratic in the length of a row: a part will do.
      if (size === 1)
        expect(
          foldRows(
            encoding,
            [],
            {},
            [...bytes.subarray(0, 3000)]
              .map((b) => Buffer.of(b))
              .slice(0, encodeRows(rows.slice(0, 3)).length),
          ),
        ).toMatchObject({ rows: whole.rows.slice(0, 3) });
      else expect(foldRows(encoding, rows, {}, chunks)).toEqual(whole);
    }
    expect(whole.rows.at(-1)!.state.length).toBeGreaterThan(1000);
  });
});
