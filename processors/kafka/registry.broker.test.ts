/** The registry client against a real Confluent-compatible registry. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaRegistry as ConfluentRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeAuditEvent } from '../sources/avro-encoder.js';
import { createDecoder } from '../sources/decoder.js';
import { LogRecords } from '../sources/log-records.js';
import { auditEventSchema } from '../sources/schema-files.js';
import { type TestCluster, useCluster } from '../testing/cluster.js';
import { HttpRegistry } from './registry-http.js';

let cluster: TestCluster;
let cacheDir: string;

beforeAll(async () => {
  cluster = await useCluster();
  cacheDir = await mkdtemp(join(tmpdir(), 'rewind-schemas-'));
});

afterAll(async () => {
  await rm(cacheDir, { recursive: true, force: true });
  await cluster.stop();
});

const open = (url = cluster.registryUrl) =>
  new HttpRegistry({
    url,
    username: '',
    password: '',
    timeoutMs: 10_000,
    schemaMaxBytes: 256 << 10,
    cacheDir,
  });

test('registers our schema, gives the same id again, and another process reads it by id', async () => {
  const subject = `audit-${randomUUID()}-value`;
  const id = await open().register(subject, auditEventSchema());
  expect(await open().register(subject, auditEventSchema())).toBe(id);
  expect(JSON.parse(await open().schemaById(id))).toEqual(JSON.parse(auditEventSchema()));
  await expect(open().schemaById(2_000_000_000)).rejects.toMatchObject({ code: 'schema_unknown' });
});

test('the compatibility asked for is set, and what it forbids is refused', async () => {
  const subject = `shape-${randomUUID()}-value`;
  const record = (...fields: unknown[]) => JSON.stringify({ type: 'record', name: 'Shape', fields });
  await open().register(subject, record({ name: 'a', type: 'int' }), 'BACKWARD');
  const incompatible = record({ name: 'b', type: 'string' });
  await expect(open().register(subject, incompatible)).rejects.toMatchObject({ code: 'schema_incompatible' });
  await open().register(subject, record({ name: 'a', type: 'long' }));
  await expect(open().register(subject, '{"type":"nonsense"}')).rejects.toMatchObject({
    code: 'schema_invalid',
  });
});

test('a registry that is not there is registry_unavailable, for reading and registering', async () => {
  const gone = open('http://127.0.0.1:1/');
  await expect(gone.schemaById(1)).rejects.toMatchObject({ code: 'registry_unavailable' });
  await expect(gone.register('s', '"int"')).rejects.toMatchObject({ code: 'registry_unavailable' });
});

test('the user’s registry library and our codec read each other', async () => {
  const registry = open();
  const id = await registry.register(`codec-${randomUUID()}-value`, auditEventSchema());
  const library = new ConfluentRegistry({ host: cluster.registryUrl });
  const draft = {
    eventId: 'e-1',
    tenantId: 'acme',
    eventType: 'content.updated',
    entityType: 'content',
    entityId: 'content-789',
    actor: 'alice',
    action: '',
    severity: '',
    occurredAtNs: 1000n,
    decision: '',
    payload: '{"title":"x"}',
  };
  expect(await library.decode(encodeAuditEvent(draft, id))).toMatchObject({
    event_id: 'e-1',
    occurred_at: 1000,
    action: null,
  });
  const value = await library.encode(id, {
    tenant_id: 'acme',
    event_type: 'content.updated',
    occurred_at: 5,
    payload: '{"b":1,"a":2}',
  });
  const decoder = createDecoder({ name: 's', topics: ['t'], decoder: 'rewind-avro' }, registry, {
    recordMaxBytes: 1000,
    arrayMaxItems: 10,
    depthMax: 64,
  });
  const record = {
    topicId: 'T',
    topic: 't',
    partition: 0,
    offset: 0n,
    recordTimeMs: 0n,
    key: null,
    headers: [],
    value,
  };
  await decoder.prepare(LogRecords.of(record, [record]));
  expect(decoder.decode(record)).toMatchObject({
    ok: true,
    schemaId: id,
    events: [{ eventId: 'T/0/0', tenantId: 'acme', occurredAtNs: 5n, payload: '{"a":2,"b":1}' }],
  });
});
