/**
 * Looks at an installation from outside, part by part: what answers, what would lose history or fail a job, and what to
 * do about it. Nothing is changed, and a part that is down hides no other.
 */
import type { Config } from '../../schemas/config.js';
import { ERRORS, RewindError } from '../../schemas/errors.js';

export interface Finding {
  readonly check: string;
  /** warn: works, but will surprise. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do; empty where all is well. */
  readonly fix: string;
}

export interface DoctorTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly cleanupPolicy: string;
  readonly retentionMs: bigint;
  readonly retentionBytes: bigint;
}

/** What the doctor may ask; each question may reject. Tests give their own answers. */
export interface Patient {
  /** Null: embedded, there is no broker. */
  readonly broker: (() => Promise<readonly DoctorTopic[]>) | null;
  /** Null: schemas are kept in files. */
  readonly registry: (() => Promise<boolean>) | null;
  /** Milliseconds since 1970 on the store's clock; null: the embedded engine is not running. */
  readonly storeClockMs: () => Promise<number | null>;
  /** Migrations that are not applied. */
  readonly pendingMigrations: () => Promise<readonly string[]>;
  readonly freeDiskBytes: () => Promise<number>;
  readonly nowMs: () => number;
}

const SKEW_MAX_MS = 2_000;
const DISK_LEAST_BYTES = 2 ** 30;
const DISK_SMALL_BYTES = 10 * 2 ** 30;

/** All findings, in a fixed order. Never rejects. */
export async function examine(config: Config, patient: Patient): Promise<readonly Finding[]> {
  return (
    await Promise.all([
      guarded('store', () => storeFindings(config, patient)),
      guarded('schema', () => migrationFindings(patient)),
      guarded('log', () => brokerFindings(config, patient)),
      guarded('registry', () => registryFindings(config, patient)),
      guarded('disk', () => diskFindings(config, patient)),
    ])
  ).flat();
}

async function guarded(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const known = error instanceof RewindError;
    const fix = known ? ERRORS[error.code].fix : 'Read the message, and try again with REWIND_LOG=debug.';
    return [{ check, state: 'fail', detail: (error as Error).message, fix }];
  }
}

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail, fix: '' });

async function storeFindings(config: Config, { storeClockMs, nowMs }: Patient): Promise<Finding[]> {
  const before = nowMs();
  const clock = await storeClockMs();
  if (clock === null) {
    const fix = 'Start it with `rewind serve`; it comes up with the server.';
    return [{ check: 'store', state: 'warn', detail: 'the embedded engine is not running', fix }];
  }
  const place = config.store.url === '' ? 'embedded engine' : config.store.url;
  // The store's clock was read somewhere between the two looks at ours.
  const skewMs = Math.max(before - clock, clock - nowMs(), 0);
  const skew = `${(skewMs / 1000).toFixed(1)} s`;
  if (skewMs <= SKEW_MAX_MS)
    return [ok('store', `${place} answers`), ok('clock', `store and here differ by ${skew}`)];
  const fix = 'Set both clocks by NTP: times of jobs and leases are compared across hosts.';
  return [
    ok('store', `${place} answers`),
    { check: 'clock', state: 'warn', detail: `the store's clock differs by ${skew}`, fix },
  ];
}

async function migrationFindings({ storeClockMs, pendingMigrations }: Patient): Promise<Finding[]> {
  if ((await storeClockMs()) === null) return [];
  const pending = await pendingMigrations();
  if (pending.length === 0) return [ok('schema', 'tables and views are those of this release')];
  return [
    {
      check: 'schema',
      state: 'fail',
      detail: `${pending.length} migration(s) are not applied: ${pending.join(', ')}`,
      fix: ERRORS.store_not_migrated.fix,
    },
  ];
}

async function brokerFindings(config: Config, { broker }: Patient): Promise<Finding[]> {
  if (broker === null) return [ok('log', 'embedded: the archive is the log')];
  const topics = await broker();
  const brokers = config.kafka.brokers.join(', ');
  return [ok('log', `${brokers} answers`), ...topics.map(topicFinding)];
}

/** History that is replayed has old record times, so age deletes it first. */
function topicFinding(topic: DoctorTopic): Finding {
  const check = `topic ${topic.topic}`;
  const what = `${topic.partitions} partition(s), ${topic.cleanupPolicy}`;
  const keep = `kafka-configs.sh --alter --entity-type topics --entity-name ${topic.topic} --add-config`;
  if (topic.cleanupPolicy.includes('compact')) {
    const fix = `Compaction removes events; set: ${keep} cleanup.policy=delete,retention.ms=-1`;
    return { check, state: 'warn', detail: what, fix };
  }
  if (topic.retentionMs !== -1n || topic.retentionBytes !== -1n) {
    const detail = `${what}, retention ${topic.retentionMs} ms, ${topic.retentionBytes} bytes`;
    const fix = `Run \`rewind archive\` before they expire, or keep them: ${keep} retention.ms=-1,retention.bytes=-1`;
    return { check, state: 'warn', detail, fix };
  }
  return ok(check, `${what}, kept for ever`);
}

async function registryFindings(config: Config, { registry }: Patient): Promise<Finding[]> {
  if (registry === null) return [ok('registry', 'schemas are kept in files of the data directory')];
  if (await registry()) return [ok('registry', `${config.registry.url} answers`)];
  return [
    {
      check: 'registry',
      state: 'fail',
      detail: `${config.registry.url} answers with an error`,
      fix: ERRORS.registry_unavailable.fix,
    },
  ];
}

async function diskFindings(config: Config, { freeDiskBytes }: Patient): Promise<Finding[]> {
  const free = await freeDiskBytes();
  const detail = `${(free / 2 ** 30).toFixed(1)} GiB free for ${config.dataDir}`;
  if (free >= DISK_SMALL_BYTES) return [ok('disk', detail)];
  const state = free < DISK_LEAST_BYTES ? 'fail' : 'warn';
  return [{ check: 'disk', state, detail, fix: 'Make room, or choose another directory with dataDir.' }];
}
