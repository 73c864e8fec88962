/**
 * POST /v1/logreplay on the real pipeline. What must come out is what the real OPA decides: it makes the logged decisions by
 * one set of policies, and says by another what each would be.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningOpa, startOpa } from '../processors/testing/opa.js';
import { type Answer, type RunningRewind, startRunning, testDirectory } from './testing/running.js';

const AUTHZ = `package httpapi.authz

default allow := false

allow if {
	input.method == "GET"
	input.path == ["finance", "salary", input.user]
}

allow if data.roles[input.user] == "hr"

reason := "own salary" if input.path[2] == input.user

full := {"allowed": allow, "path": input.path}
`;
/** Everybody may read the salary of those whom they manage. */
const PROPOSED = `${AUTHZ}
allow if {
	input.method == "GET"
	data.managers[input.path[2]] == input.user
}
`;
const DATA = '{"roles": {"amy": "hr", "tom": "it"}, "managers": {"donna": "sam", "sam": "eve"}}';
const PATHS = ['httpapi/authz/allow', 'httpapi/authz', 'httpapi/authz/full', 'httpapi/authz/reason'];
const USERS = ['sam', 'donna', 'eve', 'amy', 'tom'];
const START = Date.UTC(2024, 0, 1);

interface Logged {
  readonly decision_id: string;
  readonly path: string;
  readonly input: { user: string; method: string; path: string[] };
  readonly result?: unknown;
  readonly timestamp: string;
  readonly bundles?: unknown;
}

let directory: Awaited<ReturnType<typeof testDirectory>>;
let running: RunningRewind;
let before: RunningOpa;
let after: RunningOpa;
const logged: Logged[] = [];

beforeAll(async () => {
  directory = await testDirectory();
  [running, before, after] = await Promise.all([
    startRunning(directory.dataDir, {
      workers: 0,
      flags: { 'logReplay.batchOffsets': 40, 'logReplay.atOnce': 4, 'policies.threads': 2 },
    }),
    startOpa({ files: { 'authz.rego': AUTHZ, 'data.json': DATA } }),
    startOpa({ files: { 'authz.rego': PROPOSED, 'data.json': DATA } }),
  ]);
  for (let i = 0; i < 240; i++) {
    const user = USERS[i % USERS.length]!;
    const input = {
      user,
      method: i % 7 === 0 ? 'POST' : 'GET',
      path: ['finance', 'salary', USERS[(i * 3) % 4]!],
      n: i % 50,
    };
    const path = PATHS[(i >> 2) % PATHS.length]!;
    const result = await before.decide(path, input);
    logged.push({
      decision_id: `d${i}`,
      path,
      input,
      timestamp: new Date(START + i * 1000).toISOString(),
      bundles: { authz: { revision: 'r1' } },
      ...(result === undefined ? {} : { result }),
    });
  }
  await put('acme', 'r1', { modules: { 'httpapi/authz/authz.rego': AUTHZ }, data: JSON.parse(DATA) });
  await send('acme', logged);
}, 240_000);
afterAll(async () => {
  await Promise.all([before?.stop(), after?.stop()]);
  await running?.close();
  await directory?.remove();
});

const put = async (tenant: string, revision: string, bundle: unknown) => {
  const answer = await running.call('PUT', `/v1/bundles/${revision}`, bundle, { 'x-tenant-id': tenant });
  expect(answer.status).toBe(201);
};
const send = async (tenant: string, decisions: readonly object[]) => {
  const answer = await running.call('POST', '/logs', decisions, { 'x-tenant-id': tenant });
  expect(answer.body).toMatchObject({ data: { accepted: decisions.length } });
};
const replay = (body: unknown, tenant = 'acme'): Promise<Answer> =>
  running.call('POST', '/v1/logreplay', body, { 'x-tenant-id': tenant });
const result = async (body: Record<string, unknown>, tenant = 'acme') => {
  const answer = await replay({ duration: '60s', ...body }, tenant);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.result;
};
const POLICIES = { 'httpapi/authz': PROPOSED };
const text = (value: unknown) => JSON.stringify(value, (_key, inner) => sorted(inner));
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const asked = new Map<Logged, Promise<unknown>>();
function proposedResult(one: Logged): Promise<unknown> {
  const answer = asked.get(one) ?? after.decide(one.path, one.input);
  asked.set(one, answer);
  return answer;
}

