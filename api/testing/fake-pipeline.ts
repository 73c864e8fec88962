/**
 * A pipeline with fixed answers, for tests of routes and commands alone: what reaches the service, and what becomes of
 * its answers and errors. The real parts are joined in the end-to-end tests.
 */
import { Readable } from 'node:stream';
import type { CompareServices } from '../../processors/compare/contract.js';
import { loadConfig } from '../../processors/config/load.js';
import type { Instance } from '../../processors/instance/instance.js';
import type { Notes } from '../../processors/notes/contract.js';
import type { DeadLetter, DeadLetters } from '../../processors/redrive/contract.js';
import type {
  InstanceState,
  InstanceSwitch,
  JobLifecycle,
} from '../../processors/replay/lifecycle-contract.js';
import type {
  AppendResult,
  JobView,
  LogAppender,
  ReplayService,
  SnapshotView,
  TimelineEntry,
} from '../../processors/replay/service.js';
import type { Results } from '../../processors/results/contract.js';
import type { Decisions } from '../../processors/rules/decisions.js';
import { createTelemetry } from '../../processors/telemetry.js';
import type { VersionCatalog } from '../../processors/versions/catalog.js';
import type { Previews } from '../../processors/versions/previews.js';
import type { Webhooks } from '../../processors/webhooks/contract.js';
import { RewindError } from '../../schemas/errors.js';
import type { JobSpec, ReplayPlan } from '../../schemas/job.js';
import type { ApiDeps } from '../context.js';
import type { ParseEvent } from '../intake.js';
import { FakeKeys, noInstanceJobs } from './fake-access.js';
import { FakeAudit, fakeOverviews } from './fake-audit.js';
import { NO_CURRENT } from './fake-current.js';
import { NO_CHANGES, NO_FOLLOWING } from './fake-following.js';
import { fakeLogReplay } from './fake-log-replay.js';

export const BIG = '123456789012345678901234567890.10';

export const SNAPSHOT: SnapshotView = {
  id: 'snapshot-abc',
  jobId: 'run-123',
  index: 5,
  foldSeq: '2',
  eventId: 'evt-456',
  eventType: 'content.updated',
  timestamp: '2024-01-15T10:30:00Z',
  entityType: 'content',
  entityId: 'content-789',
  stateBeforeJson: '{"id":"content-789","title":"Draft Article","status":"draft","wordCount":500}',
  stateAfterJson: `{"id":"content-789","title":"Published Article","status":"published","wordCount":${BIG}}`,
  diffJson: `[{"field":"title","before":"Draft Article","after":"Published Article","operation":"modified"},{"field":"status","before":"draft","operation":"removed"},{"field":"wordCount","after":${BIG},"operation":"added"}]`,
  exists: true,
  topic: 'audit-events',
  partition: 3,
  offset: '9007199254740993',
  createdAt: '2024-02-01T00:00:00Z',
};

export const TIMELINE: readonly TimelineEntry[] = [0, 1, 2].map((index) => ({
  index,
  eventId: `evt-${index}`,
  eventType: index === 0 ? 'content.created' : 'content.updated',
  timestamp: `2024-01-0${index + 1}T00:00:00Z`,
  entityType: 'content',
  entityId: 'content-789',
  changes: index,
}));

export const PLAN: ReplayPlan = {
  partitions: [
    {
      topic: 'audit-events',
      topicId: 'T',
      partition: 0,
      logStart: '0',
      logEnd: '500',
      from: '100',
      to: '500',
      strategy: 'widened',
      firstRecordTime: '2024-01-01T00:00:01Z',
      skewMs: 90_000,
      sampled: 200,
      archived: [['100', '200']],
      toCollect: [['200', '500']],
      warnings: ['retention has removed offsets 0 to 99'],
    },
  ],
  group: 'rewind.run-123',
  recordsToCollect: '300',
  bytesToRead: '60000',
  eventsInArchive: '100',
  archiveReads: { rowsInRange: '4096', rowsToRead: '1024', bytesInRange: '400000', bytesToRead: '100000' },
  rowsToWrite: '400',
  diskFreeBytes: '1000000000',
  diskNeededBytes: '50000',
  estimatedSeconds: 75,
  foldIn: 'store',
  foldReason: 'the encoding needs no code',
  warnings: [],
};

