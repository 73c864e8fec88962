import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { AVRO_SCHEMAS, asWrittenBy, avroDatum } from '../generate/avro-versions.js';
import { type GeneratedEvent, isGarbage } from '../generate/event.js';
import { Prng } from '../generate/prng.js';
import { randomEvents } from '../generate/random-events.js';
import { limits, longType, MemoryRegistry, wire } from '../sources/avro.fixture.js';
import { RewindAvroDecoder } from '../sources/avro-decoder.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { EventPlaces } from '../sources/event-places.js';
import { LogRecords } from '../sources/log-records.js';
import { type NativeRow, readNative } from '../store/native.fixture.js';
import { ArchiveBlock } from './archive-block.js';
import { RAW_KEY_IS, RAW_VALUE_IS, type RawRow, rawRecord } from './raw-record.js';

const NAME = { topicId: 'T', topic: 'audit', partition: 3 };
const registry = new MemoryRegistry();
const types = new Map<number, avro.Type>();
for (const [version, schema] of Object.entries(AVRO_SCHEMAS)) {
  registry.schemas.set(Number(version), schema);
  const parsed = JSON.parse(schema) as avro.Schema;
  types.set(Number(version), avro.Type.forSchema(parsed, { registry: { long: longType } }));
}

/** What producers may do that our own never does: half of the payloads stay as they are spelled, texts are empty. */
function spelled(event: GeneratedEvent, prng: Prng): GeneratedEvent {
  let next = event;
  if (prng.int(0, 9) > 0) {
    try {
      next = { ...next, payloadJson: canonicalJson(event.payloadJson) };
      if (event.decisionJson !== undefined)
        next = { ...next, decisionJson: canonicalJson(event.decisionJson) };
    } catch {
      // A payload that is refused.
    }
  }
  if (prng.int(0, 9) === 0) next = { ...next, actor: '' };
  if (prng.int(0, 9) === 0) next = { ...next, keyText: next.entityId ?? '' };
  return next;
}

/** Random records of all five schema versions, one in twenty damaged. */
function randomRecords(seed: number, events: number): LogRecords {
  const prng = new Prng(seed, 9);
  const records = [...randomEvents({ seed, events })].map(({ entry, recordTimeMs, schemaVersion }, i) => {
    const base = { offset: (1n << 40n) + BigInt(i * 3), recordTimeMs, headers: [] };
    const key = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
    if (isGarbage(entry)) return { ...base, key: key(entry.keyText), value: entry.garbage };
    const version = prng.int(0, 3) === 0 ? schemaVersion : 2;
    const event = asWrittenBy(version, spelled(entry, prng));
    const value = wire(version, types.get(version)!.toBuffer(avroDatum(version, event)));
    if (prng.int(0, 19) === 0) value[prng.int(0, value.length - 1)] = prng.int(0, 255);
    return { ...base, key: key(event.keyText), value };
  });
  return LogRecords.of(NAME, records);
}

async function blockOf(
  records: LogRecords,
  short: boolean,
  keepRaw: boolean,
): Promise<{ bytes: Buffer; located: number }> {
  const decoder = new RewindAvroDecoder(registry, limits, '');
  await decoder.prepare(records);
  const block = new ArchiveBlock({ table: 'audit_events' });
  const places = new EventPlaces();
  let located = 0;
  block.begin(NAME, 7n);
  for (const part of records.parts) {
    for (let i = part.first; i < part.end; i++) {
      if (short && decoder.locate(records, part, i, places)) {
        block.addPlaces(records, part, i, places, keepRaw);
        located++;
        continue;
      }
      const record = records.record(part, i);
      block.addRecord(record, decoder.decode(record), keepRaw);
    }
  }
  return { bytes: Buffer.concat(block.chunks()), located };
}

function withoutRaw(row: NativeRow): NativeRow {
  const { raw_key: _key, raw_value: _value, raw_key_is: _keyIs, raw_value_is: _valueIs, ...rest } = row;
  return rest;
}

/** Rows as rawRecord reads them. */
function rawRows(block: Buffer): RawRow[] {
  const bytes = readNative(block, 'latin1');
  const nameOf = <T extends string>(names: Readonly<Record<T, number>>, value: unknown) =>
    (Object.keys(names) as T[]).find((name) => BigInt(names[name]) === value)!;
  return readNative(block).map((row, i) => ({
    ...(row as unknown as RawRow),
    schema_id: Number(row.schema_id),
    raw_key_is: nameOf(RAW_KEY_IS, row.raw_key_is),
    raw_value_is: nameOf(RAW_VALUE_IS, row.raw_value_is),
    raw_key: Buffer.from(bytes[i]!.raw_key as string, 'latin1'),
    raw_value: Buffer.from(bytes[i]!.raw_value as string, 'latin1'),
  }));
}

