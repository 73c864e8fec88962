/** Exports of a run: what may be asked for, and in which formats it comes. */
import { Type } from 'typebox';
import { JobFilterQuery } from './http.js';
import { strict } from './http-answer.js';
import { AuditEntriesQuery } from './http-audit.js';

const Word = Type.String({ minLength: 1, maxLength: 2048 });
const Moment = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'RFC 3339, or relative to now (7d); included',
});

const Format = Type.Optional(
  Type.Union([Type.Literal('ndjson'), Type.Literal('csv'), Type.Literal('parquet')], {
    description: 'Left out: what Accept asks for, else ndjson',
  }),
);

export const ExportParams = strict({
  tenant_id: Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' }),
  job_id: Type.String({ minLength: 1, maxLength: 100, description: 'Replay job' }),
  list: Type.Union([
    Type.Literal('snapshots'),
    Type.Literal('timeline'),
    Type.Literal('field-changes'),
    Type.Literal('dead-letters'),
    Type.Literal('decisions'),
    Type.Literal('differences'),
  ]),
});

export const ExportQuery = strict({
  format: Format,
  entity_type: Type.Optional(Word),
  entity_id: Type.Optional(Word),
  event_type: Type.Optional(Word),
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
  field: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: 'Of field-changes: this field alone' }),
  ),
});

export const JobsExportQuery = strict({ format: Format, ...JobFilterQuery.properties });

const { actor, action, from, to } = AuditEntriesQuery.properties;
export const AuditExportQuery = strict({ format: Format, actor, action, from, to });

export const EXPORT_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
} as const;

const described = (description: string) => ({ schema: Type.Unknown({ description }) });
export const ExportAnswer = {
  content: {
    [EXPORT_TYPES.ndjson]: described('One JSON document a line; numbers keep every digit'),
    [EXPORT_TYPES.csv]: described(
      'With a line of names; text that a spreadsheet would take for a formula begins with a quote',
    ),
    [EXPORT_TYPES.parquet]: described('One row group after another; times are timestamps, states JSON text'),
  },
};

export const NextChangeQuery = strict({
  field: Type.String({ minLength: 1, maxLength: 2048 }),
  after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'RFC 3339 time or fold_seq, not included' }),
  ),
  direction: Type.Optional(Type.Union([Type.Literal('next'), Type.Literal('previous')])),
  job_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});
