/** Previews over HTTP, on the real pipeline: what they show is what a job makes of the same events. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestRewind, type TestRewind } from '../../processors/testing/test-rewind.js';
import type { Rewind } from '../../processors/topology.js';
import { type App, buildApp } from '../app.js';
import { splitArray, splitObject } from '../json/split.js';
import { fakeDeps } from '../testing/fake-pipeline.js';

const TENANT = 'acme';
const BIG = '12345678901234567890.5';
const ENCODING = `{"name":"ledger","entity":"rules","ignore":[{"match":"noise.*"}],"rules":[
  {"match":"ledger.booked","forEach":"/entries","entityType":"=account","entityId":"@/account",
   "track":{"currency":"@/currency"},"operations":[{"op":"increment","field":"balance","by":"@/amount"}]},
  {"match":"ledger.*","entityType":"=account","entityId":"/account","track":{"owner":"/owner","limit":"/limit"}}]}`;

const EVENTS = [
  `{"event_id":"a","event_type":"ledger.opened","occurred_at":"2024-01-01T00:00:00Z","decision":false,"payload":{"account":"x","owner":"ann","limit":${BIG}}}`,
  `{"event_id":"c","event_type":"ledger.booked","occurred_at":"2024-01-03T00:00:00Z","decision":{"allow":true},"payload":{"entries":[{"account":"x","amount":5,"currency":"EUR"},{"account":"y","amount":-5,"currency":"EUR"}]}}`,
  '{"event_id":"b","event_type":"ledger.booked","occurred_at":"2024-01-02T00:00:00Z","payload":{"entries":[{"account":"x","amount":"many"}]}}',
  '{"event_id":"c","event_type":"ledger.booked","occurred_at":"2024-01-03T00:00:00Z","decision":{"allow":true},"payload":{"entries":[{"account":"x","amount":5,"currency":"EUR"},{"account":"y","amount":-5,"currency":"EUR"}]}}',
  '{"event_id":"d","event_type":"noise.made","occurred_at":"2024-01-04T00:00:00Z","payload":{}}',
  '{"event_id":"e","event_type":"ledger.account.deleted","occurred_at":"2024-01-05T00:00:00Z","payload":{"account":"x"}}',
  '{"event_id":"f","event_type":"ledger.opened","occurred_at":"2024-01-06T00:00:00Z","payload":{"owner":"bob"}}',
];

let world: TestRewind;
let rewind: Rewind;
let app: App;

beforeAll(async () => {
  world = await openTestRewind({ flags: { 'versions.previewEventsMax': 20 }, workers: 1 });
  ({ rewind } = world);
  app = buildApp({ ...fakeDeps().deps, ...rewind, config: world.config });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await world?.close();
});

async function post(path: string, body: string) {
  return app.inject({
    method: 'POST',
    url: `/tenants/${TENANT}/${path}`,
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Members as text: numbers are not to lose a digit on the way to the comparison. */
function members(json: Buffer): Record<string, string> {
  return Object.fromEntries(splitObject(json).map(([name, value]) => [name, value.toString()]));
}

const body = (rest: string) => `{"events":[${EVENTS.join(',')}],${rest}}`;

