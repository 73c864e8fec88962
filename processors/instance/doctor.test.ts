import Value from 'typebox/value';
import { expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { startTestEngine } from '../testing/engine.js';
import { examine, type Patient } from './doctor.js';
import { openPatient } from './patient.js';

const GIB = 2 ** 30;
const config = (change: object = {}) => Value.Default(Config, change) as Config;
const HEALTHY: Patient = {
  broker: null,
  registry: null,
  storeClockMs: async () => 1_000_000,
  pendingMigrations: async () => [],
  freeDiskBytes: async () => 100 * GIB,
  nowMs: () => 1_000_500,
};
const TOPIC = {
  topic: 'audit-events',
  partitions: 8,
  cleanupPolicy: 'delete',
  retentionMs: -1n,
  retentionBytes: -1n,
};
const states = async (patient: Patient, change: object = {}) =>
  (await examine(config(change), patient)).map(({ check, state }) => `${check}: ${state}`);

it('finds nothing wrong where nothing is', async () => {
  const cluster = { ...HEALTHY, broker: async () => [TOPIC], registry: async () => true };
  expect(await states(cluster)).toEqual([
    'store: ok',
    'clock: ok',
    'schema: ok',
    'log: ok',
    'topic audit-events: ok',
    'registry: ok',
    'disk: ok',
  ]);
});

it('says what would lose history, with a way out', async () => {
  const broker = async () => [
    { ...TOPIC, topic: 'week', retentionMs: 604_800_000n },
    { ...TOPIC, topic: 'small', retentionBytes: 1000n },
    { ...TOPIC, topic: 'latest', cleanupPolicy: 'compact' },
  ];
  const findings = await examine(config({ kafka: { brokers: ['b:1'] } }), { ...HEALTHY, broker });
  const topics = findings.filter(({ check }) => check.startsWith('topic'));
  expect(topics.map(({ state }) => state)).toEqual(['warn', 'warn', 'warn']);
  for (const { fix } of topics) expect(fix).toContain('retention.ms=-1');
  expect(topics[0]?.detail).toContain('604800000 ms');
});

it('sees clocks, disks, migrations, and parts that are down, each apart', async () => {
  expect(await states({ ...HEALTHY, nowMs: () => 1_005_000 })).toContain('clock: warn');
  expect(await states({ ...HEALTHY, nowMs: () => 900_000 })).toContain('clock: warn');
  expect(await states({ ...HEALTHY, freeDiskBytes: async () => 5 * GIB })).toContain('disk: warn');
  expect(await states({ ...HEALTHY, freeDiskBytes: async () => GIB / 2 })).toContain('disk: fail');
  expect(await states({ ...HEALTHY, pendingMigrations: async () => ['0003_results'] })).toContain(
    'schema: fail',
  );
  expect(await states({ ...HEALTHY, registry: async () => false })).toContain('registry: fail');
  const down = () => Promise.reject(new RewindError('log_unavailable', 'no broker answers'));
  const findings = await examine(config(), { ...HEALTHY, broker: down, storeClockMs: async () => null });
  expect(findings.map(({ check, state }) => `${check}: ${state}`)).toEqual([
    'store: warn',
    'log: fail',
    'registry: ok',
    'disk: ok',
  ]);
  expect(findings[1]).toMatchObject({
    detail: 'no broker answers',
    fix: expect.stringContaining('brokers are up'),
  });
});

it('looks at a real engine', async () => {
  const engine = await startTestEngine();
  try {
    const { url, username, password, database, prefix } = engine.connection();
    const real = config({ store: { url, username, password, database, prefix } });
    const found = await states(openPatient(real), real);
    expect(found.slice(0, 3)).toEqual(['store: ok', 'clock: ok', 'schema: ok']);
  } finally {
    await engine.stop();
  }
});