const REQUESTED: JobSpec = {
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '2024-01-01T00:00:00Z',
  time_range_end: '2024-01-31T23:59:59.999999999Z',
  filters: { event_type: ['content.*'] },
  name: 'january',
};

export function jobView(jobId: string, tenantId: string, change: Partial<JobView> = {}): JobView {
  return {
    jobId,
    tenantId,
    status: 'Complete',
    throttle: { eventsPerSecond: null, bytesPerSecond: null },
    spec: {
      tenantId,
      jobType: 'StateRebuild',
      encodingVersion: 1,
      encodingHash: 'h',
      ruleVersion: 1,
      rulesHash: 'rules-hash',
      baselineRules: null,
      sourceVersion: 1,
      sourceHash: 'source-hash',
      startNs: '1704067200000000000',
      endNs: '1706745599999999999',
      filters: { event_type: ['content.*'] },
      source: 'auto',
      topics: ['audit-events'],
      startOffsets: 'auto',
      ordering: 'event_time',
      snapshots: 'all',
      onFailure: 'skip',
      name: 'january',
      reason: '',
      labels: {},
      ticket: '',
      throttle: { eventsPerSecond: null, bytesPerSecond: null },
      limits: { maxEvents: null, maxBytes: null, maxRows: null, maxDurationMs: null },
      parentJobId: null,
      bounds: 'own',
      requested: REQUESTED,
    },
    plan: PLAN,
    counters: {
      scanned: 160,
      processed: 150,
      failed: 4,
      duplicates: 3,
      conflicts: 2,
      skipped: 1,
      snapshots: 150,
      changed: 140,
      entities: 12,
    },
    progress: {
      stage: 'done',
      collected: 160,
      collectTotal: 160,
      folded: 150,
      foldTotal: 150,
      percent: 100,
      emitted: 0,
      emitUnits: 0,
      emitUnitsDone: 0,
      eventsPerSecond: 0,
      bytesPerSecond: null,
      etaSeconds: null,
      readUntil: null,
      failed: 0,
      slowestStage: 'fold',
      heldBy: null,
    },
    result: {
      counters: {
        scanned: 160,
        processed: 150,
        failed: 4,
        duplicates: 3,
        conflicts: 2,
        skipped: 1,
        snapshots: 150,
        changed: 140,
        entities: 12,
      },
      funnel: [{ step: 'scanned', kept: 160, dropped: 0, example: null }],
      transitions: null,
      foldedInStore: 0,
      verdict: { exactness: 'partial', reasons: ['failed_events', 'window_only'] },
      stageSeconds: { collect: 1.5 },
    },
    error: null,
    createdBy: 'ann',
    createdAt: '2024-02-01T00:00:00Z',
    startedAt: '2024-02-01T00:00:01Z',
    completedAt: '2024-02-01T00:01:00Z',
    queuePosition: null,
    times: { queuedMs: 1000, runningMs: 59_000, pausedMs: 0 },
    rows: null,
    deleted: null,
    ...change,
  };
}

const DEAD_LETTER: DeadLetter = {
  id: 'failed.0.1.0.t',
  schemaId: -1,
  redriven: false,
  kind: 'failed',
  stage: 'fold',
  code: 'operation_failed',
  error: 'increment of text',
  eventId: 'evt-9',
  entityType: 'content',
  entityId: 'c',
  timestamp: '2024-01-01T00:00:00Z',
  topicId: 'T',
  partition: 0,
  offset: '7',
};

