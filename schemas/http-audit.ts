/** What callers send to and get from the routes of the audit trail and of the overview. */
import { type Static, type TSchema, Type } from 'typebox';

const strict = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const Digits = Type.String({ pattern: '^\\d+$', description: 'Whole number of up to 64 bits' });
const Time = Type.String({ description: 'RFC 3339, UTC' });

export const AuditEntriesQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Opaque; from the previous page' }),
  ),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'Only acts of this actor' })),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Only this action' })),
  from: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'RFC 3339, or relative to now (7d); inclusive' }),
  ),
  to: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'RFC 3339, or relative to now (7d); inclusive' }),
  ),
});
export type AuditEntriesQuery = Static<typeof AuditEntriesQuery>;

const AuditEntryRow = strict({
  audit_entry_id: Type.String(),
  actor: Type.String(),
  action: Type.String({ description: 'noun.verbed' }),
  recorded_at: Time,
  target: Type.String({ description: 'What it was done to' }),
  outcome: Type.Union([Type.Literal('success'), Type.Literal('failure')]),
  detail: Type.Object({}, { additionalProperties: true }),
  writer: Type.String({ description: 'Chain that the entry is a part of' }),
  seq: Digits,
  hash: Type.String({ description: 'SHA-256 over the entry and the hash before it' }),
});

export const AuditEntriesAnswer = strict({
  success: Type.Literal(true),
  data: Type.Array(AuditEntryRow),
  page: strict({ next: Type.Union([Type.String(), Type.Null()]) }),
});

const Head = strict({
  writer: Type.String({ minLength: 1, maxLength: 512 }),
  seq: Digits,
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

/** As `audit.headFile` and `rewind audit head` have them. */
export const AuditVerifyBody = strict({
  heads: Type.Optional(
    Type.Array(Head, { maxItems: 10_000, description: 'Heads that were kept outside the store' }),
  ),
});

export const AuditVerifyAnswer = strict({
  success: Type.Literal(true),
  data: strict({
    valid: Type.Boolean(),
    entries: Type.Integer(),
    writers: Type.Integer(),
    anchors: Type.Integer(),
    signed_anchors: Type.Integer({ description: 'Signed by the key in force' }),
    unanchored: Type.Integer({ description: 'Entries behind the last anchor of their chain' }),
    acts: Type.Integer({ description: 'Acts of other tables that were held against the entries' }),
    problems: Type.Array(strict({ kind: Type.String(), where: Type.String(), message: Type.String() })),
  }),
});

export const AuditHeadAnswer = strict({
  success: Type.Literal(true),
  data: Type.Union([
    strict({
      ...Head.properties,
      entries: Digits,
      recorded_at: Time,
      key_id: Type.String(),
      signature: Type.String(),
    }),
    Type.Null(),
  ]),
});

const Count = Type.Integer({ minimum: 0 });
const TimeOrNull = Type.Union([Time, Type.Null()]);

export const OverviewAnswer = strict({
  success: Type.Literal(true),
  data: strict({
    tenant_id: Type.String(),
    jobs: strict({
      total: Count,
      by_status: Type.Record(Type.String(), Count),
    }),
    audit_entries: Count,
    last_run: Type.Union([
      strict({
        job_id: Type.String(),
        job_type: Type.String(),
        status: Type.String(),
        created_at: Time,
        completed_at: TimeOrNull,
        events_processed: Count,
        events_failed: Count,
      }),
      Type.Null(),
    ]),
    failures: strict({
      jobs: Count,
      events: Count,
      latest: Type.Array(
        strict({ job_id: Type.String(), failed_at: Time, code: Type.String(), message: Type.String() }),
      ),
    }),
    throughput: strict({
      runs: Count,
      events: Count,
      seconds: Type.Number(),
      events_per_second: Type.Union([Type.Number(), Type.Null()]),
    }),
  }),
});