/** By OPA itself: decisions whose result the proposal changes. */
async function changedByOpa(
  decisions: readonly Logged[],
  significant: (value: unknown) => unknown = (v) => v,
) {
  const changed: Logged[] = [];
  for (const one of decisions) {
    const now = await proposedResult(one);
    if (text(significant(now)) !== text(significant(one.result))) changed.push(one);
  }
  return changed;
}
/** The fields that count where nothing else is asked for. */
const verdict = (value: unknown) => {
  if (typeof value !== 'object' || value === null) return value;
  const { allow, allowed } = value as { allow?: unknown; allowed?: unknown };
  return allow === undefined && allowed === undefined ? value : { allow, allowed };
};

/** The package's own decisions hold the rule's value too. */
const OF_REASON = ['httpapi/authz/reason', 'httpapi/authz'];

describe('changed policies', () => {
  it('finds exactly the decisions that OPA would make otherwise', async () => {
    const changed = await changedByOpa(logged, verdict);
    expect(changed.length).toBeGreaterThan(10);
    const found = await result({ policies: POLICIES, max_samples: 100 });
    expect(found.stats).toMatchObject({
      entries_observed: logged.length,
      entries_scheduled: logged.length,
      entries_evaluated: logged.length,
      results_changed: changed.length,
      entries_failed: 0,
      analysis_errors: 0,
    });
    expect(found).toMatchObject({
      complete: true,
      classes: { changed: changed.length, not_reproduced: 0, not_replayable: 0 },
      baselines: [{ baseline: 'logged', count: logged.length }],
    });
    const denials = changed.filter(({ path }) => path !== 'httpapi/authz/reason');
    expect(found.transitions).toContainEqual({ from: 'deny', to: 'allow', count: denials.length });
    const grouped = found.groups.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(grouped).toBe(changed.length);
    const ids = new Set(changed.map((one) => one.decision_id));
    for (const sample of found.samples) {
      expect(ids).toContain(sample.decision_id);
      const original = logged.find((one) => one.decision_id === sample.decision_id)!;
      const { new_result, ...rest } = sample;
      expect(rest).toEqual(original);
      expect(new_result).toEqual(await proposedResult(original));
    }
  });

  it('compares whole results where asked to', async () => {
    const wide = `${PROPOSED}\nnote := "new"\n`;
    const policies = { 'httpapi/authz': wide };
    const changed = await changedByOpa(logged, verdict);
    expect((await result({ policies })).stats.results_changed).toBe(changed.length);
    // The package's document has one more member now, so every decision of it differs.
    const all = await changedByOpa(logged);
    const more = logged.filter((one) => one.path === 'httpapi/authz' && !all.includes(one));
    const full = await result({ policies, compare_full_results: true });
    expect(full.stats.results_changed).toBe(all.length + more.length);
  });

  it('says by whom changes are felt', async () => {
    const changed = await changedByOpa(logged, verdict);
    const found = await result({ policies: POLICIES, affected_by: ['/input/user', '/input/absent'] });
    const users: Record<string, number> = {};
    for (const { input } of changed) users[input.user] = (users[input.user] ?? 0) + 1;
    const [byUser, byNone] = found.affected;
    expect(
      Object.fromEntries(
        byUser.values.map((one: { value: string; count: number }) => [one.value, one.count]),
      ),
    ).toEqual(users);
    expect(byNone.values).toEqual([{ value: null, count: changed.length }]);
  });

  it('the same policies change nothing', async () => {
    const found = await result({ policies: { 'httpapi/authz': AUTHZ } });
    expect(found.classes).toEqual({
      unchanged: logged.length,
      changed: 0,
      failed: 0,
      not_reproduced: 0,
      not_replayable: 0,
    });
    expect(found.samples).toEqual([]);
  });

  it('takes rules away', async () => {
    const found = await result({ policies: { 'httpapi/authz': 'package httpapi.authz' } });
    const valued = logged.filter((one) => one.result !== undefined).length;
    expect(found.classes).toMatchObject({ changed: valued, unchanged: logged.length - valued });
    expect(found.groups.every(({ to }: { to: string }) => to === 'undefined')).toBe(true);
  });

  it('tells errors of evaluation apart from changes', async () => {
    const failing = `${AUTHZ}\nreason := "other" if input.path[2] == input.user\n`;
    const found = await result({
      policies: { 'httpapi/authz': failing },
      scope: [{ path: 'httpapi/authz/reason' }],
      max_samples: 3,
    });
    const conflicting = logged.filter(
      ({ path, input }) => OF_REASON.includes(path) && input.path[2] === input.user,
    );
    expect(found.stats).toMatchObject({ entries_failed: conflicting.length, results_changed: 0 });
    expect(found.samples[0].error).toMatch(/^policy_error: /);
    expect(found.samples[0]).not.toHaveProperty('new_result');
  });
});

