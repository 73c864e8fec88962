/**
 * `npm run test:real -- FILE`: real CloudTrail records through real parts. Starts Kafka and registry (or takes
 * KAFKA_BROKERS), serves Rewind with an engine of its own, ingests the file by the command line, rebuilds all entities
 * through a rewound consumer group, and compares every snapshot with the oracle. Prints counts by entity type and the
 * histories of three entities. Ends with one line of counts; exit code 0 when all checks passed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Encoding } from '../../../schemas/encoding.js';
import { packageRoot } from '../../package-root.js';
import { useCluster } from '../cluster.js';
import { runOracle } from '../oracle/oracle.js';
import type { OracleResult, SentRecord } from '../oracle/types.js';
import { type CommandResult, runRewind, startRewind } from '../rewind-process.js';
import { Checks } from './checks.js';
import { readRecords } from './cloudtrail-records.js';
import { expected, exported, firstDifference } from './compare.js';

const TENANT = 'aws';
const EXAMPLE_TENANT = 'example';
const ENCODING = join(packageRoot(), 'schemas', 'encodings', 'cloudtrail.json');
const EXAMPLE = join(packageRoot(), 'schemas', 'encodings', 'cloudtrail.example.ndjson');
const RANGE = ['--from', '2000-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];

/** A server over the cluster, and what runs against it. */
interface Stage {
  readonly checks: Checks;
  readonly url: string;
  readonly dir: string;
  readonly rewind: (argv: readonly string[], tenant?: string) => Promise<CommandResult>;
}

interface Job {
  readonly job_id: string;
  readonly status: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly plan: { readonly group: string | null; readonly records_to_collect: string };
  readonly result: { readonly verdict: { readonly exactness: string } } | null;
}

const say = (text: string) => process.stdout.write(`${text}\n`);

function readEncoding(path: string): Encoding {
  return JSON.parse(readFileSync(path, 'utf8')) as Encoding;
}

/** What the records must come to, by the oracle. */
function oracleOf(records: readonly SentRecord[]): OracleResult {
  return runOracle(records, {
    tenantId: TENANT,
    startNs: BigInt(Date.parse('2000-01-01T00:00:00Z')) * 1_000_000n,
    endNs: BigInt(Date.parse('2100-01-01T00:00:00Z')) * 1_000_000n,
    filters: {},
    ordering: 'event_time',
    snapshots: 'all',
    onFailure: 'skip',
    encoding: readEncoding(ENCODING),
    builtIn: readEncoding(join(packageRoot(), 'schemas', 'encodings', 'rewind.json')),
  });
}

/** Sends a file by `rewind ingest`; the version of the encoding that it printed. */
async function ingest(stage: Stage, file: string, tenant: string, records: number): Promise<number> {
  const place = join(stage.dir, `${tenant}.place`);
  const argv = ['ingest', file, '--encoding', ENCODING, '--checkpoint', place, '--output', 'json'];
  const { code, out, err } = await stage.rewind(argv, tenant);
  say(err.trim());
  stage.checks.that(`ingest of ${tenant} ends with exit code 0`, code === 0, () => err);
  const { accepted, rejected, encoding_versions } = JSON.parse(out || '{}') as {
    accepted?: number;
    rejected?: number;
    encoding_versions?: Record<string, number>;
  };
  stage.checks.equal(`all records of ${tenant} are accepted`, [accepted, rejected], [records, 0]);
  const version = encoding_versions?.[tenant] ?? 0;
  const answer = await fetch(`${stage.url}/tenants/${tenant}/encodings`);
  const { data } = (await answer.json()) as { data: { version: number; definition: unknown }[] };
  const saved = data.find((one) => one.version === version)?.definition;
  stage.checks.equal(`encoding version ${version} of ${tenant} is the file`, saved, readEncoding(ENCODING));
  return version;
}

/** Runs a StateRebuild to its end by `rewind replay create --watch`. */
async function rebuild(stage: Stage, tenant: string, version: number): Promise<Job> {
  const argv = ['replay', 'create', ...RANGE, '--encoding-version', String(version), '--watch'];
  const { code, out, err } = await stage.rewind([...argv, '--output', 'json'], tenant);
  stage.checks.that(`the run of ${tenant} ends with exit code 0`, code === 0, () => out + err);
  return JSON.parse(out) as Job;
}

