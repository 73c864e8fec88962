import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodingKind, rulesKind, sourceKind } from './kinds.js';

const pointers = (problems: readonly { pointer: string }[]) => problems.map(({ pointer }) => pointer);

describe('rules', () => {
  const rules = (change: object) => ({
    name: 'authz',
    entrypoint: 'authz/allow',
    modules: { 'authz/main.rego': '# who may\npackage authz\n\nallow := input.event.actor == "ann"\n' },
    ...change,
  });
  const problems = (change: object) => pointers(rulesKind.problems('acme', rules(change)));

  it('have modules with a package, and an entrypoint in one of them', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ data: { limits: { max: 5 } } })).toEqual([]);
    expect(problems({ entrypoint: 'other/allow' })).toEqual(['/entrypoint']);
    expect(problems({ entrypoint: 'allow' })).toEqual(['/entrypoint']);
    expect(problems({ modules: { 'a/b.rego': 'allow := true' } })).toEqual(['/modules/a~1b.rego']);
    expect(problems({ modules: { 'm.rego': 'packages x' } })).toEqual(['/modules/m.rego']);
    expect(problems({ modules: {} })).toEqual(['/modules']);
    expect(problems({ data: [1] })).toEqual(['/data']);
  });

  it('have modules at plain relative paths', () => {
    for (const path of ['../a.rego', '/a.rego', 'a/../b.rego', 'a.txt', 'a//b.rego', '.rego'])
      expect(problems({ modules: { [path]: 'package authz' } }), path).not.toEqual([]);
  });

  it('name everything that is wrong', () => {
    expect(problems({ name: '', extra: 1 }).sort()).toEqual(['/extra', '/name']);
    expect(problems({ modules: { 'a.rego': 'x', 'b.rego': 'y' } })).toEqual([
      '/modules/a.rego',
      '/modules/b.rego',
    ]);
  });

  it('have one hash whatever the order of their members', () => {
    const one = '{"name":"a","data":{"x":1,"y":2}}';
    const same = '{"data":{"y":2,"x":1},"name":"a"}';
    const other = '{"data":{"y":2,"x":12345678901234567891},"name":"a"}';
    const close = '{"data":{"y":2,"x":12345678901234567892},"name":"a"}';
    const hash = (json: string) => rulesKind.hash(JSON.parse(json), json);
    expect(hash(one)).toBe(hash(same));
    expect(hash(other)).not.toBe(hash(close));
  });
});

describe('sources', () => {
  const kind = sourceKind(
    () => [],
    (tenant, topic) => tenant === 'acme' && topic.startsWith('acme.'),
  );
  const mapping = { eventType: '/type', occurredAt: '/time' };
  const problems = (...sources: object[]) => pointers(kind.problems('acme', { name: 's', sources }));

  it('read only topics that are given to the tenant', () => {
    const source = { name: 'a', topics: ['acme.a', 'acme.b'], decoder: 'json', mapping };
    expect(problems(source)).toEqual([]);
    expect(pointers(kind.problems('globex', { name: 's', sources: [source] }))).toEqual([
      '/sources/0/topics/0',
      '/sources/0/topics/1',
    ]);
  });

  it('have one name and one reader for each topic', () => {
    const source = { name: 'a', topics: ['acme.a'], decoder: 'json', mapping };
    expect(problems(source, source)).toEqual(['/sources/1/name', '/sources/1/topics/0']);
  });

  it('have a mapping that compiles, where the decoder takes one', () => {
    const source = { name: 'a', topics: ['acme.a'], decoder: 'json' };
    expect(problems({ ...source, mapping: { ...mapping, actor: '$nobody' } })).toEqual([
      '/sources/0/mapping/actor',
    ]);
    expect(problems({ ...source, decoder: 'rewind-avro', mapping })).toEqual(['/sources/0/decoder']);
    expect(problems({ ...source, mapping, encodingVersion: 2 })).toEqual(['/sources/0/encodingVersion']);
    expect(problems({ ...source, mapping: { occurredAt: '/t' } })).toEqual(['/sources/0/mapping']);
    expect(problems({ ...source, tenantId: 'globex' })).toEqual(['/sources/0/tenantId']);
  });
});

describe('built-in versions', () => {
  it('pass the checks of their kind', () => {
    for (const kind of [encodingKind, rulesKind])
      expect(kind.problems('acme', JSON.parse(kind.builtInJson('acme')))).toEqual([]);
  });

  it('are the files of schemas/', () => {
    const file = (path: string) => readFileSync(new URL(`../../schemas/${path}`, import.meta.url), 'utf8');
    expect(encodingKind.builtInJson('acme')).toBe(file('encodings/rewind.json'));
    expect(rulesKind.builtInJson('acme')).toBe(file('rules/rewind.json'));
  });
});