describe('changed data', () => {
  it('is enough, with every digit of what is patched', async () => {
    const patches =
      '[{"op":"replace","path":"/roles/tom","value":"hr"},{"op":"add","path":"/big/n","value":12345678901234567890.5}]';
    const body = `{"duration":"60s","data_patches":${patches},"scope":[{"path":"httpapi/authz/allow"}]}`;
    const { result: found } = (await replay(body)).body;
    const denied = logged.filter(
      ({ path, input, result }) => path === 'httpapi/authz/allow' && input.user === 'tom' && result === false,
    );
    const narrowed = logged.filter(
      ({ path, input, result }) =>
        path === 'httpapi/authz' && input.user === 'tom' && !(result as { allow: boolean }).allow,
    );
    expect(found.transitions).toContainEqual({
      from: 'deny',
      to: 'allow',
      count: denied.length + narrowed.length,
    });
    expect(found.stats.results_changed).toBe(denied.length + narrowed.length);
  });
});

describe('scope', () => {
  it('narrows results of decisions above a path, and leaves out those beside it', async () => {
    const found = await result({
      policies: POLICIES,
      scope: [{ path: 'httpapi/authz/full/allowed' }],
      max_samples: 100,
    });
    const of = logged.filter(({ path }) => path === 'httpapi/authz/full' || path === 'httpapi/authz');
    expect(found.stats.entries_scheduled).toBe(of.length);
    const changed = [];
    for (const one of of) {
      const now = await after.decide('httpapi/authz/full/allowed', one.input);
      if (now !== (await before.decide('httpapi/authz/full/allowed', one.input))) changed.push(one);
    }
    expect(found.stats.results_changed).toBe(changed.length);
    for (const sample of found.samples)
      expect(sample).toMatchObject({ path: 'httpapi/authz/full/allowed', result: false, new_result: true });
    // By whole names: al is no way to allow.
    expect(
      (await result({ policies: POLICIES, scope: [{ path: 'httpapi/authz/al' }] })).stats.entries_scheduled,
    ).toBe(logged.filter(({ path }) => path === 'httpapi/authz').length);
  });

  it('takes decisions by their age, absolute and relative', async () => {
    const max_age = new Date(START + 100_000).toISOString();
    const min_age = new Date(START + 149_000).toISOString();
    const between = await result({ policies: POLICIES, scope: [{ max_age, min_age }] });
    expect(between.stats.entries_scheduled).toBe(50);
    expect((await result({ policies: POLICIES, scope: [{ max_age: '24h' }] })).stats.entries_scheduled).toBe(
      0,
    );
    expect((await result({ policies: POLICIES, scope: [{ min_age: '24h' }] })).stats.entries_scheduled).toBe(
      240,
    );
    expect((await result({ policies: POLICIES, scope: [{}] })).stats.entries_scheduled).toBe(240);
    expect(
      (await result({ policies: POLICIES, scope: [{ max_age, min_age }, { max_age }] })).stats
        .entries_scheduled,
    ).toBe(140);
  });

  it('reaches so many revisions back from the current one', async () => {
    const of = (i: number, revision: string) => ({
      ...logged[0]!,
      decision_id: `${revision}-${i}`,
      bundles: { authz: { revision } },
      timestamp: new Date(START + i * 1000).toISOString(),
    });
    await send('revisions', [of(1, 'a'), of(2, 'b'), of(3, 'b'), of(4, 'c')]);
    const scheduled = async (max_revisions: number) =>
      (await result({ policies: POLICIES, scope: [{ max_revisions }] }, 'revisions')).stats.entries_scheduled;
    expect([await scheduled(0), await scheduled(1), await scheduled(2), await scheduled(9)]).toEqual([
      1, 3, 4, 4,
    ]);
  });
});

