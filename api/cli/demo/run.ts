/**
 * The demo from its start to its summary: story into the log, plan, one replay per tenant, and what the first one
 * brought to light. Uses the pipeline as the API and the other commands do.
 */
import { performance } from 'node:perf_hooks';
import type { JobView, SnapshotView } from '../../../processors/replay/service.js';
import { formatRfc3339Ns } from '../../../processors/sources/time.js';
import { toJsonText } from '../../json/raw-json.js';
import { deadLetterRow, snakeKeys } from '../../views.js';
import { renderJob, renderPlan } from '../job-text.js';
import type { Pipeline } from '../pipeline.js';
import { rowOf } from '../rows.js';
import { type Column, renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import { count } from '../values.js';
import { type BillingSearch, type SuspectAccount, searchBilling } from './billing-search.js';
import { type DemoNote, noteLoaded } from './data-dir.js';
import { demoSpec, findJob, jobAsRow, untilComplete } from './jobs.js';
import { loadStory, storyFrame } from './load.js';
import {
  heading,
  jobLine,
  mostTelling,
  type NextSteps,
  renderExcerpt,
  renderNext,
  renderSearch,
  stepLine,
} from './report.js';

const DEMO_ACTOR = 'demo';

export interface DemoContext {
  readonly pipeline: Pipeline;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly dataDir: string;
  readonly note: DemoNote;
  readonly url: string;
  readonly workers: number;
}

/** One line of JSON for programs; seconds are rounded to milliseconds. */
export interface DemoSummary {
  readonly events: number;
  readonly log: DemoNote['log'];
  readonly data: 'loaded' | 'found';
  readonly seconds: Readonly<Record<string, number>>;
  /** From the start of the process to the first diff on the screen. */
  readonly first_diff_seconds: number;
  readonly load_events_per_second: number | null;
  readonly jobs: readonly {
    readonly tenant: string;
    readonly job_id: string;
    readonly events: number;
    readonly snapshots: number;
    readonly diffs: number;
    readonly entities: number;
    readonly duplicates: number;
    readonly verdict: string;
    readonly stage_seconds: Readonly<Record<string, number>>;
  }[];
  readonly snapshots: number;
  readonly diffs: number;
  readonly dead_letters: number;
  readonly accounts: {
    readonly doubled: number;
    readonly corrected: number;
    readonly not_corrected: number;
    readonly suspended: number;
  };
}

/** Seconds of each step, for the screen and the summary. */
class Clock {
  readonly seconds: Record<string, number> = {};
  #last = performance.now();

  /** Seconds since the lap before, kept under a name. */
  lap(name: string): number {
    const now = performance.now();
    const seconds = (now - this.#last) / 1000;
    this.#last = now;
    this.seconds[name] = rounded((this.seconds[name] ?? 0) + seconds);
    return seconds;
  }
}

const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
/** performance.now() counts from the start of the process. */
const sinceStart = () => performance.now() / 1000;

export interface DemoResult {
  readonly summary: DemoSummary;
  readonly next: string;
}

/** Prints as it goes, to stdout; progress goes to stderr. */
export async function runDemo(context: DemoContext): Promise<DemoResult> {
  const { pipeline, terminal, note } = context;
  const clock = new Clock();
  const loaded = note.loaded ? null : await load(context, clock);
  const frame = storyFrame(note);
  const [main, ...others] = frame.tenants as [string, ...string[]];
  await pipeline.startWorkers(context.workers);
  const first = await replay(context, main, clock, true);
  await terminal.data(stepLine(terminal, clock.lap('replay'), jobLine(first, note.log)));
  await tellGroup(context, first);
  const { search, told } = await tellMistake(context, first);
  const firstDiffSeconds = rounded(sinceStart());
  const found = `${count(search.snapshots)} snapshots searched for it; first diff on screen ${firstDiffSeconds.toFixed(1)} s after the start`;
  await terminal.data(`\n${stepLine(terminal, clock.lap('search'), found)}`);
  const jobs = [first];
  for (const tenant of others) {
    const job = await replay(context, tenant, clock, false);
    jobs.push(job);
    await terminal.data(stepLine(terminal, clock.lap('other_replays'), jobLine(job, note.log)));
  }
  await terminal.data(`${heading(terminal, `The run of ${main}`)}${renderJob(terminal, jobAsRow(first))}`);
  const deadLetters = await tellDeadLetters(context, first);
  clock.lap('report');
  const summary = {
    events: note.events,
    log: note.log,
    data: loaded === null ? ('found' as const) : ('loaded' as const),
    seconds: { ...clock.seconds, total: rounded(sinceStart()) },
    first_diff_seconds: firstDiffSeconds,
    load_events_per_second: loaded,
    ...jobTotals(jobs),
    dead_letters: deadLetters,
    accounts: accountTotals(search),
  };
  return { summary, next: renderNext(terminal, nextSteps(context, first, told)) };
}

/** Resolves with records per second. */
async function load(
  { pipeline, terminal, signal, dataDir, note }: DemoContext,
  clock: Clock,
): Promise<number> {
  clock.lap('open');
  const records = await loadStory(pipeline, note, terminal, signal);
  noteLoaded(dataDir, note);
  const seconds = clock.lap('load');
  const rate = Math.round(records / Math.max(seconds, 0.001));
  const where = note.log === 'kafka' ? 'produced to Kafka as Avro' : 'loaded into the embedded log';
  const text = `${count(records)} records of 30 days and three tenants ${where}, ${count(rate)}/s`;
  await terminal.data(stepLine(terminal, seconds, text));
  return rate;
}

/** The tenant's finished job: of an earlier start, or planned and run now. */
async function replay(context: DemoContext, tenant: string, clock: Clock, plan: boolean): Promise<JobView> {
  const { pipeline, terminal, signal, note } = context;
  const found = await findJob(pipeline.replay, tenant);
  if (found !== null) return untilComplete(pipeline.replay, found, terminal, signal);
  const spec = demoSpec(storyFrame(note), tenant);
  if (plan) {
    const made = await pipeline.replay.plan(tenant, spec);
    await terminal.data(stepLine(terminal, clock.lap('plan'), `plan for ${tenant}:`));
    await terminal.data(`\n${renderPlan(terminal, rowOf(Buffer.from(toJsonText(snakeKeys(made)))))}\n`);
  }
  const job = await pipeline.replay.create(tenant, spec, DEMO_ACTOR);
  await pipeline.audit.enter({
    tenantId: tenant,
    actor: DEMO_ACTOR,
    action: 'replay_job.created',
    target: job.jobId,
    outcome: 'success',
    detail: {},
  });
  return untilComplete(pipeline.replay, job, terminal, signal);
}

/** What happened on the broker, where there is one. */
async function tellGroup({ terminal, note }: DemoContext, { plan }: JobView): Promise<void> {
  if (note.log !== 'kafka' || plan === null || plan.group === null) return;
  const text = `consumer group ${plan.group}: rewound, ${count(Number(plan.recordsToCollect))} records read`;
  await terminal.data(`          ${text}\n`);
}

async function tellMistake(context: DemoContext, job: JobView) {
  const { pipeline, terminal } = context;
  const search = await searchBilling(await pipeline.replay.exportSnapshots(job.tenantId, job.jobId));
  await terminal.data(renderSearch(terminal, job.tenantId, search));
  const told = mostTelling(search);
  if (told !== null) {
    const history = await wholeHistory(context, job, told);
    const matters = (snapshot: SnapshotView) =>
      snapshot.eventId === told.eventId ||
      snapshot.eventType === 'billing.usage_corrected' ||
      (told.suspendedAt !== null && snapshot.eventType === 'billing.quota_exceeded');
    const wrong = (snapshot: SnapshotView) => snapshot.eventId === told.eventId;
    await terminal.data(renderExcerpt(terminal, `billing ${told.accountId}`, history, { matters, wrong }));
  }
  return { search, told };
}

const HISTORY_PAGE = 1000;

async function wholeHistory(context: DemoContext, job: JobView, { accountId }: SuspectAccount) {
  const { replay } = context.pipeline;
  const history: SnapshotView[] = [];
  for (;;) {
    const afterSeq = history.at(-1)?.foldSeq;
    const page = await replay.entityHistory(
      job.tenantId,
      { type: 'billing', id: accountId },
      { jobId: job.jobId, limit: HISTORY_PAGE, ...(afterSeq === undefined ? {} : { afterSeq }) },
    );
    history.push(...page);
    if (page.length < HISTORY_PAGE) return history;
  }
}

const LETTERS_SHOWN = 3;
const LETTERS_PAGE = 1000;

/** Prints a few dead letters of the run; resolves with how many there are. */
async function tellDeadLetters({ pipeline, terminal }: DemoContext, job: JobView): Promise<number> {
  const letters = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof pipeline.deadLetters.list>> = await pipeline.deadLetters.list(
      job.tenantId,
      job.jobId,
      { limit: LETTERS_PAGE, ...(cursor === null ? {} : { cursor }) },
    );
    letters.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  if (letters.length === 0) return 0;
  type Letter = ReturnType<typeof deadLetterRow>;
  const columns: Column<Letter>[] = [
    { title: 'OFFSET', align: 'right', value: (row) => `${row.partition}/${row.offset}` },
    { title: 'STAGE', value: (row) => row.stage },
    { title: 'CODE', value: (row) => row.code },
    { title: 'WHY', value: (row) => row.error },
  ];
  const head = heading(
    terminal,
    `${count(letters.length)} dead letters: records that nobody can read, kept as they came`,
  );
  const rows = letters.slice(0, LETTERS_SHOWN).map(deadLetterRow);
  await terminal.data(head + renderTable(terminal, columns, rows));
  return letters.length;
}

function jobTotals(jobs: readonly JobView[]) {
  const rows = jobs.map(({ tenantId, jobId, counters, result }) => ({
    tenant: tenantId,
    job_id: jobId,
    events: counters.processed,
    snapshots: counters.snapshots,
    diffs: counters.changed,
    entities: counters.entities,
    duplicates: counters.duplicates,
    verdict: result?.verdict.exactness ?? '',
    stage_seconds: result?.stageSeconds ?? {},
  }));
  const sum = (name: 'snapshots' | 'diffs') => rows.reduce((total, row) => total + row[name], 0);
  return { jobs: rows, snapshots: sum('snapshots'), diffs: sum('diffs') };
}

function accountTotals({ suspects }: BillingSearch): DemoSummary['accounts'] {
  const left = suspects.filter(({ correctedAt }) => correctedAt === null);
  return {
    doubled: suspects.length,
    corrected: suspects.length - left.length,
    not_corrected: left.length,
    suspended: left.filter(({ suspendedAt }) => suspendedAt !== null).length,
  };
}

function nextSteps(context: DemoContext, job: JobView, told: SuspectAccount | null): NextSteps {
  const { url, note } = context;
  const entity = told === null ? (['agent', 'agent-no-1'] as const) : (['billing', told.accountId] as const);
  // The day before the mistake, or the end of the story.
  const before = told === null ? storyFrame(note).endNs - 1n : null;
  const time = before === null ? `${told!.at.slice(0, 10)}T00:00:00Z` : formatRfc3339Ns(before);
  return {
    url,
    defaultUrl: url === 'http://127.0.0.1:8080',
    tenant: job.tenantId,
    jobId: job.jobId,
    entity,
    time,
  };
}