async function snapshotsOf(stage: Stage, job: Job): Promise<string> {
  const answer = await fetch(`${stage.url}/tenants/${TENANT}/replay-jobs/${job.job_id}/snapshots`);
  return answer.text();
}

async function compareRun(stage: Stage, job: Job, oracle: OracleResult): Promise<void> {
  const { checks } = stage;
  checks.equal('the run is complete', job.status, 'Complete');
  checks.equal('counters as the oracle has them', sorted(job.counters), sorted(oracle.counters));
  checks.equal('no dead letters', oracle.letters.length, 0);
  const difference = firstDifference(exported(await snapshotsOf(stage, job)), expected(oracle.snapshots));
  const rows = oracle.snapshots.length;
  checks.that(`${rows} snapshots as the oracle has them`, difference === null, () => difference ?? '');
}

function sorted(counters: object): [string, unknown][] {
  return Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1));
}

function printCounts(oracle: OracleResult): void {
  const entities = new Map<string, Set<string>>();
  const snapshots = new Map<string, number>();
  for (const { entityType, entityId } of oracle.snapshots) {
    entities.set(entityType, (entities.get(entityType) ?? new Set()).add(entityId));
    snapshots.set(entityType, (snapshots.get(entityType) ?? 0) + 1);
  }
  say(`\n${'ENTITY TYPE'.padEnd(28)}${'ENTITIES'.padStart(10)}${'SNAPSHOTS'.padStart(11)}`);
  for (const type of [...entities.keys()].sort()) {
    const [known, rows] = [entities.get(type)?.size ?? 0, snapshots.get(type) ?? 0];
    say(`${type.padEnd(28)}${String(known).padStart(10)}${String(rows).padStart(11)}`);
  }
  say('');
}

/** An SSM parameter and two entities of other types: of each type the one with the longest history. */
function chosen(oracle: OracleResult): { type: string; id: string; events: string[] }[] {
  const histories = new Map<string, { type: string; id: string; events: string[] }>();
  for (const { entityType: type, entityId: id, eventType } of oracle.snapshots) {
    const known = histories.get(`${type} ${id}`) ?? { type, id, events: [] };
    known.events.push(eventType);
    histories.set(`${type} ${id}`, known);
  }
  const longest = [...histories.values()].sort((a, b) => b.events.length - a.events.length);
  const ofType = (type: string) => longest.filter((one) => one.type === type).slice(0, 1);
  const types = ['ssm.parameter', 's3.bucket', 'secretsmanager.secret', ...longest.map((one) => one.type)];
  return [...new Set(types)].flatMap(ofType).slice(0, 3);
}

/** The other commands over Kafka: each prints, and says what the oracle says. */
async function checkCommands(stage: Stage, job: Job, oracle: OracleResult): Promise<void> {
  const { checks } = stage;
  const last = oracle.snapshots.length - 1;
  const read = async (...argv: string[]) => {
    const { code, out, err } = await stage.rewind([...argv, '--output', 'json']);
    checks.that(`rewind ${argv.slice(0, 2).join(' ')} ends with exit code 0`, code === 0, () => err);
    return JSON.parse(out || 'null') as unknown;
  };
  const timeline = (await read('timeline', job.job_id, '--limit', '1000')) as { event_id: string }[];
  checks.equal(
    'the timeline in the order of the oracle',
    timeline.map((entry) => entry.event_id),
    oracle.snapshots.map((snapshot) => snapshot.eventId),
  );
  const snapshot = (await read('snapshot', 'get', job.job_id, String(last))) as { event_id: string };
  checks.equal('the last snapshot by its index', snapshot.event_id, oracle.snapshots[last]?.eventId);
  const { entityType, entityId, occurredAtNs } = oracle.snapshots[0]!;
  const time = new Date(Number(occurredAtNs / 1_000_000n)).toISOString();
  const at = (await read('entity', 'at', entityType, entityId, '--time', time)) as { event_id: string };
  checks.equal('an entity at a time', at.event_id, oracle.snapshots[0]?.eventId);
  const listed = (await read('replay', 'list')) as { job_id: string }[];
  checks.that(
    'the run is listed',
    listed.some((one) => one.job_id === job.job_id),
  );
  const finished = await stage.rewind(['replay', 'cancel', job.job_id]);
  checks.that(
    'a finished run is not cancelled: exit code 4, job_finished',
    finished.code === 4 && finished.err.startsWith('job_finished'),
    () => finished.err,
  );
}

