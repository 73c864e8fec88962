import { expect, test } from 'vitest';
import { loadConfig } from '../config/load.js';
import { nameOutputs } from './topic-names.js';

const { outputs } = loadConfig({ env: {}, cwd: '/nonexistent' }).config;
const context = { outputs, tenantId: 'demo', sources: ['audit-events', 'rewind.demo.again.events'] };
const topics = ['snapshots' as const, 'events' as const];

test('topics are the prefix and the output', () => {
  expect(nameOutputs({ topics }, context)).toEqual([
    { output: 'snapshots', topic: 'rewind.demo.snapshots' },
    { output: 'events', topic: 'rewind.demo.events' },
  ]);
  expect(nameOutputs({ topics: ['diffs'], prefix: 'rewind.demo.run1' }, context)[0]!.topic).toBe(
    'rewind.demo.run1.diffs',
  );
});

test('no two tenants share a topic, whatever their names', () => {
  const named = ['a.b', 'a_b', 'a/b', 'a_2eb', 'ä', 'a'].map(
    (tenantId) => nameOutputs({ topics: ['diffs'] }, { ...context, tenantId })[0]!.topic,
  );
  expect(new Set(named).size).toBe(named.length);
  for (const topic of named) expect(topic).toMatch(/^[A-Za-z0-9._-]+$/);
});

test.each([
  ['another tenant', 'rewind.other', 'output_prefix_refused'],
  ['a name that only begins alike', 'rewind.demo2', 'output_prefix_refused'],
  ['a source', 'rewind.demo.again', 'output_topic_is_source'],
])('a prefix of %s is refused', (_, prefix, code) => {
  expect(() => nameOutputs({ topics, prefix }, context)).toThrow(
    expect.objectContaining({ code, pointer: '/outputs/prefix' }),
  );
});

test('further prefixes are those that the configuration lists', () => {
  const listed = { ...context, outputs: { ...outputs, otherPrefixes: ['lab', 'team-*'] } };
  for (const prefix of ['lab', 'team-7.x']) expect(nameOutputs({ topics, prefix }, listed)).toHaveLength(2);
  expect(() => nameOutputs({ topics, prefix: 'lab.x' }, listed)).toThrow(/may not write/);
});
