/** Reports of dry runs, put together from what their sealed units counted. */
import type { Config } from '../../schemas/config.js';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { FrozenSpec } from '../../schemas/job.js';
import { jobProgress } from '../replay/job-progress.js';
import type { DeadLetterView, Page } from '../replay/service.js';
import { claimsOf, type UnitState } from '../replay/units.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { JobLog, StoredJob } from '../store/job-log.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type {
  BaselineReport,
  ChangeSample,
  DifferenceQuery,
  DryRunReport,
  EntityDifference,
  FailureCount,
  FieldCount,
  FieldOperation,
  Reports,
} from './contract.js';
import { DifferenceReads, totalsOf } from './difference-reads.js';

interface CountRow {
  entity_type: string;
  name: string;
  operation: string;
  count: string;
  changed: string;
  entities: string;
  samples: [string, string, string, string, string, string, string, number][];
}

interface LetterRow {
  kind: DeadLetterView['kind'];
  stage: string;
  error_code: string;
  count: string;
  samples: [string, string, string, string, string, string, number, string][];
}

export class RunReports implements Reports {
  readonly #store: Store;
  readonly #jobLog: JobLog;
  readonly #unitLog: UnitLog;
  readonly #limits: Config['compare'];
  readonly #differences: DifferenceReads;

  /** `store` may be one that only reads. */
  constructor(store: Store, jobLog: JobLog, unitLog: UnitLog, limits: Config['compare']) {
    this.#store = store;
    this.#jobLog = jobLog;
    this.#unitLog = unitLog;
    this.#limits = limits;
    this.#differences = new DifferenceReads(store);
  }

  async report(tenantId: string, jobId: string): Promise<DryRunReport> {
    const job = await this.#dryRun(tenantId, jobId);
    const units = await this.#sealed(jobId);
    const claims = claimsOf(units).map(BigInt);
    const { groupsMax } = this.#limits;
    const [events, entities, fields, failures, baseline, { counters }] = await Promise.all([
      this.#counts(jobId, claims, 'event'),
      this.#counts(jobId, claims, 'entity'),
      this.#counts(jobId, claims, 'field'),
      this.#failures(jobId, claims),
      this.#baseline(job, units, claims),
      jobProgress(this.#unitLog, job),
    ]);
    return {
      jobId,
      status: job.state.status,
      counters,
      events: events.slice(0, groupsMax).map((row) => ({ eventType: row.name, ...countsOf(row) })),
      entities: entities.slice(0, groupsMax).map(countsOf),
      fields: fields.slice(0, groupsMax).map(fieldOf),
      failures,
      cut: [events, entities, fields].some((rows) => rows.length > groupsMax),
      baseline,
    };
  }

  async differences(
    tenantId: string,
    jobId: string,
    query: DifferenceQuery,
  ): Promise<Page<EntityDifference>> {
    const job = await this.#dryRun(tenantId, jobId);
    if ((job.state.spec as FrozenSpec).baseline === undefined)
      throw new RewindError('no_report', `job ${jobId} has no baseline`);
    const claims = claimsOf(await this.#sealed(jobId));
    return this.#differences.entities({ jobId, claims }, query);
  }

  async #dryRun(tenantId: string, jobId: string): Promise<StoredJob> {
    const job = await this.#jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    const spec = job.state.spec as FrozenSpec;
    if (spec.jobType !== 'DryRun' || spec.verifies !== undefined)
      throw new RewindError('no_report', `job ${jobId} is no dry run`);
    return job;
  }

  async #sealed(jobId: string): Promise<readonly UnitState[]> {
    const units = await this.#unitLog.readScope(jobId);
    return [...units.values()].filter(({ sealed }) => sealed);
  }