async function printHistory(stage: Stage, tenant: string, type: string, id: string, events: string[]) {
  const told = await stage.rewind(['entity', 'history', type, id], tenant);
  say(`$ rewind entity history ${type} ${id}\n${told.out}${told.err}`);
  const { out } = await stage.rewind(['entity', 'history', type, id, '--output', 'json'], tenant);
  const found = (JSON.parse(out || '[]') as { event_type: string }[]).map((one) => one.event_type);
  stage.checks.equal(`the history of ${type} ${id} has its ${events.length} steps`, found, events);
  say('');
}

async function checkRecords(stage: Stage, file: string): Promise<void> {
  const { checks } = stage;
  const records = readRecords(file, TENANT);
  const oracle = oracleOf(records);
  const version = await ingest(stage, file, TENANT, records.length);
  const plan = await stage.rewind(['replay', 'plan', ...RANGE, '--encoding-version', String(version)]);
  say(`\n$ rewind replay plan\n${plan.out}${plan.err}`);
  checks.equal('rewind replay plan ends with exit code 0', plan.code, 0);
  const first = await rebuild(stage, TENANT, version);
  checks.equal('all records came through Kafka', first.plan.records_to_collect, String(records.length));
  checks.equal('by a consumer group of the job', first.plan.group, `rewind.${first.job_id}`);
  await compareRun(stage, first, oracle);
  const again = await rebuild(stage, TENANT, version);
  checks.equal('a second run reads nothing from Kafka', again.plan.records_to_collect, '0');
  await compareRun(stage, again, oracle);
  await checkCommands(stage, again, oracle);
  printCounts(oracle);
  for (const { type, id, events } of chosen(oracle)) await printHistory(stage, TENANT, type, id, events);
}

/** The records of the file hold no parameter that was put twice and deleted: the example does. */
async function checkExample(stage: Stage): Promise<void> {
  const version = await ingest(stage, EXAMPLE, EXAMPLE_TENANT, 4);
  await rebuild(stage, EXAMPLE_TENANT, version);
  const events = ['ssm.PutParameter', 'ssm.PutParameter', 'ssm.DeleteParameter'];
  await printHistory(stage, EXAMPLE_TENANT, 'ssm.parameter', '/shop/checkout/url', events);
}

async function runAll(checks: Checks, file: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'rewind-real-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  try {
    const cluster = await useCluster();
    closers.push(() => cluster.stop());
    const topic = await cluster.newTopic(4);
    const server = await startRewind(['--data-dir', join(dir, 'data')], {
      cwd: dir,
      env: {
        KAFKA_BROKERS: cluster.brokers.join(','),
        SCHEMA_REGISTRY_URL: cluster.registryUrl,
        REWIND_REGISTRY_REGISTER_SCHEMAS: 'true',
        REWIND_KAFKA_EVENTS_TOPIC: topic,
        REWIND_LOG_LEVEL: 'warn',
      },
    });
    closers.push(() => server.stop());
    const rewind: Stage['rewind'] = (argv, tenant = TENANT) =>
      runRewind(argv, { cwd: dir, env: { REWIND_URL: server.url, REWIND_TENANT: tenant } });
    const stage = { checks, url: server.url, dir, rewind };
    await checkRecords(stage, file);
    await checkExample(stage);
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const checks = new Checks();
  const given = process.argv[2];
  const file = given === undefined ? null : resolve(process.env.INIT_CWD ?? process.cwd(), given);
  if (file === null || !existsSync(file)) {
    say(
      `No records${file === null ? ' named' : ` at ${file}`}. Give a file of CloudTrail records, one JSON object`,
    );
    say('a line, packed with gzip or not: npm run test:real -- FILE');
    checks.that('there are records to read', false, () => given ?? 'no file given');
  } else {
    await runAll(checks, file).catch((error: unknown) => {
      checks.that('the test runs to its end', false, () => String((error as Error)?.stack ?? error));
    });
  }
  say(checks.summary);
  process.exitCode = checks.allPassed ? 0 : 1;
}

await main();
