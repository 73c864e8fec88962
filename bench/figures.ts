/** The figures of bench/README.md, written from bench/results.json between two marks whenever a benchmark saves. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../processors/package-root.js';
import type { Latency } from './api-latency.js';
import type { RaceRun } from './race.js';
import { type PolicyRow, raceTable } from './results.js';

const START = '<!-- figures -->\n';
const END = '<!-- /figures -->';

interface Saved {
  readonly machine?: Readonly<Record<string, unknown>>;
  readonly versions?: Readonly<Record<string, string>>;
  readonly runs?: readonly RaceRun[];
  readonly ratios?: Readonly<Record<string, number | null>>;
  readonly bytesPerSnapshot?: { readonly asWritten: number; readonly merged: number };
  readonly api?: {
    readonly snapshots: number;
    readonly idle: Readonly<Record<string, Latency>>;
    readonly busy: Readonly<Record<string, Latency>>;
  };
  readonly growth?: readonly Growth[];
  readonly policy?: {
    readonly inputs: number;
    readonly rows: readonly PolicyRow[];
    readonly replay?: PolicyReplay;
  };
  readonly ingestEventsPerSecond?: Readonly<Record<string, number>>;
  readonly follow?: Follow;
  readonly jobs?: readonly JobsSeen[];
  readonly rssBytesMax?: number;
  readonly scale?: Scale;
}

interface PolicyReplay {
  readonly policy: string;
  readonly decisions: number;
  readonly inputs: number;
  readonly eachNs: number;
  readonly rememberedNs: number;
}

/** What it takes once there are so many jobs. */
export interface JobsSeen {
  readonly jobs: number;
  /** From its creation to its end, by its own clock; the median. */
  readonly secondsPerJob: number;
  readonly p50Ms: Readonly<Record<string, number>>;
  /** Share of one core. */
  readonly idleCpu: { readonly node: number; readonly engine: number };
  readonly peakRssMiB: { readonly node: number; readonly engine: number };
  readonly parts: number;
  readonly startSeconds: number;
}

interface Follow {
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly entities: number;
  readonly visibleAfterMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** In the order of the run: it does not grow with the history, or does. */
  readonly p99OfTenthsMs: readonly number[];
  readonly probes: number;
  readonly peakRssMiB: { readonly node: number; readonly engine: number };
  readonly cpuSeconds: { readonly node: number; readonly engine: number };
}

/** Memory of each process by quarter of each stage: four numbers alike are a flat line. */
interface Scale {
  readonly events: number;
  readonly entities: number;
  readonly loadEventsPerSecond: number;
  readonly jobEventsPerSecond: number;
  readonly dataMiB: number;
  readonly memoryByQuarterOfStage: Readonly<
    Record<string, { readonly nodeMiB: readonly number[]; readonly engineMiB: readonly number[] }>
  >;
}

interface Growth {
  readonly events: number;
  readonly entities: number;
  readonly cold: GrowthCost;
  readonly archive: GrowthCost;
}

interface GrowthCost {
  readonly nodePerMillion: number;
  readonly enginePerMillion: number;
  readonly eventsPerSecond: number;
}

export function writeFigures(results: Saved): void {
  const path = join(packageRoot(), 'bench', 'README.md');
  const text = readFileSync(path, 'utf8');
  const start = text.indexOf(START) + START.length;
  const end = text.indexOf(END);
  const parts = [
    setting(results),
    race(results),
    api(results),
    growth(results),
    scale(results),
    ingest(results),
    follow(results),
    keptJobs(results),
    policy(results),
  ];
  writeFileSync(
    path,
    `${text.slice(0, start)}\n${parts.filter((part) => part !== '').join('\n')}\n${text.slice(end)}`,
  );
}

function setting({ machine = {}, versions = {} }: Saved): string {
  const list = (record: Readonly<Record<string, unknown>>): string =>
    Object.entries(record)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return `Machine: ${list(machine)}. Versions: ${list(versions)}.\n`;
}

function race({ runs = [], ratios = {}, bytesPerSnapshot }: Saved): string {
  if (runs.length === 0) return '';
  const rows = Object.entries(ratios).map(
    ([name, ratio]) => `| \`${name}\` | ${ratio ?? 'not measured yet'} |`,
  );
  const bytes =
    bytesPerSnapshot === undefined
      ? ''
      : `\nA snapshot with its place in the timeline takes ${bytesPerSnapshot.asWritten} bytes on disk as jobs write it, ${bytesPerSnapshot.merged} after all merges.\n`;
  return `${raceTable(runs)}\n| Ratio | |\n|---|---:|\n${rows.join('\n')}\n${bytes}`;
}

function policy({ policy: figures }: Saved): string {
  if (figures === undefined) return '';
  const rows = figures.rows.map((row) => `| ${row.policy} | ${row.rewindNs} | ${row.opaNs} | ${row.ratio} |`);
  return `Decisions on one core against \`opa bench\`, nanoseconds each, over ${figures.inputs} inputs, nothing remembered:\n
| Policy | Rewind | OPA | Ratio |
|---|---:|---:|---:|
${rows.join('\n')}\n${replay(figures.replay)}`;
}

