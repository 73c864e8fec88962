/** The engine as its callers see it: OPA's compiler, threads that may be killed, and every outcome a decision can have. */
import { Value } from 'typebox/value';
import { afterAll, describe, expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import type { CompiledPolicy, DecisionInput, Evaluated } from './contract.js';
import { requireEntrypoint } from './entrypoints.js';
import { openPolicies } from './open.js';

const limits = {
  ...(Value.Default(Config, {}) as Config).policies,
  decisionMaxMs: 500,
  memoryMaxBytes: 16 << 20,
};
const engine = openPolicies(limits);
afterAll(() => engine.close());

const NOW = 1_700_000_000_123_456_789n;
const decision = (path: string, input?: string, more: Partial<DecisionInput> = {}): DecisionInput => ({
  path,
  input,
  nowNs: NOW,
  ...more,
});
const value = (json: string): Evaluated => ({ kind: 'value', json });

const MAIN = `package authz

default allow := false

allow if input.user in data.admins

members contains x if some x in input.list

big := input.big + 1

echo := input

now := time.now_ns()

fetched := http.send({"method": "get", "url": "http://x"}).body

roll := rand.intn("dice", 6)

clash := 1 if input.a
clash := 2 if input.b

text := sprintf("%v and %d", [members, count(members)])

spin if { some i in data.ns; some j in data.ns; some k in data.ns; some l in data.ns; i < l; j < l; k < l }

grow := [x | some x in numbers.range(1, 100000000)]

without if not input
`;

async function compiled(modules: Record<string, string>, more = {}): Promise<CompiledPolicy> {
  return engine.compile({ modules, nondeterminism: 'logged', ...more });
}

describe('a decision', async () => {
  const policy = await compiled({ 'authz/main.rego': MAIN });
  const data = `{"admins":["ann"],"plain":{"n":12345678901234567890.1},"ns":[${Array(300).fill(0)}]}`;
  const decide = async (one: DecisionInput): Promise<Evaluated> =>
    (await engine.evaluate({ policy, data }, [one]))[0]!;

  const cases: readonly [string, DecisionInput, Evaluated][] = [
    ['is the value of a rule', decision('authz/allow', '{"user":"ann"}'), value('true')],
    ['takes slashes in front', decision('/authz/allow/', '{"user":"bob"}'), value('false')],
    ['knows no input from null', decision('authz/without'), value('true')],
    ['takes null for an input', decision('authz/echo', 'null'), value('null')],
    [
      'keeps every digit of a number',
      decision('authz/big', '{"big":123456789012345678901234567890.5}'),
      value('123456789012345678901234567891.5'),
    ],
    [
      "sorts sets in Rego's order",
      decision('authz/members', '{"list":["b",10,2,null,[1],{"k":1},"a",true]}'),
      value('[null,true,2,10,"a","b",[1],{"k":1}]'),
    ],
    ['may be narrowed to a part', decision('authz/echo/a/1', '{"a":[1,{"b":2}]}'), value('{"b":2}')],
    ['reads data that no rule defines', decision('plain/n'), value('12345678901234567890.1')],
    ['is undefined where a rule is', decision('authz/big', '{}'), { kind: 'undefined' }],
    ['is undefined where nothing is', decision('authz/nothing', '{}'), { kind: 'undefined' }],
    ['sees the logged time', decision('authz/now', '{}'), value(NOW.toString())],
    [
      'takes the time from the cache where it has one',
      decision('authz/now', '{}', { ndCache: '{"time.now_ns":{"[]":17}}' }),
      value('17'),
    ],
    [
      'takes what the log says a builtin answered',
      decision('authz/fetched', '{}', {
        ndCache:
          '{"http.send":{"[{\\"url\\": \\"http://x\\", \\"method\\":\\"get\\"}]":{"body":{"n":1.10}}}}',
      }),
      value('{"n":1.1}'),
    ],
    [
      "prints sets as OPA's own function does",
      decision('authz/text', '{"list":["b","a"]}'),
      value('"{\\"a\\", \\"b\\"} and 2"'),
    ],
    [
      'fails as OPA fails',
      decision('authz/clash', '{"a":true,"b":true}'),
      { kind: 'error', code: 'policy_error', message: 'authz/main.rego:20:1: var assignment conflict' },
    ],
  ];
  it.each(cases)('%s', async (_name, one, outcome) => {
    expect(await decide(one)).toEqual(outcome);
  });

  it('cannot be made again without the answer that a builtin gave', async () => {
    for (const [path, builtin] of [
      ['authz/fetched', 'http.send'],
      ['authz/roll', 'rand.intn'],
    ] as const)
      expect(await decide(decision(path, '{}'))).toMatchObject({ kind: 'not_replayable', builtin });
    const other = decision('authz/roll', '{}', { ndCache: '{"rand.intn":{"[\\"coin\\",2]":1}}' });
    expect(await decide(other)).toMatchObject({ kind: 'not_replayable', builtin: 'rand.intn' });
  });

  it('that hangs or grows is an error of its own, and those around it are made', async () => {
    const good = (n: number): DecisionInput => decision('authz/echo', `{"n":${n}}`);
    const batch = [good(0), decision('authz/spin', '{}'), good(1), decision('authz/grow', '{}'), good(2)];
    const outcomes = await engine.evaluate({ policy, data }, batch);
    expect(outcomes).toEqual([
      value('{"n":0}'),
      expect.objectContaining({ kind: 'error', code: 'policy_timeout' }),
      value('{"n":1}'),
      expect.objectContaining({ kind: 'error', code: 'policy_memory' }),
      value('{"n":2}'),
    ]);
  });

  it('needs well-formed input', async () => {
    for (const input of ['{', '{"a":1,"a":2}', 'NaN', ''])
      expect(await decide(decision('authz/echo', input))).toMatchObject({ code: 'policy_input_invalid' });
  });

  it('is made neither behind a deadline nor after an abort', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => decision('authz/echo', `${n}`));
    const past = { deadlineMs: performance.now() - 1 };
    expect(await engine.evaluate({ policy, data }, many, past)).toEqual([]);
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(engine.evaluate({ policy, data }, many, { signal: abort.signal })).rejects.toThrow('enough');
  });

  it("is the same by OPA's own evaluator", async () => {
    // OPA adds long numbers with 64 bits of mantissa.
    const same = cases.filter(([name, , { kind }]) => kind !== 'error' && !name.includes('every digit'));
    const asked = same.map(([, one]) => one);
    expect(await engine.reference({ policy, data }, asked)).toEqual(same.map(([, , outcome]) => outcome));
    const [fails, unlogged] = await engine.reference({ policy, data }, [
      decision('authz/clash', '{"a":true,"b":true}'),
      decision('authz/fetched', '{}'),
    ]);
    expect(fails).toMatchObject({ kind: 'error', code: 'policy_error' });
    expect(unlogged).toMatchObject({ kind: 'not_replayable', builtin: 'http.send' });
  });
});

