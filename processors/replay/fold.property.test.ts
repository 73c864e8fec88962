/**
 * The fold against a naive one, written apart from it: Maps, parsed JSON, BigInt. Values are drawn from JSON whose
 * numbers JavaScript holds exactly, so that the reference may parse payloads and print them again with sorted keys.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoding, Operation } from '../../schemas/encoding.js';
import { encodeRows, foldRows, type InputRow, inputRow } from './fold.fixture.js';
import { type Json, print, Reference } from './fold.reference.js';
import type { FoldOptions } from './fold-types.js';

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
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(1, 300, 1 << 20),
        (random, events, snapshots, onFailure, cuts, lost, blockRows, outputBytes) => {
          const rows = toRows(events);
          const losers = new Set(lost.map((id) => `event-${id}\0thing\0entity 1`));
          const reference = new Reference(random, snapshots, onFailure, losers);
          reference.fold(rows, new Map(events.map((given, i) => [BigInt(i), given.payload])));
          const chunks = cut(encodeRows(rows, blockRows), cuts);
          const actual = foldRows(random, rows, { snapshots, onFailure, losers }, chunks, outputBytes);
          expect(actual.counters).toEqual(reference.counters);
          expect(
            actual.rows.map((r) => [r.entityId, r.eventId, r.foldSeq, r.exists, r.changes, r.state, r.diff]),
          ).toEqual(reference.rows);
          expect(actual.letters.map((l) => [l.kind, l.eventId, l.offset])).toEqual(reference.letters);
          expect(actual.rows.every((r) => r.jobId === 'job' && r.claim === 2n ** 64n - 1n)).toBe(true);
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
    for (const size of [7, 64, 1000, 65_536]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(foldRows(encoding, rows, {}, chunks)).toEqual(whole);
    }
    const few = encodeRows(rows.slice(0, 20));
    const single = foldRows(
      encoding,
      [],
      {},
      [...few].map((byte) => Buffer.of(byte)),
    );
    expect(single.rows).toEqual(whole.rows.slice(0, 20));
    expect(whole.rows.at(-1)!.state.length).toBeGreaterThan(1000);
  });
});
