/** The built demo as a user starts it: a small story, once loaded and once found again. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Story } from '../../../processors/generate/story.js';
import { entryPoint } from '../../../processors/package-root.js';
import type { DemoSummary } from './run.js';

const SEED = 7;
/** Each start brings up an engine, one of them Java besides; the machine may be busy with other tests. */
const TIMEOUT_MS = 300_000;
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rewind-demo-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function demo(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const script = entryPoint('api/cli/main.js');
    const child = spawn(process.execPath, [script, 'demo', '--port', '0', '--seed', String(SEED), ...args], {
      cwd: dir,
      env: { PATH: process.env.PATH, HOME: dir, REWIND_LOG: 'warn', ...javaEnvironment() },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, out, err }));
  });
}

/** Where Java and the jars are; the rest of the environment must not reach the demo. */
function javaEnvironment(): Record<string, string> {
  const cache = process.env.REWIND_CACHE_DIR ?? join(process.env.HOME ?? '', '.cache', 'rewind');
  const home = process.env.JAVA_HOME;
  return { REWIND_CACHE_DIR: cache, ...(home === undefined ? {} : { JAVA_HOME: home }) };
}

function summaryOf(out: string): DemoSummary {
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as DemoSummary;
}

/** What the generator itself says of the story, and the records it made. */
function told(events: number) {
  const story = new Story({ seed: SEED, events });
  const ids = new Map<string, Set<string>>();
  let records = 0;
  for (const batch of story.batches(1000)) {
    for (const { entry } of batch) {
      records++;
      if ('garbage' in entry) continue;
      const seen = ids.get(entry.tenantId) ?? new Set();
      ids.set(entry.tenantId, seen.add(entry.eventId ?? ''));
    }
  }
  const { billing, counts, tenants } = story.facts;
  const corrected = new Set(billing.corrected);
  const suspended = billing.suspended.filter(({ accountId }) => !corrected.has(accountId));
  return {
    records,
    unreadable: counts.unreadable,
    events: tenants.map((tenant) => ids.get(tenant)?.size),
    accounts: {
      doubled: billing.doubled.length,
      corrected: corrected.size,
      not_corrected: billing.doubled.length - corrected.size,
      suspended: suspended.length,
    },
  };
}

describe('the demo', { timeout: TIMEOUT_MS }, () => {
  it('finds in the store what the story says happened, and finds it again at the next start', async () => {
    const expected = told(5000);
    expect(expected.accounts.doubled).toBeGreaterThan(0);
    expect(expected.accounts.suspended).toBeGreaterThan(0);

    const first = await demo('--exit', '--events', '5000');
    expect(first).toMatchObject({ code: 0 });
    const summary = summaryOf(first.out);
    expect(summary).toMatchObject({
      events: 5000,
      log: 'embedded',
      data: 'loaded',
      accounts: expected.accounts,
      dead_letters: expected.unreadable,
    });
    expect(summary.jobs.map(({ events }) => events)).toEqual(expected.events);
    expect(first.out).toContain('here the usage of the month is counted a second time');
    expect(first.out).toContain(`${expected.accounts.doubled} of `);

    const second = await demo('--exit');
    expect(second).toMatchObject({ code: 0 });
    const again = summaryOf(second.out);
    expect(again).toMatchObject({ data: 'found', accounts: expected.accounts, snapshots: summary.snapshots });
    expect(again.jobs.map(({ job_id }) => job_id)).toEqual(summary.jobs.map(({ job_id }) => job_id));
  });

  it('replaces another story only when asked, and touches no directory of others', async () => {
    const refused = await demo('--exit', '--events', '4000');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('--fresh');

    const other = mkdtempSync(join(dir, 'other-'));
    writeFileSync(join(other, 'kept.txt'), 'kept');
    const foreign = await demo('--exit', '--fresh', '--data-dir', other);
    expect(foreign).toMatchObject({ code: 2, out: '' });
    expect(existsSync(join(other, 'kept.txt'))).toBe(true);

    const fresh = await demo('--exit', '--fresh', '--events', '1000');
    expect(fresh).toMatchObject({ code: 0 });
    expect(summaryOf(fresh.out)).toMatchObject({ events: 1000, data: 'loaded' });
  });

  it('goes the same way through a real Kafka and registry', async () => {
    const expected = told(5000);
    const { code, out, err } = await demo('--kafka', '--exit', '--events', '5000');
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    const summary = summaryOf(out);
    expect(summary).toMatchObject({ log: 'kafka', data: 'loaded', accounts: expected.accounts });
    expect(summary.jobs.map(({ events }) => events)).toEqual(expected.events);
    expect(out).toContain(`: rewound, ${expected.records.toLocaleString('en-US')} records read`);
    expect(out).toContain('nothing read from Kafka again');
  });
});