describe('the compiler', () => {
  it('lists packages and rules as entry points, and no functions', async () => {
    const policy = await compiled({
      'a.rego': 'package a.b\nx := 1\nf(y) := y\nz.w := 2\np[k] := v if some k, v in input',
    });
    expect(policy.entrypoints).toEqual(['a/b', 'a/b/p', 'a/b/x', 'a/b/z/w']);
    expect(() => requireEntrypoint(policy, 'a/b/y', '/path')).toThrow(
      /no entry point a\/b\/y; there are a\/b, a\/b\/p/,
    );
  });

  it('says where what is wrong', async () => {
    const wrong = compiled({ 'a.rego': 'package a\n\nx := {', 'b.rego': 'package b\nallow {\n true }' });
    await expect(wrong).rejects.toMatchObject({
      code: 'policy_invalid',
      message: expect.stringMatching(/^a\.rego:3:\d+: /),
      facts: {
        problems: expect.arrayContaining([
          expect.objectContaining({ file: 'b.rego', row: 2, col: 1, code: 'rego_parse_error' }),
        ]),
      },
    });
    await expect(compiled({ 'a.rego': 'package a\nx := nope(1)' })).rejects.toMatchObject({
      message: 'a.rego:2:6: undefined function nope',
    });
  });

  it('refuses builtins that look at the world, with their place', async () => {
    const sends = {
      modules: { 'a.rego': 'package a\n\nx := http.send({"url": "http://x", "method": "get"})' },
    };
    await expect(engine.compile(sends)).rejects.toMatchObject({
      code: 'builtin_not_allowed',
      message: 'a.rego:3:6: builtin_not_allowed: http.send',
    });
    for (const call of ['opa.runtime()', 'net.lookup_ip_addr("x")', 'rand.intn("x", 2)', 'uuid.rfc4122("x")'])
      await expect(
        engine.compile({ modules: { 'a.rego': `package a\nx := ${call}` } }),
      ).rejects.toMatchObject({
        code: 'builtin_not_allowed',
      });
  });

  it('names the entry points that there are', async () => {
    await expect(compiled({ 'a.rego': 'package a\nx := 1' }, { entrypoints: ['a/y'] })).rejects.toMatchObject(
      {
        code: 'entrypoint_unknown',
        message: 'no entry point a/y; there are a, a/x',
      },
    );
  });

  it('reads Rego v0 when asked to', async () => {
    const modules = { 'a.rego': 'package a\nallow { input.x == 1 }' };
    await expect(compiled(modules)).rejects.toMatchObject({ code: 'policy_invalid' });
    const policy = await compiled(modules, { regoVersion: 0 });
    expect(await engine.evaluate({ policy, data: '{}' }, [decision('a/allow', '{"x":1}')])).toEqual([
      value('true'),
    ]);
  });

  it('takes packages without rules, which have no value', async () => {
    const policy = await compiled({ 'a.rego': 'package a\n\nallow := input.x', 'b.rego': 'package b' });
    const decisions = [decision('a/allow', '{"x":1}'), decision('b', '{"x":1}')];
    expect(await engine.evaluate({ policy, data: '{}' }, decisions)).toEqual([
      value('1'),
      { kind: 'undefined' },
    ]);
  });

  it('compiles the same once, and gives the same bytes', async () => {
    const modules = { 'a.rego': 'package a\nx := input.y' };
    const [first, second] = await Promise.all([compiled(modules), compiled({ ...modules })]);
    expect(first).toBe(second);
    expect((await compiled(modules, { entrypoints: ['a/x'] })).hash).not.toBe(first.hash);
  });

  it('bounds the source', async () => {
    const huge = `package a\n# ${'x'.repeat(limits.sourceMaxBytes)}\nx := 1`;
    await expect(compiled({ 'a.rego': huge })).rejects.toMatchObject({ code: 'policy_too_large' });
  });
});