/** Owns one job, `run-123` of tenant `acme`; records what it was asked. */
export class FakeReplay implements ReplayService {
  readonly created: { tenantId: string; spec: JobSpec; actor: string; key: string | undefined }[] = [];
  readonly asked: unknown[] = [];
  jobs: JobView[] = [jobView('run-123', 'acme')];

  async plan(_tenantId: string, spec: JobSpec): Promise<ReplayPlan> {
    this.asked.push(spec);
    return PLAN;
  }

  async create(tenantId: string, spec: JobSpec, actor: string, key?: string): Promise<JobView> {
    this.created.push({ tenantId, spec, actor, key });
    return jobView('run-new', tenantId, { status: 'Pending', result: null, plan: null, completedAt: null });
  }

  async get(tenantId: string, jobId: string): Promise<JobView> {
    const job = this.jobs.find((item) => item.jobId === jobId);
    if (job === undefined) throw new RewindError('job_not_found', `No job ${jobId}`);
    if (job.tenantId !== tenantId) throw new RewindError('job_not_found', `Job of ${job.tenantId}`);
    return job;
  }

  async list(_tenantId: string, options: { limit: number; cursor?: string }) {
    this.asked.push(options);
    return { items: this.jobs, next: 'cursor-2' };
  }

  async units(tenantId: string, jobId: string) {
    await this.get(tenantId, jobId);
    return { items: [], next: null };
  }

  async timeline(tenantId: string, jobId: string, options: { from: number; limit: number }) {
    await this.get(tenantId, jobId);
    return TIMELINE.slice(options.from, options.from + options.limit);
  }

  async snapshot(tenantId: string, jobId: string, index: number): Promise<SnapshotView> {
    await this.get(tenantId, jobId);
    if (index !== SNAPSHOT.index) throw new RewindError('snapshot_not_found', `No snapshot ${index}`);
    return SNAPSHOT;
  }

  async entityHistory(tenantId: string, entity: object, options: object): Promise<readonly SnapshotView[]> {
    this.asked.push({ tenantId, entity, options });
    return [SNAPSHOT];
  }

  async entityAt(tenantId: string, entity: object, options: object): Promise<SnapshotView> {
    this.asked.push({ tenantId, entity, options });
    return SNAPSHOT;
  }

  async exportSnapshots(): Promise<Readable> {
    return Readable.from(['{"a":1}\n', '{"a":2}\n']);
  }
}

/** Says what it was asked, of the one job that there is; a finished job is not cancelled. */
export class FakeLife implements JobLifecycle {
  readonly asked: unknown[] = [];
  readonly #replay: FakeReplay;

  constructor(replay: FakeReplay) {
    this.#replay = replay;
  }

