import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import type { AuditEvent } from '../../schemas/event.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { arrayItems, resolvePointer, topLevelFields } from '../sources/json-scan.js';
import { compileTemplates, templateSlice, templateText } from './template.js';

const event: AuditEvent = {
  eventId: 'e-1',
  tenantId: 't',
  eventType: 'content.updated',
  entityType: 'content',
  entityId: '',
  declaredEntityType: '',
  actor: 'alice "the" boss',
  action: '',
  severity: '',
  occurredAtNs: 0n,
  decision: '',
  payload: '{}',
};
const payload = canonicalJson(
  '{"id":7,"none":null,"empty":"","name":"a\\nb","obj":{"x":[10,{"y":true}]},"a/b":1,"m~n":2,"":3,"0":4}',
);

describe('templates', () => {
  const table: [string | string[], string | undefined, string | undefined][] = [
    ['/id', '7', '7'],
    ['/name', '"a\\nb"', 'a\nb'],
    ['/none', 'null', undefined],
    ['/missing', undefined, undefined],
    ['/obj', '{"x":[10,{"y":true}]}', undefined],
    ['/obj/x/0', '10', '10'],
    ['/obj/x/1/y', 'true', 'true'],
    ['/obj/x/2', undefined, undefined],
    ['/obj/x/-', undefined, undefined],
    ['/obj/x/01', undefined, undefined],
    ['/id/deeper', undefined, undefined],
    ['/a~1b', '1', '1'],
    ['/m~0n', '2', '2'],
    ['/', '3', '3'],
    ['/0', '4', '4'],
    ['/empty', '""', undefined],
    ['=content', '"content"', 'content'],
    ['$actor', '"alice \\"the\\" boss"', 'alice "the" boss'],
    ['$entity_id', undefined, undefined],
    [['$entity_id', '/none', '/id'], '7', '7'],
    [['/missing', '/none'], 'null', undefined],
    ['@', '{"id":"i"}', undefined],
    ['@/id', '"i"', 'i'],
  ];
  it.each(table)('%j', (templates, slice, text) => {
    const compiled = compileTemplates(templates);
    expect(templateSlice(compiled, payload, event, '{"id":"i"}')).toBe(slice);
    expect(templateText(compiled, payload, event, '{"id":"i"}')).toBe(text);
  });

  it.each(['$secret', '/a~2', '@x', '?x'])('%s is refused', (template) => {
    expect(() => compileTemplates(template, '/rules/0')).toThrow(RewindError);
  });

  it('an item template without an item finds nothing', () => {
    expect(templateSlice(compileTemplates('@/id'), payload, event)).toBeUndefined();
  });
});

/** RFC 6901 over parsed values, written apart: own properties and array indexes only. */
function walk(value: unknown, tokens: readonly string[]): unknown {
  let at = value;
  for (const token of tokens) {
    if (Array.isArray(at)) at = /^(0|[1-9]\d*)$/.test(token) ? at[Number(token)] : undefined;
    else if (typeof at === 'object' && at !== null && Object.hasOwn(at, token))
      at = (at as Record<string, unknown>)[token];
    else return undefined;
  }
  return at;
}

describe('the scanner', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const token = fc.oneof(
    fc.constantFrom('', '0', '1', 'a', '~', '/', '__proto__'),
    fc.string({ maxLength: 3 }),
  );

  it('finds what a walk over the parsed value finds', () => {
    const value = fc.dictionary(token, fc.oneof(json, fc.array(json), fc.dictionary(token, json)));
    fc.assert(
      fc.property(value, fc.array(token, { maxLength: 3 }), (source, tokens) => {
        const text = canonicalJson(JSON.stringify(source));
        const pointer = tokens.map((t) => `/${t.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        const expected = walk(JSON.parse(text), tokens);
        const found = resolvePointer(text, pointer);
        expect(found === undefined ? undefined : JSON.parse(found)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('lists members and items', () => {
    fc.assert(
      fc.property(fc.dictionary(token, json), fc.array(json), (object, array) => {
        const text = canonicalJson(JSON.stringify(object));
        const members = [...topLevelFields(text)].map(({ name, value }) => [name, JSON.parse(value)]);
        expect(members).toEqual(
          Object.entries(JSON.parse(text)).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
        const items = [...arrayItems(canonicalJson(JSON.stringify(array)))].map((item) => JSON.parse(item));
        expect(items).toEqual(JSON.parse(JSON.stringify(array)));
      }),
    );
    expect([...topLevelFields('[1]')]).toEqual([]);
    expect([...arrayItems('{}')]).toEqual([]);
  });
});
