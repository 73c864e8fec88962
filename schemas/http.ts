/**
 * What HTTP callers send: parameters, query strings, headers and bodies of every route. Routes, their types and the
 * API description come from these schemas; the job itself is in job.ts.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { JOB_STATUSES, JobType } from './job.js';

const strict = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

export const TenantId = Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' });
export const JobId = Type.String({ minLength: 1, maxLength: 100, description: 'Replay job' });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: '0-based' });
const limit = (value: number) =>
  Type.Integer({ minimum: 1, maximum: 1000, default: value, description: 'Entries of a page' });
const Cursor = Type.String({ minLength: 1, maxLength: 1024, description: 'Opaque; from the previous page' });
const RunId = Type.String({ minLength: 1, maxLength: 100, description: 'Job whose results are read' });

export const TenantParams = strict({ tenant_id: TenantId });
export const JobParams = strict({ tenant_id: TenantId, job_id: JobId });
export const SnapshotParams = strict({ tenant_id: TenantId, job_id: JobId, index: Index });
export const EntityParams = strict({
  tenant_id: TenantId,
  type: Type.String({ minLength: 1, maxLength: 256 }),
  id: Type.String({ minLength: 1, maxLength: 2048 }),
});

const STATUS = JOB_STATUSES.join('|');
const Label = Type.String({ pattern: '^[^=]{1,63}=.{0,200}$' });

export const JobFilterQuery = strict({
  status: Type.Optional(
    Type.String({
      pattern: `^(${STATUS})(,(${STATUS}))*$`,
      description: 'Only jobs of these statuses, joined by commas',
    }),
  ),
  type: Type.Optional(JobType),
  label: Type.Optional(
    Type.Union([Label, Type.Array(Label, { maxItems: 16 })], {
      description: 'key=value; only jobs with this label, or with all of them',
    }),
  ),
  created_from: Type.Optional(Type.String({ maxLength: 64, description: 'Created at or after this time' })),
  created_to: Type.Optional(Type.String({ maxLength: 64, description: 'Created at or before this time' })),
  created_by: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Part of the name, in any case' }),
  ),
  parent_job_id: Type.Optional(RunId),
  deleted: Type.Optional(
    Type.Union([Type.Literal('without'), Type.Literal('with'), Type.Literal('only')], {
      description: 'Jobs whose rows were deleted; without is the default',
    }),
  ),
});
export const JobListQuery = strict({
  limit: limit(50),
  cursor: Type.Optional(Cursor),
  ...JobFilterQuery.properties,
});

/** Waits until status or stage are others than those given, or than now. */
export const JobQuery = strict({
  wait: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 60, description: 'Seconds to wait for another status or stage' }),
  ),
  since: Type.Optional(
    Type.String({
      pattern: `^(${STATUS})\\.[a-z]{1,16}$`,
      description: 'What is known already: status and progress.stage, Running.fold; default: as it is now',
    }),
  ),
});
export const TimelineQuery = strict({
  from: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
    description: 'First index',
  }),
  limit: limit(100),
});
export const PageQuery = strict({ limit: limit(100), cursor: Type.Optional(Cursor) });
export const HistoryQuery = strict({
  job_id: Type.Optional(RunId),
  limit: limit(100),
  cursor: Type.Optional(Cursor),
});
export const EntityAtQuery = strict({
  job_id: Type.Optional(RunId),
  at: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'RFC 3339, or relative to now (2h ago); left out: the last state',
    }),
  ),
});

/** Headers are open: proxies add their own. */
export const JobHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
});

/** One word or several. */
const Words = Type.Union([
  Type.String({ minLength: 1, maxLength: 512 }),
  Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 1000 }),
]);

export const AuditReplayBody = strict({
  filters: strict({
    startDate: Type.String({ description: 'Inclusive; RFC 3339, or relative to now: 30s, 7d, 2h ago' }),
    endDate: Type.String({ description: 'Inclusive; RFC 3339, or relative to now: 30s, 7d, now' }),
    eventType: Type.Optional(Words),
    severity: Type.Optional(Words),
  }),
});
export type AuditReplayBody = Static<typeof AuditReplayBody>;

export const AuditRunParams = strict({ id: JobId });
export const AuditSnapshotParams = strict({ id: JobId, index: Index });
