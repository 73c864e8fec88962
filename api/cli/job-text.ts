/** Replay jobs and plans for people: the listing, one job, a plan with a line per partition, the progress line. */
import { transitionsText } from './decision-text.js';
import type { Row } from './rows.js';
import { type Column, renderFacts, renderTable } from './table.js';
import { type Terminal, type Tint, tint } from './terminal.js';
import { bytes, count, duration } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

const number = (row: Row, name: string) => count(row.number(name));

export function renderJobs(screen: Screen, jobs: readonly Row[]): string {
  const columns: Column<Row>[] = [
    { title: 'JOB', whole: true, value: (row) => row.text('job_id') },
    { title: 'TYPE', value: (row) => row.text('job_type') },
    { title: 'STATUS', value: (row) => row.text('status') },
    { title: 'EVENTS', align: 'right', value: (row) => number(row, 'events_processed') },
    { title: 'FAILED', align: 'right', value: (row) => number(row, 'events_failed') },
    { title: 'CREATED', value: (row) => row.text('created_at').slice(0, 16) },
  ];
  if (jobs.some((job) => job.text('name') !== ''))
    columns.push({ title: 'NAME', value: (row) => row.text('name') });
  return jobs.length === 0 ? 'No replay jobs.\n' : renderTable(screen, columns, jobs);
}

const STATUS_TINT: Readonly<Record<string, Tint>> = {
  Complete: 'green',
  Failed: 'red',
  Cancelled: 'yellow',
  Running: 'cyan',
};

export function renderJob(screen: Screen, job: Row): string {
  const counters = job.row('counters');
  const status = job.text('status');
  const error = job.row('error');
  const versions = `encoding ${job.text('encoding_version')}, rules ${job.text('rule_version')}`;
  const facts: [string, string][] = [
    ['job', job.text('job_id')],
    ...(job.text('name') === '' ? [] : ([['name', job.text('name')]] as [string, string][])),
    ['type', `${job.text('job_type')} (${versions})`],
    ['range', `${job.text('time_range_start')} to ${job.text('time_range_end')}`],
    ['created', `${job.text('created_at')} by ${job.text('created_by')}`],
    ...(job.text('completed_at') === ''
      ? []
      : ([['completed', job.text('completed_at')]] as [string, string][])),
    ['events', `${number(counters, 'processed')} processed of ${number(counters, 'scanned')} scanned`],
    ['left out', leftOut(counters)],
    [
      'result',
      `${number(counters, 'snapshots')} snapshots of ${number(counters, 'entities')} entities, ${number(counters, 'changed')} with changes`,
    ],
  ];
  const transitions = transitionsText(job.row('result').row('transitions'));
  if (transitions !== '') facts.push(['decisions', transitions]);
  const verdict = job.row('result').row('verdict');
  if (verdict.text('exactness') !== '') {
    const reasons = (JSON.parse(verdict.raw('reasons') || '[]') as string[]).join(', ');
    facts.push(['verdict', verdict.text('exactness') + (reasons === '' ? '' : ` (${reasons})`)]);
  }
  if (error.text('code') !== '') facts.push(['error', `${error.text('code')}: ${error.text('message')}`]);
  const head = `${tint(screen, STATUS_TINT[status] ?? 'bold', status)}  ${job.text('percent')} %\n`;
  return head + renderFacts(screen, facts) + renderFunnel(screen, job.row('result').rows('funnel'));
}

function leftOut(counters: Row): string {
  const parts = ['failed', 'duplicates', 'conflicts', 'skipped'].map(
    (name) => `${number(counters, name)} ${name}`,
  );
  return parts.join(', ');
}

function renderFunnel(screen: Screen, steps: readonly Row[]): string {
  if (steps.length === 0) return '';
  const columns: Column<Row>[] = [
    { title: 'STEP', value: (row) => row.text('step') },
    { title: 'KEPT', align: 'right', value: (row) => number(row, 'kept') },
    { title: 'DROPPED', align: 'right', value: (row) => number(row, 'dropped') },
    { title: 'FOR EXAMPLE', value: (row) => row.text('example') },
  ];
  return `\n${renderTable(screen, columns, steps)}`;
}

export function renderPlan(screen: Screen, plan: Row): string {
  const columns: Column<Row>[] = [
    { title: 'TOPIC', value: (row) => row.text('topic') },
    { title: 'PART', align: 'right', value: (row) => row.text('partition') },
    { title: 'FROM', align: 'right', value: (row) => row.text('from') },
    { title: 'TO', align: 'right', value: (row) => row.text('to') },
    { title: 'START BY', value: (row) => row.text('strategy') },
    { title: 'FIRST RECORD', value: (row) => row.text('first_record_time') || '-' },
    { title: 'SKEW', align: 'right', value: (row) => skew(row.raw('skew_ms')) },
    { title: 'TO READ', align: 'right', value: (row) => count(toRead(row)) },
  ];
  const partitions = plan.rows('partitions');
  const table = partitions.length === 0 ? '' : `${renderTable(screen, columns, partitions)}\n`;
  const facts = renderFacts(screen, [
    [
      'read from the log',
      `${number(plan, 'records_to_collect')} records, ${bytes(plan.number('bytes_to_read'))}`,
    ],
    ['archive holds', `${number(plan, 'events_in_archive')} events`],
    ...archiveReads(plan),
    ['rows to write', number(plan, 'rows_to_write')],
    [
      'disk',
      `${bytes(plan.number('disk_needed_bytes'))} needed, ${bytes(plan.number('disk_free_bytes'))} free`,
    ],
    ['fold', `in the ${plan.text('fold_in')}: ${plan.text('fold_reason')}`],
    ['takes about', duration(plan.number('estimated_seconds'))],
  ]);
  return table + facts + renderOutputs(screen, plan.rows('outputs')) + warnings(screen, plan, partitions);
}

