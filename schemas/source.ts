/**
 * Sources of a tenant: which topics a job reads, and how their records become events. Version 1 is what the
 * configuration names; versions that a tenant saves may read only topics that `sourceTopics` gives it.
 */
import { type Static, Type } from 'typebox';
import { EnvelopeMapping } from './encoding.js';

export const Source = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    topics: Type.Array(Type.String({ minLength: 1, maxLength: 249 }), { minItems: 1, maxItems: 100 }),
    decoder: Type.Union([Type.Literal('rewind-avro'), Type.Literal('avro'), Type.Literal('json')]),
    mapping: Type.Optional(EnvelopeMapping),
    /** Encoding version of the tenant whose `envelope` is the mapping, instead of `mapping`. */
    encodingVersion: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);
export type Source = Static<typeof Source>;

export const SourceDefinition = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    sources: Type.Array(Source, { minItems: 1, maxItems: 50 }),
  },
  { additionalProperties: false },
);
export type SourceDefinition = Static<typeof SourceDefinition>;