describe('what cannot be compared', () => {
  const one = (id: string, more: object) => ({
    decision_id: id,
    path: 'httpapi/authz/allow',
    input: { user: 'sam', method: 'GET', path: ['finance', 'salary', 'donna'] },
    result: false,
    timestamp: '2024-01-01T00:00:00Z',
    bundles: { authz: { revision: 'r1' } },
    ...more,
  });

  it('is a class of its own with the reason, and never a change', async () => {
    await put('odd', 'r1', { modules: { 'authz.rego': AUTHZ }, data: JSON.parse(DATA) });
    await put('odd', 'broken', { modules: { 'authz.rego': 'package httpapi.authz\n\nallow if {' } });
    await put('odd', 'random', {
      modules: { 'authz.rego': 'package httpapi.authz\n\nallow := rand.intn("x", 10) >= 0' },
    });
    await send('odd', [
      one('fine', {}),
      one('masked', { erased: ['/input/password'] }),
      one('other mask', { masked: ['/labels/host'] }),
      one('result', { masked: ['/result'] }),
      one('query', { path: undefined, query: 'data.x = 1' }),
      one('logged otherwise', { result: true }),
      one('unknown revision', { bundles: { authz: { revision: 'lost' } }, result: true }),
      one('broken', { bundles: { authz: { revision: 'broken' } } }),
      one('random', { bundles: { authz: { revision: 'random' } }, result: true }),
      one('cached', {
        bundles: { authz: { revision: 'random' } },
        result: true,
        nd_builtin_cache: { 'rand.intn': { '["x",10]': 3 } },
      }),
      one('fine', { result: true }),
    ]);
    const found = await result({ policies: POLICIES, compare_full_results: true }, 'odd');
    // The bundle saved last stands in for the lost revision; its control run does not give what was logged.
    expect(
      Object.fromEntries(
        found.reasons.map((r: { class: string; reason: string; count: number }) => [
          `${r.class} ${r.reason}`,
          r.count,
        ]),
      ),
    ).toEqual({
      'not_replayable masked_input': 1,
      'not_replayable masked_result': 1,
      'not_replayable ad_hoc_query': 1,
      'not_replayable baseline_does_not_compile': 1,
      'not_replayable nondeterministic_builtin': 2,
      'not_reproduced logged_revision_differs': 1,
    });
    // fine and the one with the mask elsewhere go from deny to allow; the one with the cache from allow to deny, since
    // the data of its revision names no managers.
    expect(found.classes).toMatchObject({ changed: 3, failed: 0 });
    expect(found.stats.entries_observed).toBe(10);
  });

  it('is compared once patches give back what was stripped', async () => {
    const patches = { decision_patches: [{ op: 'add', path: '/input/password', value: 'x' }] };
    const found = await result({ policies: POLICIES, ...patches }, 'odd');
    expect(found.reasons).not.toContainEqual(expect.objectContaining({ reason: 'masked_input' }));
    const failing = await result(
      { policies: POLICIES, decision_patches: [{ op: 'remove', path: '/input/none' }] },
      'odd',
    );
    expect(failing.stats).toMatchObject({ analysis_errors: 10, entries_scheduled: 0 });
    expect(failing.errors).toMatchObject([{ code: 'patch_failed', count: 10 }]);
  });

  it('where no bundle is kept the proposal is the whole, and the logged result the other side', async () => {
    await send('bare', [one('a', {}), one('b', { path: 'other/allow' }), one('c', { path: 'httpapi' })]);
    const rego = 'package httpapi.authz\n\nallow := input.user == "sam"';
    const found = await result({ policies: { 'httpapi/authz': rego } }, 'bare');
    // Nothing says that another package is touched.
    expect(found.stats).toMatchObject({ entries_observed: 3, entries_scheduled: 2, results_changed: 2 });
    expect(found.baselines).toEqual([{ baseline: 'none', count: 2 }]);
  });
});

