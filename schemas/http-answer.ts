/**
 * Parts that the answers of all routes are made of: the envelope, pages, problems and probes. A schema with a title
 * becomes a named component of the API description.
 */
import { type Static, type TSchema, Type } from 'typebox';

type Members = Record<string, TSchema>;

export const strict = <T extends Members>(properties: T, options: { title?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** One of a closed list. */
export const words = <const T extends string[]>(...values: T) => Type.Enum(values);

export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** RFC 3339 in UTC with up to nine digits of a second. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, up to nanoseconds' });
/** Integers that may need 64 bits are text. */
export const Digits = Type.String({ pattern: '^-?[0-9]+$', description: 'Integer of up to 64 bits as text' });
export const Count = Type.Integer({ minimum: 0 });
/** Any JSON, as the store holds it: numbers of any length. */
export const AnyJson = Type.Unknown({ description: 'Any JSON; numbers keep every digit' });

export const answerOf = <T extends TSchema>(data: T) => strict({ success: Type.Literal(true), data });

export const pageOf = <T extends TSchema>(item: T) =>
  strict({
    success: Type.Literal(true),
    data: Type.Array(item),
    page: strict({ next: orNull(Type.String({ description: 'Cursor of the next page; null: the last' })) }),
  });

/** Lines, one JSON document each. */
export const NdjsonAnswer = {
  content: { 'application/x-ndjson': { schema: Type.Unknown({ description: 'One JSON document a line' }) } },
};

export const MetricsAnswer = {
  content: { 'text/plain': { schema: Type.String({ description: 'Prometheus text format' }) } },
};

export const ProblemItem = strict(
  {
    code: Type.String({ description: 'One of the codes of the error table' }),
    message: Type.String(),
    pointer: Type.Optional(Type.String({ description: 'JSON pointer into what was sent' })),
    in: Type.Optional(Type.String({ description: 'path, query, headers or body' })),
    index: Type.Optional(Type.Integer({ minimum: 0, description: 'Place in a list or stream, 0-based' })),
  },
  { title: 'ProblemItem' },
);
export type ProblemItem = Static<typeof ProblemItem>;

/** Open: some problems carry further facts. Its `code` lists all codes in the API description. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:rewind:error:<code>' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    success: Type.Literal(false),
    code: Type.String({ description: 'Stable; see the error table' }),
    fix: Type.String({ description: 'What to do' }),
    errors: Type.Array(ProblemItem),
    traceId: Type.String(),
  },
  { title: 'Problem' },
);

export const LiveAnswer = strict({ status: Type.Literal('ok') });
export const ReadyAnswer = strict({
  status: words('ready', 'not ready', 'draining'),
  checks: Type.Record(Type.String(), Type.Boolean(), {
    description: 'Each part that requests need, by name',
  }),
});
export const VersionAnswer = strict({ name: Type.String(), version: Type.String(), node: Type.String() });