describe('an encoding', () => {
  it('shows for each event its rule, entities, fields, operations, state and diff', async () => {
    const answer = await post('encodings:preview', body(`"definition":${ENCODING}`));
    expect(answer.statusCode).toBe(200);
    const rows = answer.json().data;
    expect(
      rows.map((row: { event_id: string; outcome: string; rule: { index: number } | null }) => [
        row.event_id,
        row.outcome,
        row.rule?.index ?? null,
      ]),
    ).toEqual([
      ['a', 'folded', 1],
      ['b', 'failed', 0],
      ['c', 'folded', 0],
      ['c', 'duplicate', null],
      ['d', 'skipped', null],
      ['e', 'folded', 1],
      ['f', 'failed', 1],
    ]);
    expect(rows.map((row: { index: number }) => row.index)).toEqual([0, 2, 1, 3, 4, 5, 6]);
    expect(rows[2].entities).toEqual([
      {
        entity_type: 'account',
        entity_id: 'x',
        tracked: [{ field: 'currency', value: 'EUR' }],
        operations: [{ op: 'increment', field: 'balance', value: 5 }],
        error: null,
        exists: true,
        state_before: expect.objectContaining({ owner: 'ann' }),
        state_after: expect.objectContaining({ owner: 'ann', currency: 'EUR', balance: 5 }),
        diff: [
          { field: 'currency', after: 'EUR', operation: 'added' },
          { field: 'balance', after: 5, operation: 'added' },
        ],
      },
      expect.objectContaining({ entity_id: 'y', state_before: {}, exists: true }),
    ]);
    expect(rows[1].entities[0]).toMatchObject({ error: expect.stringContaining('increment'), diff: [] });
    expect(rows[5].entities[0]).toMatchObject({ exists: false, state_after: {} });
    expect(rows[6].entities[0]).toMatchObject({ error: 'the event has no entity id' });
    expect(answer.body).toContain(`"limit":${BIG}`);
  });

  it('shows what a job makes of the same events, byte for byte', async () => {
    for (const text of EVENTS) {
      const parsed = rewind.parseEvent(Buffer.from(text), TENANT);
      if (!parsed.ok) throw new Error(parsed.message);
      await rewind.appender.append([parsed.record]);
    }
    const { version } = await rewind.encodings.save(TENANT, JSON.parse(ENCODING), 'test');
    const { jobId } = await rewind.replay.create(
      TENANT,
      {
        job_type: 'StateRebuild',
        encoding_version: version,
        rule_version: 1,
        time_range_start: '2024-01-01T00:00:00Z',
        time_range_end: '2024-02-01T00:00:00Z',
      },
      'test',
    );
    for (;;) {
      const job = await rewind.replay.get(TENANT, jobId);
      if (job.status === 'Complete') break;
      if (job.status === 'Failed') throw new Error(JSON.stringify(job.error));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const stored: string[] = [];
    for (const id of ['x', 'y']) {
      const history = await rewind.replay.entityHistory(
        TENANT,
        { type: 'account', id },
        { jobId, limit: 100 },
      );
      for (const one of history)
        stored.push([id, one.eventId, one.stateBeforeJson, one.stateAfterJson, one.diffJson].join(' '));
    }
    expect(stored).toHaveLength(4);
    for (const samples of [`"events":[${EVENTS.join(',')}]`, '"newest":20']) {
      const answer = await post('encodings:preview', `{"version":${version},${samples}}`);
      const shown: string[] = [];
      const data = new Map(splitObject(answer.rawPayload)).get('data')!;
      for (const row of splitArray(data).map(members)) {
        if (row.outcome !== '"folded"') continue;
        for (const entity of splitArray(Buffer.from(row.entities!)).map(members))
          shown.push(
            [
              JSON.parse(entity.entity_id!),
              JSON.parse(row.event_id!),
              entity.state_before,
              entity.state_after,
              entity.diff,
            ].join(' '),
          );
      }
      expect(shown.sort(), samples).toEqual(stored.sort());
    }
  });

  it('shows nothing of another tenant', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/tenants/globex/encodings:preview',
      headers: { 'content-type': 'application/json' },
      body: '{"version":1,"newest":20}',
    });
    expect([answer.statusCode, answer.json().data]).toEqual([200, []]);
  });

  it('says what is wrong with the request', async () => {
    const cases: readonly [string, string, string][] = [
      ['{"version":1}', 'field_missing', '/events'],
      ['{"newest":1}', 'field_missing', '/definition'],
      ['{"version":1,"newest":1,"events":[{}]}', 'field_invalid', '/newest'],
      ['{"version":1,"newest":21}', 'field_invalid', '/newest'],
      ['{"version":9,"newest":1}', 'version_unknown', '/version'],
      ['{"version":1,"events":[{"event_type":"a"}]}', 'field_missing', '/events/0/occurred_at'],
      [
        '{"version":1,"events":[{"event_type":"a","tenant_id":"globex","occurred_at":"2024-01-01T00:00:00Z","payload":{}}]}',
        'field_invalid',
        '/events/0/tenant_id',
      ],
      [
        `{"definition":${ENCODING.replace('"=account"', '"$none"')},"newest":1}`,
        'encoding_invalid',
        '/definition/rules/0/entityType',
      ],
    ];
    for (const [text, code, pointer] of cases) {
      const answer = await post('encodings:preview', text);
      expect([text, answer.json().code, answer.json().errors?.[0]?.pointer]).toEqual([text, code, pointer]);
    }
  });
});