describe('the request', () => {
  it('is refused with the place of what is wrong', async () => {
    const problems = async (body: unknown) => {
      const { status, body: problem } = await replay(body);
      return [status, problem.errors[0]?.code, problem.errors[0]?.pointer];
    };
    expect(await problems({ duration: '1s' })).toEqual([400, 'field_missing', '/policies']);
    expect(await problems({ policies: {} })).toEqual([400, 'field_missing', '/policies']);
    expect(await problems({ policies: POLICIES, duration: 'long' })).toEqual([
      400,
      'time_invalid',
      '/duration',
    ]);
    expect(await problems({ policies: POLICIES, skip_batches: ['x'] })).toEqual([
      400,
      'field_invalid',
      '/skip_batches/0',
    ]);
    expect(await problems({ policies: POLICIES, scope: [{ max_age: 'old' }] })).toEqual([
      400,
      'time_invalid',
      '/scope/0/max_age',
    ]);
    expect(await problems({ data_patches: [{ op: 'add', path: '/a' }] })).toEqual([
      400,
      'patch_invalid',
      '/data_patches/0/value',
    ]);
    expect(await problems({ data_patches: [{ op: 'remove', path: '/nothing' }] })).toEqual([
      400,
      'patch_failed',
      '/data_patches/0',
    ]);
    expect(await problems({ policy: {} })).toEqual([400, 'field_unknown', '/policy']);
    const broken = await replay({
      duration: '60s',
      policies: { 'httpapi/authz': 'package httpapi.authz\n\nallow if nope(1)\n' },
    });
    expect([broken.status, broken.body.code]).toEqual([400, 'policy_invalid']);
    expect(broken.body.errors[0]).toMatchObject({ pointer: '/policies/httpapi~1authz' });
    expect(broken.body.errors[0].message).toMatch(/^httpapi\/authz:3:10: /);
    const forbidden = 'package httpapi.authz\n\nallow if json.verify_schema({})[0]\n';
    const refused = await replay({ duration: '60s', policies: { 'httpapi/authz': forbidden } });
    expect([refused.status, refused.body.code]).toEqual([400, 'builtin_not_allowed']);
  });

  it("is answered as log-replay's own document prints it", async () => {
    const { status, body } = await replay({
      duration: '10s',
      max_samples: 5,
      skip_batches: [],
      policies: POLICIES,
      data_patches: [{ op: 'add', path: '/mydata/value', value: 'something' }],
      scope: [{ path: 'httpapi/authz/allow' }],
    });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['result']);
    expect(body.result).toMatchObject({
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      samples: expect.any(Array),
      stats: expect.any(Object),
      analyzed_batches: expect.any(Array),
      duration: expect.any(Number),
    });
    expect(Object.keys(body.result.stats).sort()).toEqual(
      [
        'batches_observed',
        'batches_analyzed',
        'entries_observed',
        'entries_evaluated',
        'entries_scheduled',
        'entries_failed',
        'analysis_errors',
        'results_changed',
        'batches_downloaded',
        'batches_download_errors',
        'batches_skipped',
        'batches_from_cache',
        'batches_scheduled',
      ].sort(),
    );
    expect(body.result.samples.length).toBeLessThanOrEqual(5);
    expect(body.result.samples[0]).toMatchObject({
      path: 'httpapi/authz/allow',
      result: false,
      new_result: true,
    });
  });

  it('goes on where a former answer ended, whatever has been added since', async () => {
    await put('growing', 'r1', { modules: { 'authz.rego': AUTHZ }, data: JSON.parse(DATA) });
    await send('growing', logged.slice(0, 130));
    const whole = await result({ policies: POLICIES }, 'growing');
    const part = whole.analyzed_batches.slice(1);
    const rest = await result({ policies: POLICIES, skip_batches: part }, 'growing');
    expect(rest.analyzed_batches).toEqual(whole.analyzed_batches.slice(0, 1));
    expect(rest.stats.batches_skipped).toBe(part.length);
    expect(
      (await result({ policies: POLICIES, skip_batches: whole.analyzed_batches }, 'growing')).stats
        .batches_scheduled,
    ).toBe(0);
    await send('growing', logged.slice(130, 150));
    const more = await result({ policies: POLICIES, skip_batches: whole.analyzed_batches }, 'growing');
    expect(more.stats.entries_observed).toBe(20);
    const all = await result({ policies: POLICIES }, 'growing');
    expect(whole.stats.results_changed + more.stats.results_changed).toBe(all.stats.results_changed);
  });

  it('keeps to its time and to every bound of its figures', async () => {
    const requests = fc.record({
      policies: fc.constantFrom(
        POLICIES,
        { 'httpapi/authz': AUTHZ },
        { 'httpapi/authz': 'package httpapi.authz\n\nallow := input.n / (input.n - 1) > 0' },
      ),
      duration: fc.constantFrom('1ms', '60ms', '150ms', '1s'),
      max_samples: fc.integer({ min: 0, max: 12 }),
      compare_full_results: fc.boolean(),
      deterministic_policies: fc.boolean(),
      scope: fc.constantFrom(
        [],
        [{ path: 'httpapi/authz/full' }],
        [{ max_age: new Date(START + 50_000).toISOString() }],
      ),
      skipped: fc.integer({ min: 0, max: 5 }),
    });
    const { analyzed_batches: known } = await result({ policies: POLICIES });
    await fc.assert(
      fc.asyncProperty(requests, async ({ skipped, ...request }) => {
        const found = await result({ ...request, skip_batches: known.slice(0, skipped) });
        const { stats } = found;
        const ms = Number(request.duration.replace('ms', '').replace('1s', '1000'));
        expect(found.duration).toBeLessThanOrEqual(ms * 1e6);
        expect(found.samples.length).toBeLessThanOrEqual(request.max_samples);
        expect(found.analyzed_batches.length).toBe(stats.batches_analyzed);
        expect(new Set(found.analyzed_batches).size).toBe(stats.batches_analyzed);
        for (const [less, more] of BOUNDS)
          expect([less, more, stats[less] <= stats[more]]).toEqual([less, more, true]);
        const { classes } = found;
        const parts = Object.values<number>(classes).reduce((sum, count) => sum + count, 0);
        expect(parts).toBe(stats.entries_scheduled);
        expect(parts - classes.not_replayable).toBe(stats.entries_evaluated);
      }),
      { numRuns: 12 },
    );
  });
});