  #counts(jobId: string, claims: readonly bigint[], kind: 'event' | 'entity' | 'field'): Promise<CountRow[]> {
    const samples =
      kind === 'field'
        ? `arraySlice(arraySort(groupArrayArray(arrayMap(one -> tuple(one.1, one.2, one.3, one.4, one.5, one.6, one.7, one.8), c.samples))), 1, {samples:UInt32})`
        : '[]';
    return this.#store.query<CountRow>(
      `SELECT c.entity_type AS entity_type, c.name AS name, c.operation AS operation, toString(sum(c.count)) AS count,
         toString(sum(c.changed)) AS changed, toString(sum(c.entities)) AS entities, ${samples} AS samples
       FROM ${this.#store.t('report_counts')} AS c
       WHERE c.job_id = {job:String} AND c.kind = {kind:String} AND c.claim IN {claims:Array(UInt64)}
       GROUP BY c.entity_type, c.name, c.operation
       ORDER BY sum(c.count) DESC, c.entity_type, c.name, c.operation LIMIT {limit:UInt32}`,
      { job: jobId, kind, claims, samples: this.#limits.samples, limit: this.#limits.groupsMax + 1 },
    );
  }

  async #failures(jobId: string, claims: readonly bigint[]): Promise<FailureCount[]> {
    const rows = await this.#store.query<LetterRow>(
      `SELECT toString(d.kind) AS kind, d.stage AS stage, d.error_code AS error_code, toString(count()) AS count,
         groupArraySorted(${Math.max(1, this.#limits.samples)})((d.topic_id, toString(d.partition), toString(d.offset), d.event_id, d.entity_type, d.entity_id,
           toUnixTimestamp64Nano(d.occurred_at), substringUTF8(d.error, 1, 500))) AS samples
       FROM ${this.#store.t('dead_letters')} AS d
       WHERE d.job_id = {job:String} AND d.claim IN {claims:Array(UInt64)}
       GROUP BY d.kind, d.stage, d.error_code ORDER BY count() DESC, d.kind, d.stage, d.error_code`,
      { job: jobId, claims },
    );
    return rows.map((row) => ({
      kind: row.kind,
      stage: row.stage,
      code: row.error_code,
      count: Number(row.count),
      samples: row.samples.slice(0, this.#limits.samples).map((sample) => letterOf(row, sample)),
    }));
  }

  async #baseline(
    job: StoredJob,
    units: readonly UnitState[],
    claims: readonly bigint[],
  ): Promise<BaselineReport | null> {
    const { baseline } = job.state.spec as FrozenSpec;
    if (baseline === undefined) return null;
    const sum = (name: string): number =>
      units.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
    const scope = { jobId: job.jobId, claims: claims.map(String) };
    const { groupsMax, samples } = this.#limits;
    const { items } = await this.#differences.signatures(scope, { limit: groupsMax, samples });
    return {
      encodingVersion: baseline.encodingVersion,
      ruleVersion: baseline.ruleVersion,
      jobId: baseline.jobId,
      processed: sum('baselineProcessed'),
      failed: sum('baselineFailed'),
      skipped: sum('baselineSkipped'),
      totals: totalsOf(units.map(({ counters }) => counters)),
      signatures: items,
    };
  }
}

function countsOf(row: CountRow) {
  return {
    entityType: row.entity_type,
    events: Number(row.count),
    changed: Number(row.changed),
    entities: Number(row.entities),
  };
}

function fieldOf(row: CountRow): FieldCount {
  return {
    entityType: row.entity_type,
    field: JSON.parse(row.name) as string,
    operation: row.operation as FieldOperation,
    changes: Number(row.count),
    entities: Number(row.entities),
    samples: row.samples.map(sampleOf),
  };
}

function sampleOf([
  ,
  entityId,
  eventId,
  foldSeq,
  ns,
  before,
  after,
  cut,
]: CountRow['samples'][number]): ChangeSample {
  return {
    entityId,
    eventId,
    foldSeq,
    timestamp: formatRfc3339Ns(BigInt(ns)),
    beforeJson: before === '' ? null : before,
    afterJson: after === '' ? null : after,
    cut: cut === 1,
  };
}

function letterOf(row: LetterRow, sample: LetterRow['samples'][number]): DeadLetterView {
  const [topicId, partition, offset, eventId, entityType, entityId, ns, error] = sample;
  return {
    kind: row.kind,
    stage: row.stage,
    code: row.error_code as ErrorCode,
    error,
    eventId,
    entityType,
    entityId,
    timestamp: formatRfc3339Ns(BigInt(ns)),
    topicId,
    partition: Number(partition),
    offset,
  };
}
