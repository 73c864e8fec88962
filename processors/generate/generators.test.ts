/** The generators keep what they promise: the same from a seed, and everything in it that tests rely on. */
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { AVRO_SCHEMAS, avroDatum } from './avro-versions.js';
import { type GeneratedEvent, isGarbage } from './event.js';
import { type RandomEntry, randomEvents } from './random-events.js';
import { SCALE_ENCODING, scaleEvents } from './scale.js';
import { Story, type StoryEntry } from './story.js';

const BIG_LONG = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const printable = (value: unknown) =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

describe('random events', () => {
  const entries: RandomEntry[] = [...randomEvents({ seed: 1, events: 20_000 })];
  const events = entries.map(({ entry }) => entry).filter((entry) => !isGarbage(entry)) as GeneratedEvent[];

  it('are the same from the same seed, and others from another', () => {
    const take = (seed: number) => printable([...randomEvents({ seed, events: 300 })]);
    expect(take(5)).toBe(take(5));
    expect(take(5)).not.toBe(take(6));
  });

  it('hold everything that a log can do to a fold', () => {
    expect(entries).toHaveLength(20_000);
    const ids = new Map<string, GeneratedEvent[]>();
    for (const event of events)
      if (event.eventId !== undefined) ids.set(event.eventId, [...(ids.get(event.eventId) ?? []), event]);
    const shared = [...ids.values()].filter((same) => same.length > 1);
    expect(shared.length).toBeGreaterThan(300);
    expect(shared.some((same) => new Set(same.map((one) => one.entityId)).size > 1)).toBe(true);
    expect(shared.some((same) => new Set(same.map((one) => one.payloadJson)).size > 1)).toBe(true);
    expect(entries.length - events.length).toBeGreaterThan(40);
    expect(new Set(entries.map((one) => one.schemaVersion))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(new Set(events.map((one) => one.tenantId)).size).toBe(3);
    expect(new Set(events.map((one) => one.occurredAtNs)).size).toBeLessThan(events.length - 500);
    let late = 0;
    for (let i = 1; i < events.length; i++) if (events[i]!.occurredAtNs < events[i - 1]!.occurredAtNs) late++;
    expect(late).toBeGreaterThan(1000);
    const text = events.map((one) => one.payloadJson).join('\n');
    for (const part of [
      '__proto__',
      'constructor',
      '123456789012345678901234567890',
      '1e400',
      '\\u',
      '😀',
      'null',
    ])
      expect(text).toContain(part);
    const topics = new Map<string, Set<number>>();
    for (const { entry, topic } of entries)
      if (!isGarbage(entry) && entry.entityId !== undefined)
        topics.set(entry.entityId, (topics.get(entry.entityId) ?? new Set()).add(topic));
    expect([...topics.values()].some((both) => both.size === 2)).toBe(true);
    expect(events.some((one) => one.keyText !== undefined && one.keyText !== one.entityId)).toBe(true);
  });

  it('can be written with the Avro schema they name', () => {
    const types = Object.fromEntries(
      Object.entries(AVRO_SCHEMAS).map(([version, schema]) => [
        version,
        avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { registry: { long: BIG_LONG } }),
      ]),
    );
    for (const { entry, schemaVersion } of entries.slice(0, 20_000)) {
      if (isGarbage(entry)) continue;
      const type = types[schemaVersion]!;
      const read = type.fromBuffer(type.toBuffer(avroDatum(schemaVersion, entry))) as Record<string, unknown>;
      expect(String(read.payload)).toBe(entry.payloadJson);
      expect(read.occurred_at).toBe(entry.occurredAtNs);
    }
  });
});

describe('the demo story', () => {
  const tell = (events: number, seed = 1) => {
    const story = new Story({ seed, events });
    const entries: StoryEntry[] = [];
    for (const batch of story.batches(1000)) entries.push(...batch);
    return { facts: story.facts, entries };
  };
  const { facts, entries } = tell(60_000);
  const events = entries.map(({ entry }) => entry).filter((entry) => !isGarbage(entry)) as GeneratedEvent[];

  it('has as many records as asked for, the same from the same seed', () => {
    expect(entries).toHaveLength(60_000);
    const { counts } = facts;
    expect(counts.events + counts.duplicates + counts.unreadable).toBe(60_000);
    expect(counts.duplicates).toBeGreaterThan(50);
    expect(counts.unreadable).toBeGreaterThan(0);
    expect(printable(tell(2000))).toBe(printable(tell(2000)));
  });

  it('lies within its days, with every family of events', () => {
    expect(events.every((one) => one.occurredAtNs >= facts.startNs && one.occurredAtNs < facts.endNs)).toBe(
      true,
    );
    expect(new Set(events.map((one) => one.entityType))).toEqual(
      new Set(['content', 'playbook', 'execution', 'billing', 'agent']),
    );
    expect(new Set(events.map((one) => one.tenantId))).toEqual(new Set(['northwind', 'bluepeak', 'harbor']));
    for (const event of events.slice(0, 5000)) expect(typeof JSON.parse(event.payloadJson)).toBe('object');
  });

  it('tells of the billing mistake what really is in the events', () => {
    const { billing } = facts;
    const byId = new Map(events.map((one) => [one.eventId, one]));
    expect(billing.doubled.length).toBeGreaterThan(5);
    for (const { eventId, accountId, before, after, atNs } of billing.doubled) {
      const event = byId.get(eventId)!;
      expect(event.entityId).toBe(accountId);
      expect(event.tenantId).toBe('northwind');
      expect(event.actor).toBe('metering-4.2.0');
      expect((JSON.parse(event.payloadJson) as { tokensUsed: number }).tokensUsed).toBe(after);
      expect(after).toBeGreaterThan(before * 1.9);
      expect(atNs >= billing.deployedAtNs && atNs < billing.rolledBackAtNs).toBe(true);
    }
    const business = billing.doubled.filter((one) => one.plan === 'business').map((one) => one.accountId);
    expect(billing.corrected.toSorted()).toEqual(business.toSorted());
    const doubled = new Set(billing.doubled.map((one) => one.accountId));
    expect(billing.suspended.length).toBeGreaterThan(0);
    expect(billing.suspended.every((one) => doubled.has(one.accountId))).toBe(true);
    expect(
      events.filter((one) => one.actor === 'metering-4.2.0').every((one) => doubled.has(one.entityId!)),
    ).toBe(true);
  });
});

describe('events for benchmarks', () => {
  it('keep to their entities, partitions and size', () => {
    const entries = [
      ...scaleEvents({ seed: 1, events: 5000, entities: 100, partitions: 4, startNs: 0n, stepNs: 1000n }),
    ];
    const homes = new Map<string, Set<number>>();
    for (const { event, partition } of entries)
      homes.set(event.entityId!, (homes.get(event.entityId!) ?? new Set()).add(partition));
    expect(homes.size).toBe(100);
    expect([...homes.values()].every((home) => home.size === 1)).toBe(true);
    const tracked = Object.keys(SCALE_ENCODING.rules[0]!.track!);
    const fields = Object.keys(JSON.parse(entries[0]!.event.payloadJson) as object);
    expect(fields.toSorted()).toEqual(tracked.toSorted());
    expect(new Set(entries.map(({ event }) => event.eventId)).size).toBe(5000);
    const { event } = entries[0]!;
    const bytes = Object.values(event).join('').length;
    expect(bytes).toBeGreaterThan(200);
    expect(bytes).toBeLessThan(320);
  });
});