/** As the document states them. */
const BOUNDS = [
  ['batches_downloaded', 'batches_scheduled'],
  ['batches_from_cache', 'batches_downloaded'],
  ['batches_observed', 'batches_downloaded'],
  ['batches_analyzed', 'batches_observed'],
  ['entries_scheduled', 'entries_observed'],
  ['entries_evaluated', 'entries_scheduled'],
  ['results_changed', 'entries_evaluated'],
  ['entries_failed', 'entries_evaluated'],
  ['analysis_errors', 'entries_observed'],
] as const;

it('does not take for a change what only WebAssembly orders otherwise', async () => {
  const listing = `package listing

names := [name | some name, _ in input.tags]
`;
  const opa = await startOpa({ files: { 'listing.rego': listing } });
  try {
    const decisions = [];
    for (let i = 0; i < 30; i++) {
      const names = Array.from({ length: 8 }, (_, k) => `${'zyxwvuts'[(k + i) % 8]}${(k * 7 + i) % 10}`);
      const input = { tags: Object.fromEntries(names.map((name) => [name, true])) };
      decisions.push({
        decision_id: `l${i}`,
        path: 'listing/names',
        input,
        result: await opa.decide('listing/names', input),
        timestamp: new Date(START + i * 1000).toISOString(),
        bundles: { listing: { revision: 'l1' } },
      });
    }
    await put('lists', 'l1', { modules: { 'listing/listing.rego': listing }, data: {} });
    await send('lists', decisions);
    const proposal = `${listing}\nnames := ["changed"] if input.tags.none\n`;
    const { stats, reasons } = await result(
      { policies: { listing: proposal }, compare_full_results: true },
      'lists',
    );
    expect(stats).toMatchObject({ entries_evaluated: 30, results_changed: 0 });
    expect(reasons).toEqual([]);
  } finally {
    await opa.stop();
  }
}, 60_000);