describe('rules', () => {
  it('show their decisions beside those recorded', async () => {
    const answer = await post('rules:preview', body('"version":1,"encoding_version":2'));
    const decided = answer
      .json()
      .data.filter((row: { outcome: string }) => row.outcome === 'folded')
      .map((row: { event_id: string; entities: { decision: { transition: string } }[] }) => [
        row.event_id,
        row.entities.map((entity) => entity.decision.transition),
      ]);
    expect(decided).toEqual([
      ['a', ['deny_to_allow']],
      ['c', ['changed', 'changed']],
      ['e', ['unrecorded']],
    ]);
  });

  const rego = (text: string) =>
    JSON.stringify({ name: 'r', entrypoint: 'a/allow', modules: { 'a.rego': `package a\n${text}` } });

  it('that are Rego decide about event and states, beside other rules', async () => {
    const rules = rego('allow := input.event.event_id == "a"');
    const decided = async (more: string) => {
      const answer = await post('rules:preview', body(`"definition":${rules},"encoding_version":2${more}`));
      const rows = answer.json().data.filter((row: { outcome: string }) => row.outcome === 'folded');
      return rows.map((row: { event_id: string; entities: { decision: Record<string, string> }[] }) => [
        row.event_id,
        ...row.entities.map(({ decision }) => `${decision.was} ${decision.now} ${decision.transition}`),
      ]);
    };
    expect(await decided('')).toEqual([
      ['a', 'deny allow deny_to_allow'],
      ['c', expect.stringContaining(' deny '), expect.stringContaining(' deny ')],
      ['e', 'none deny unrecorded'],
    ]);
    expect(await decided(',"baseline_rule_version":1')).toEqual([
      ['a', 'allow allow unchanged'],
      ['c', 'allow deny allow_to_deny', 'allow deny allow_to_deny'],
      ['e', 'allow deny allow_to_deny'],
    ]);
  });

  it('that hang are errors of their samples', async () => {
    const loops = 'some a in ns; some b in ns; some c in ns; some d in ns; a < b; b < c; c < d';
    const rules = rego(`ns := [0 | some x in numbers.range(1, 400)]\nallow if { ${loops} }`);
    const answer = await post(
      'rules:preview',
      `{"definition":${rules},"encoding_version":2,"events":[${EVENTS[0]}]}`,
    );
    expect(answer.json().data[0].entities[0].decision.error).toMatch(/^policy_timeout: /);
  });

  it('that do not compile are refused, with what the compiler says', async () => {
    const answer = await post('rules:preview', body(`"definition":${rego('allow := http.send({})')}`));
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([
      400,
      'rules_invalid',
      '/definition/modules/a.rego',
    ]);
    expect(answer.json().detail).toContain('a.rego:2:10: builtin_not_allowed: http.send');
    const told = await post('rules:validate', `{"definition":${rego('allow := x')}}`);
    expect(told.json().data.problems).toEqual([
      { pointer: '/definition/modules/a.rego', message: 'a.rego:2:10: var x is unsafe' },
    ]);
  });
});

describe('sources', () => {
  const source =
    '{"name":"s","topics":["t"],"decoder":"json","mapping":{"eventType":"/kind","occurredAt":"$record_time","actor":"$header/who","eventId":"$key"}}';

  it('show the event that a record becomes, or why it becomes none', async () => {
    const previews = await rewind.previews.source(TENANT, { version: 1 }, null, {
      records: [{ topic: '', recordTimeMs: 0n, key: null, value: Buffer.from('no avro'), headers: [] }],
    });
    expect(previews).toMatchObject([{ event: null, code: 'not_wire_format', topic: 'audit-events' }]);
    const { config } = fakeDeps();
    expect(config.sourceTopics).toEqual([]);
    const refused = await post(
      'sources:preview',
      `{"definition":{"name":"d","sources":[${source}]},"records":[{"value":{}}]}`,
    );
    expect([refused.json().code, refused.json().errors[0].pointer]).toEqual([
      'source_invalid',
      '/definition/sources/0/topics/0',
    ]);
  });

  it('take records as JSON or as bytes, one of them', async () => {
    for (const [record, pointer] of [
      ['{}', '/records/0/value'],
      ['{"value":{},"value_base64":""}', '/records/0/value_base64'],
      ['{"value":{},"record_time":"now"}', '/records/0/record_time'],
    ]) {
      const answer = await post('sources:preview', `{"version":1,"records":[${record}]}`);
      expect([record, answer.json().errors[0].pointer]).toEqual([record, pointer]);
    }
  });
});
