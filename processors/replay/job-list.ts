/** Which jobs a list shows. What is fixed when a job is created is looked up in the store; its status is folded from its log. */
import type { FrozenSpec, JobStatus, JobType } from '../../schemas/job.js';
import type { JobState } from './job-state.js';

export interface JobFilters {
  /** Any of these. */
  readonly status?: readonly JobStatus[];
  readonly jobType?: JobType;
  /** All of these. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, both ends included. */
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
  readonly createdBy?: string;
  /** Part of the name, in any case. */
  readonly name?: string;
  readonly parentJobId?: string;
  /** Default: without. */
  readonly deleted?: 'without' | 'with' | 'only';
}

/** What only the folded state knows. */
export function isListed(state: JobState, { status, deleted = 'without' }: JobFilters): boolean {
  // A verification's fold is shown as the verification that it is.
  if ((state.spec as FrozenSpec).verifies !== undefined) return false;
  if (status !== undefined && !status.includes(state.status)) return false;
  return deleted === 'with' || (state.deleted !== null) === (deleted === 'only');
}

/** A condition on the `created` events of the job log, and its parameters. */
export function createdClause(filters: JobFilters): {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
} {
  const { jobType, labels = {}, createdFromMs, createdToMs, createdBy, name, parentJobId } = filters;
  const conditions = ['1'];
  const params: Record<string, unknown> = {};
  const add = (condition: string, values: Readonly<Record<string, unknown>>) => {
    conditions.push(condition);
    Object.assign(params, values);
  };
  if (jobType !== undefined) add(`JSONExtractString(body, 'jobType') = {jobType:String}`, { jobType });
  if (createdBy !== undefined) add('actor = {createdBy:String}', { createdBy });
  if (parentJobId !== undefined)
    add(`JSONExtractString(body, 'parentJobId') = {parentJobId:String}`, { parentJobId });
  if (name !== undefined)
    add(`positionCaseInsensitiveUTF8(JSONExtractString(body, 'name'), {name:String}) > 0`, { name });
  if (createdFromMs !== undefined)
    add('written_at >= fromUnixTimestamp64Milli({createdFrom:Int64})', { createdFrom: createdFromMs });
  if (createdToMs !== undefined)
    add('written_at <= fromUnixTimestamp64Milli({createdTo:Int64})', { createdTo: createdToMs });
  for (const [i, [key, value]] of Object.entries(labels).entries())
    add(
      `JSONHas(body, 'labels', {label${i}:String}) AND JSONExtractString(body, 'labels', {label${i}:String}) = {value${i}:String}`,
      { [`label${i}`]: key, [`value${i}`]: value },
    );
  return { sql: conditions.join(' AND '), params };
}