/** How much of the archive the filters leave to be opened; nothing where the job takes nothing from it. */
function archiveReads(plan: Row): [string, string][] {
  const reads = plan.row('archive_reads');
  if (reads.names().length === 0) return [];
  const side = (name: string) =>
    `${number(reads, `rows_${name}`)} rows, ${bytes(reads.number(`bytes_${name}`))}`;
  return [['fold opens', `at most ${side('to_read')}; without filters ${side('in_range')}`]];
}

/** What a run would write to topics; nothing where it writes to none. */
function renderOutputs(screen: Screen, outputs: readonly Row[]): string {
  if (outputs.length === 0) return '';
  const columns: Column<Row>[] = [
    { title: 'OUTPUT TOPIC', whole: true, value: (row) => row.text('topic') },
    { title: 'PARTS', align: 'right', value: (row) => row.text('partitions') },
    {
      title: 'HOLDS',
      align: 'right',
      value: (row) => (row.raw('exists') === 'true' ? number(row, 'records_before') : 'new'),
    },
    { title: 'UP TO', align: 'right', value: (row) => `${number(row, 'rows')} rows` },
    { title: 'ABOUT', align: 'right', value: (row) => bytes(row.number('bytes')) },
  ];
  const notes = outputs.flatMap((row) =>
    (JSON.parse(row.raw('warnings') || '[]') as string[]).map((text) => `${row.text('topic')}: ${text}`),
  );
  const lines = notes.map((text) => `${tint(screen, 'yellow', 'warning')}  ${text}\n`).join('');
  return `\n${renderTable(screen, columns, outputs)}${lines}`;
}

function skew(milliseconds: string): string {
  return milliseconds === '' || milliseconds === 'null' ? '-' : `${count(Number(milliseconds) / 1000)} s`;
}

function toRead(partition: Row): number {
  const ranges = JSON.parse(partition.raw('to_collect') || '[]') as [string, string][];
  return ranges.reduce((sum, [from, to]) => sum + Number(BigInt(to) - BigInt(from)), 0);
}

function warnings(screen: Screen, plan: Row, partitions: readonly Row[]): string {
  const list = (row: Row) => JSON.parse(row.raw('warnings') || '[]') as string[];
  const all = [
    ...list(plan),
    ...partitions.flatMap((row) =>
      list(row).map((text) => `${row.text('topic')}/${row.text('partition')}: ${text}`),
    ),
  ];
  return all.map((text) => `${tint(screen, 'yellow', 'warning')}  ${text}\n`).join('');
}

/** `fold  62.5 %  1,250,000 of 2,000,000 events  84,000/s  9 s left  3 failed  held back by the broker's quota`. */
export function progressLine(job: Row): string {
  const progress = job.row('progress');
  const stage = progress.text('stage') || job.text('status');
  const parts = [stage, `${Number(progress.text('percent') || 0).toFixed(1)} %`, ...doneOf(stage, progress)];
  const perSecond = progress.number('events_per_second');
  if (perSecond > 0) parts.push(`${count(perSecond)}/s`);
  const perSecondBytes = progress.number('bytes_per_second');
  if (perSecondBytes > 0) parts.push(`${bytes(perSecondBytes)}/s`);
  if (progress.text('eta_seconds') !== '') parts.push(`${duration(progress.number('eta_seconds'))} left`);
  if (progress.text('read_until') !== '') parts.push(`at ${progress.text('read_until').slice(0, 19)}Z`);
  if (progress.number('failed') > 0) parts.push(`${number(progress, 'failed')} failed`);
  if (progress.text('held_by') !== '') parts.push(HELD_BY[progress.text('held_by')] ?? '');
  if (job.text('queue_position') !== '') parts.push(`place ${job.text('queue_position')} in the line`);
  return parts.join('  ');
}

const HELD_BY: Readonly<Record<string, string>> = {
  throttle: 'held to its pace',
  broker: "held back by the broker's quota",
  store: 'held back by the store',
};

function doneOf(stage: string, progress: Row): string[] {
  if (stage === 'emit')
    return [
      `${number(progress, 'emitted')} records to topics`,
      `${number(progress, 'emit_units_done')} of ${number(progress, 'emit_units')} units`,
    ];
  const folding = progress.number('fold_total') > 0 && stage !== 'collect';
  const done = progress.number(folding ? 'folded' : 'collected');
  const total = progress.number(folding ? 'fold_total' : 'collect_total');
  return total > 0 ? [`${count(done)} of ${count(total)} ${folding ? 'events' : 'records'}`] : [];
}