  async pause(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    this.asked.push(['pause', tenantId, jobId, actor]);
    return { ...(await this.#replay.get(tenantId, jobId)), status: 'Paused' };
  }

  async resume(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    this.asked.push(['resume', tenantId, jobId, actor]);
    return { ...(await this.#replay.get(tenantId, jobId)), status: 'Pending' };
  }

  async cancel(tenantId: string, jobId: string, actor: string, rows?: string): Promise<JobView> {
    this.asked.push(['cancel', tenantId, jobId, actor, rows]);
    const job = await this.#replay.get(tenantId, jobId);
    if (job.status === 'Complete') throw new RewindError('job_finished', `Job ${jobId} is Complete`);
    return { ...job, status: 'Cancelled' };
  }

  async rerun(tenantId: string, jobId: string, actor: string, options: object): Promise<JobView> {
    this.asked.push(['rerun', tenantId, jobId, actor, options]);
    await this.#replay.get(tenantId, jobId);
    return jobView('run-again', tenantId, { status: 'Pending', result: null, plan: null, completedAt: null });
  }

  async throttle(tenantId: string, jobId: string, actor: string, asked: object): Promise<JobView> {
    this.asked.push(['throttle', tenantId, jobId, actor, asked]);
    return this.#replay.get(tenantId, jobId);
  }

  async rebuild(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    this.asked.push(['rebuild', tenantId, jobId, actor]);
    await this.#replay.get(tenantId, jobId);
    return jobView('run-built', tenantId, { status: 'Pending', result: null, plan: null, completedAt: null });
  }

  async remove(tenantId: string, jobId: string, actor: string): Promise<JobView> {
    this.asked.push(['remove', tenantId, jobId, actor]);
    return { ...(await this.#replay.get(tenantId, jobId)), deleted: { actor, at: '2024-02-02T00:00:00Z' } };
  }
}

/** A switch in memory. */
export class FakeInstance implements InstanceSwitch {
  #state: InstanceState = { paused: false, actor: null, reason: '', since: null };

  async state(): Promise<InstanceState> {
    return this.#state;
  }

  async pause(actor: string, reason: string): Promise<InstanceState> {
    this.#state = { paused: true, actor, reason, since: '2024-02-02T00:00:00Z' };
    return this.#state;
  }

  async resume(actor: string, reason: string): Promise<InstanceState> {
    this.#state = { paused: false, actor, reason, since: '2024-02-02T00:00:00Z' };
    return this.#state;
  }
}

/** Keeps what it was given; `gate` holds appends back, `fail` refuses them. */
export class FakeAppender implements LogAppender {
  readonly batches: string[][] = [];
  gate: Promise<void> = Promise.resolve();
  fail: (values: readonly string[]) => Error | null = () => null;
  #offset = 0;

  async append(records: readonly { readonly value: Buffer }[]): Promise<readonly AppendResult[]> {
    await this.gate;
    const values = records.map((record) => record.value.toString());
    const error = this.fail(values);
    if (error !== null) throw error;
    this.batches.push(values);
    return records.map(() => ({ topic: 'audit-events', partition: 0, offset: String(this.#offset++) }));
  }

  async close(): Promise<void> {}
}

/** Takes any object with an event_type; the record's value is the very text that was sent. */
export const parseAnything: ParseEvent = (text, tenantId) => {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(text.toString()) as Record<string, unknown>;
  } catch (error) {
    return { ok: false, code: 'json_invalid', message: (error as Error).message, pointer: '' };
  }
  if (typeof event.event_type !== 'string') {
    return { ok: false, code: 'field_missing', message: 'event_type is missing', pointer: '/event_type' };
  }
  const eventId = typeof event.event_id === 'string' ? event.event_id : `${tenantId}-made-up`;
  return { ok: true, record: { key: null, value: Buffer.from(text), timestampMs: 0n, eventId } };
};

/** Reports and comparisons are made by a real store in their own tests. */
const FAKE_LETTERS: DeadLetters = {
  list: async () => ({ items: [DEAD_LETTER], next: null }),
  get: async () => DEAD_LETTER,
  record: () => Promise.reject(new RewindError('record_gone', 'there is no archive')),
  redrive: () => Promise.reject(new RewindError('job_not_found', 'this tenant has no such job')),
};

function noCompare(): CompareServices {
  const none = async (): Promise<never> => {
    throw new RewindError('job_not_found', 'this tenant has no such job');
  };
  return {
    reports: { report: none, differences: none },
    verifications: { start: none, list: none, get: none, entities: none },
    comparisons: {
      compare: none,
      get: none,
      list: async () => ({ items: [], next: null }),
      signatures: none,
      entities: none,
      events: none,
    },
  };
}

/** Decisions are read from a real store in their own tests. */
const NO_DECISIONS: Decisions = {
  list: async () => ({ items: [], next: null }),
  transitions: async () => {
    throw new RewindError('job_not_found', 'this tenant has no such job');
  },
};

const NO_PREVIEWS: Previews = {
  encoding: async () => [],
  rules: async () => [],
  source: async () => [],
};

/** Nor are versions: whatever is saved becomes version 2, and nothing is kept. */
function fakeVersions<D>(): VersionCatalog<D> {
  const unknown = async (): Promise<never> => {
    throw new RewindError('version_unknown', 'this tenant has no such version');
  };
  return {
    get: unknown,
    diff: unknown,
    list: async () => [],
    problems: async () => [],
    save: async (_tenantId, definition, actor) => ({
      version: 2,
      hash: 'hash-2',
      definition: definition as D,
      definitionJson: JSON.stringify(definition),
      revises: null,
      note: '',
      createdBy: actor,
      createdAt: '2024-01-01T00:00:00Z',
      created: true,
    }),
  };
}

/** An installation of one part and one job. */
export function fakeInstance(up: boolean): Instance {
  return {
    parts: async () => ({ store: { up, seconds: 0.25 } }),
    jobs: async () => [{ status: 'Complete', jobs: 1, processed: 150, failed: 4 }],
    archiveLag: async () => [{ topic: 'audit-events', records: 7n }],
  };
}
/** Results are read from a real store in their own tests. */
const absent = async (): Promise<never> => {
  throw new RewindError('job_not_found', 'this tenant has no such job');
};
const NO_RESULTS: Results = {
  live: { watch: absent, samples: absent, snapshots: absent },
  timelines: { filtered: absent, indexAt: absent },
  searches: { firstOfEntity: absent, firstOfRun: absent },
  exports: { stream: absent, comparison: absent, streamOfTenant: absent, jobs: absent, auditEntries: absent },
  nextChange: absent,
  originalEvent: absent,
};

/** Nor are webhooks. */
const NO_WEBHOOKS: Webhooks = {
  create: absent,
  list: async () => [],
  get: absent,
  change: absent,
  remove: absent,
  ping: absent,
  deliveries: absent,
  redeliver: absent,
};

/** Nor are notes. */
const NO_NOTES: Notes = {
  annotate: absent,
  annotations: absent,
  annotation: absent,
  editAnnotation: absent,
  deleteAnnotation: absent,
  addBookmark: absent,
  bookmarks: async () => ({ items: [], next: null }),
  bookmark: absent,
  editBookmark: absent,
  deleteBookmark: absent,
};

/** Dependencies of the API over the fakes; environment settings as in production, and every answer checked. */
export function fakeDeps(env: Readonly<Record<string, string>> = {}) {
  const { config } = loadConfig({
    env: { REWIND_HTTP_CHECK_ANSWERS: 'true', REWIND_HTTP_SECRET: 'of tests', ...env },
    cwd: '/nonexistent',
  });
  const replay = new FakeReplay();
  const life = new FakeLife(replay);
  const appender = new FakeAppender();
  const audit = new FakeAudit();
  const deps: ApiDeps = {
    config,
    replay,
    life,
    instanceSwitch: new FakeInstance(),
    appender,
    encodings: fakeVersions(),
    rules: fakeVersions(),
    sources: fakeVersions(),
    audit,
    overviews: fakeOverviews,
    keys: new FakeKeys(),
    instanceJobs: noInstanceJobs,
    decisions: NO_DECISIONS,
    current: NO_CURRENT,
    outputs: { ofRun: async () => [] },
    evidence: {
      publicKey: async () => Buffer.alloc(32),
      archive: () => Promise.reject(new RewindError('job_not_found', 'this tenant has no such job')),
    },
    following: NO_FOLLOWING,
    currentChanges: NO_CHANGES,
    previews: NO_PREVIEWS,
    compare: noCompare(),
    deadLetters: FAKE_LETTERS,
    results: NO_RESULTS,
    notes: NO_NOTES,
    webhooks: NO_WEBHOOKS,
    parseEvent: parseAnything,
    ...fakeLogReplay(appender),
    instance: fakeInstance(true),
    telemetry: createTelemetry({ level: 'silent' }),
    version: '0.0.0',
  };
  return { deps, replay, life, appender, audit, config };
}