describe('a block', () => {
  test('is the same whether places are copied or events written', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const records = randomRecords(seed, 2_000);
      const short = await blockOf(records, true, true);
      const long = await blockOf(records, false, true);
      expect(readNative(short.bytes).map(withoutRaw)).toEqual(readNative(long.bytes).map(withoutRaw));
      expect(short.located).toBeGreaterThan(500);
      expect(short.located).toBeLessThan(1_900);
    }
  });

  test('gives every record again, byte for byte, and stores few of them twice', async () => {
    for (let seed = 6; seed <= 10; seed++) {
      const records = randomRecords(seed, 2_000);
      const { bytes } = await blockOf(records, true, true);
      const rows = rawRows(bytes);
      const ways = new Set<string>();
      for (const [i, record] of [...records].entries()) {
        const row = rows[i]!;
        ways.add(row.raw_key_is).add(row.raw_value_is).add(`${row.raw_value_is} by ${row.schema_id}`);
        const raw = rawRecord(row, registry.schemas.get(row.schema_id) ?? '');
        expect({ i, ...raw }).toEqual({ i, key: record.key, value: record.value });
      }
      expect([...ways]).toEqual(expect.arrayContaining(['stored', 'entity_id', 'null', 'encoded']));
      // What version 3 adds is in no column.
      for (const version of [1, 2, 4, 5])
        expect([...ways]).toContain(version === 4 ? 'stored by 4' : `encoded by ${version}`);
      expect([...ways]).not.toContain('encoded by 3');
    }
  });

  test('without keepRaw still says what can be had again, and keeps what did not decode', async () => {
    const records = randomRecords(11, 2_000);
    const rows = rawRows((await blockOf(records, true, false)).bytes);
    for (const [i, record] of [...records].entries()) {
      const { key, value } = rawRecord(rows[i]!, registry.schemas.get(rows[i]!.schema_id) ?? '');
      if (key !== undefined) expect(key).toEqual(record.key);
      if (value !== undefined) expect(value).toEqual(record.value);
      if (rows[i]!.payload_shape === '') expect(value).not.toBe(undefined);
      else expect(rows[i]!.raw_value).toHaveLength(0);
    }
  });

  test('has more keys than a byte or two can count, and is empty again after clear', () => {
    const block = new ArchiveBlock({ table: 'replay_events', jobId: 'j', stage: 'mapped' });
    const record = { ...NAME, offset: 1n, recordTimeMs: -5n, key: null, value: null, headers: [] };
    const event = (i: number) => ({
      eventId: `e${i}`,
      tenantId: 'acme',
      eventType: `type.${i}`,
      entityType: 'thing',
      entityId: 'ü'.repeat(i % 7),
      declaredEntityType: '',
      actor: '',
      action: '',
      severity: '',
      occurredAtNs: -1n,
      decision: '',
      payload: i % 2 === 0 ? '{}' : `{"a":${i},"b":[1,{"c":"}"}]}`,
    });
    for (const count of [3, 300, 70_000, 2]) {
      block.clear();
      block.begin(NAME, (1n << 64n) - 1n);
      for (let i = 0; i < count; i++)
        block.addMapped(record, event(i), { entityType: 'o', entityId: '' }, i % 3);
      const rows = readNative(Buffer.concat(block.chunks()));
      expect(rows).toHaveLength(count);
      for (const [i, row] of rows.entries()) {
        if (row.event_type !== `type.${i}` || row.envelope_entity_id !== 'ü'.repeat(i % 7))
          expect(row).toBe(i);
      }
      expect(rows[1]).toMatchObject({
        job_id: 'j',
        stage: 'mapped',
        entity_type: 'o',
        envelope_entity_type: 'thing',
        occurred_at: -1n,
        record_time: 0n,
        n: 1n,
        claim: (1n << 64n) - 1n,
        payload_shape: '\n"a"\n"b"\n',
        payload_values: '1\n[1,{"c":"}"}]',
        schema_id: -1n,
      });
      expect(rows[0]).toMatchObject({
        payload_shape: '\n',
        payload_values: '',
        topic: 'audit',
        partition: 3n,
      });
    }
  });
});