function replay(figures: PolicyReplay | undefined): string {
  if (figures === undefined) return '';
  const { policy, decisions, inputs, eachNs, rememberedNs } = figures;
  const number = (value: number): string => value.toLocaleString('en-US');
  return `\nA log replay of ${number(decisions)} decisions by \`${policy}\`, control run and comparison included: ${number(eachNs)} ns a decision; where equal
inputs (${inputs} of them) are decided once, ${number(rememberedNs)} ns.\n`;
}

function api({ api: figures }: Saved): string {
  if (figures === undefined) return '';
  const rows = Object.entries(figures.idle).map(([route, idle]) => {
    const busy = figures.busy[route];
    return `| ${route} | ${idle.p50Ms} | ${idle.p99Ms} | ${busy?.p50Ms ?? ''} | ${busy?.p99Ms ?? ''} |`;
  });
  return `API answers from a run of ${figures.snapshots.toLocaleString('en-US')} snapshots, milliseconds:\n
| | p50 idle | p99 idle | p50 while a job runs | p99 while a job runs |
|---|---:|---:|---:|---:|
${rows.join('\n')}\n`;
}

function growth({ growth: sizes = [] }: Saved): string {
  if (sizes.length === 0) return '';
  const rows = sizes.flatMap((size) =>
    (['cold', 'archive'] as const).map((kind) => {
      const { nodePerMillion, enginePerMillion, eventsPerSecond } = size[kind];
      const cells = [size.events, size.entities].map((count) => count.toLocaleString('en-US'));
      return `| ${cells.join(' | ')} | ${kind} | ${eventsPerSecond.toLocaleString('en-US')} | ${nodePerMillion} | ${enginePerMillion} |`;
    }),
  );
  return `Growth, fold in ClickHouse:\n
| Events | Entities | | events/s | Node, CPU s per million | engine, CPU s per million |
|---:|---:|---|---:|---:|---:|
${rows.join('\n')}\n`;
}

function scale({ scale: size, rssBytesMax = 0 }: Saved): string {
  if (size === undefined) return '';
  const number = (value: number): string => value.toLocaleString('en-US');
  const rows = Object.entries(size.memoryByQuarterOfStage).map(
    ([stage, { nodeMiB, engineMiB }]) => `| ${stage} | ${nodeMiB.join(', ')} | ${engineMiB.join(', ')} |`,
  );
  return `Memory with ${number(size.events)} events of ${number(size.entities)} entities: at most ${Math.round(rssBytesMax / 2 ** 20)} MiB resident in all processes
together, while ${number(size.loadEventsPerSecond)} events/s were loaded and ${number(size.jobEventsPerSecond)} events/s rebuilt; ${number(size.dataMiB)} MiB on disk at the end. Largest value of each
quarter of each stage, MiB:\n
| Stage | worker and API | engine |
|---|---:|---:|
${rows.join('\n')}\n`;
}

function ingest({ ingestEventsPerSecond: rates }: Saved): string {
  if (rates === undefined) return '';
  const parts = Object.entries(rates).map(
    ([way, rate]) => `${rate.toLocaleString('en-US')} events/s by ${way}`,
  );
  return `Ingest of NDJSON into the embedded log: ${parts.join(', ')}.\n`;
}

function follow({ follow: figures }: Saved): string {
  if (figures === undefined) return '';
  const { eventsPerSecond, seconds, entities, visibleAfterMs, peakRssMiB, cpuSeconds, p99OfTenthsMs } =
    figures;
  const number = (value: number): string => value.toLocaleString('en-US');
  return `Follow: ${number(eventsPerSecond)} events/s over ${number(entities)} entities for ${number(seconds)} s, accepted over HTTP into the embedded log; an event is
seen in \`v1_current_state\` ${number(visibleAfterMs.p50)} ms (p50), ${number(visibleAfterMs.p99)} ms (p99), ${number(visibleAfterMs.max)} ms (longest) after it was accepted. Most memory:
${peakRssMiB.node} MiB server, ${peakRssMiB.engine} MiB engine; CPU: ${cpuSeconds.node} s server, ${cpuSeconds.engine} s engine, with the history before.
p99 of each tenth of the run: ${p99OfTenthsMs.map(number).join(', ')} ms.\n`;
}

function keptJobs({ jobs }: Saved): string {
  if (jobs === undefined) return '';
  const number = (value: number): string => value.toLocaleString('en-US');
  const row = (name: string, value: (seen: JobsSeen) => string): string =>
    `| ${name} | ${jobs.map(value).join(' | ')} |`;
  const names = Object.keys(jobs[0]?.p50Ms ?? {});
  return [
    'Jobs that are kept, each a rebuild of 500 events, with what it takes once there are so many:',
    '',
    row('', (seen) => `${number(seen.jobs)} jobs`),
    `|---|${jobs.map(() => '---:|').join('')}`,
    row('a further job, s', (seen) => String(seen.secondsPerJob)),
    ...names.map((name) => row(`${name}, p50 ms`, (seen) => String(seen.p50Ms[name]))),
    row('CPU while idle, server, % of a core', (seen) => (seen.idleCpu.node * 100).toFixed(1)),
    row('CPU while idle, engine, % of a core', (seen) => (seen.idleCpu.engine * 100).toFixed(1)),
    row('most memory, server, MiB', (seen) => String(seen.peakRssMiB.node)),
    row('most memory, engine, MiB', (seen) => String(seen.peakRssMiB.engine)),
    row('parts of tables', (seen) => number(seen.parts)),
    row('start, s', (seen) => String(seen.startSeconds)),
    '',
  ].join('\n');
}
