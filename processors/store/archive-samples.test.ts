/** Samples from an archive on a real engine: only what counts, only the tenant's, the newest first. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARCHIVE_SCOPE } from '../collect/layout.js';
import { startTestEngine, type TestEngine } from '../testing/engine.js';
import { ArchiveSamples } from './archive-samples.js';
import { UnitLog } from './unit-log.js';

let engine: TestEngine;
let samples: ArchiveSamples;

const row = (offset: number, change: object = {}) => ({
  tenant_id: 'acme',
  entity_type: 'doc',
  entity_id: 'd',
  occurred_at: `2024-01-0${offset + 1} 00:00:00.000000001`,
  event_id: `e${offset}`,
  topic_id: 'T',
  topic: 'docs',
  partition: 0,
  offset,
  record_time: '2024-02-01 00:00:00.005',
  event_type: 'doc.changed',
  decision: 'true',
  payload_shape: '\n"a"\n"b"\n',
  payload_values: `${offset}\n12345678901234567890`,
  raw_key_is: 'stored',
  raw_key: 'key',
  raw_value_is: 'stored',
  raw_value: `value ${offset}`,
  headers: '[["h","aGk="]]',
  claim: '7',
  ...change,
});

beforeAll(async () => {
  engine = await startTestEngine();
  const unitLog = new UnitLog(engine.store);
  samples = new ArchiveSamples(engine.readerStore, unitLog);
  await engine.store.insertRows('audit_events', [
    row(0),
    row(1, { raw_value_is: 'encoded', raw_key_is: 'entity_id' }),
    row(2, { tenant_id: 'globex' }),
    row(3, { topic: 'other', raw_key_is: 'null', headers: '' }),
    row(4, { error_code: 'decode_failed' }),
    // Behind the end of what the claim's manifest covers, and under a claim that has none.
    row(5),
    row(3, { event_id: 'void', claim: '8' }),
  ]);
  const unit = { scope: ARCHIVE_SCOPE, unit: 'T/0/00000000000000', worker: 'w' };
  await unitLog.append([
    { ...unit, kind: 'claim', claim: '8', from: 0n },
    { ...unit, kind: 'claim', claim: '7', from: 0n },
    { ...unit, kind: 'manifest', claim: '7', from: 0n, to: 5n },
  ]);
}, 60_000);
afterAll(() => engine?.stop());

test('events are the newest of the tenant that decoded', async () => {
  const events = await samples.events('acme', 10);
  expect(events.map((event) => event.eventId)).toEqual(['e3', 'e1', 'e0']);
  expect(events[0]).toMatchObject({
    tenantId: 'acme',
    eventType: 'doc.changed',
    entityType: 'doc',
    entityId: 'd',
    decision: 'true',
    occurredAtNs: 1_704_326_400_000_000_001n,
    payload: '{"a":3,"b":12345678901234567890}',
  });
  expect((await samples.events('acme', 1)).map((event) => event.eventId)).toEqual(['e3']);
  expect((await samples.events('globex', 10)).map((event) => event.eventId)).toEqual(['e2']);
  expect(await samples.events('nobody', 10)).toEqual([]);
});

test('records are those whose bytes were kept, of the topics asked for', async () => {
  const all = await samples.records('acme', ['docs', 'other'], 10);
  expect(all.map((record) => [record.topic, record.offset, record.value?.toString()])).toEqual([
    ['other', 3n, 'value 3'],
    ['docs', 0n, 'value 0'],
  ]);
  expect(all[0]).toMatchObject({ key: null, headers: [], recordTimeMs: 1_706_745_600_005n });
  expect(all[1]!.key?.toString()).toBe('key');
  expect(all[1]!.headers.map(([name, value]) => [name, value?.toString()])).toEqual([['h', 'hi']]);
  expect(await samples.records('acme', ['none'], 10)).toEqual([]);
});
