/** What POST /logs takes and answers. */
import { Type } from 'typebox';
import { answerOf, Count, strict } from './http-answer.js';

export const PartitionParams = strict({
  partition: Type.String({ minLength: 1, maxLength: 256, description: 'Name that the sender was given' }),
});

/** Headers are open: proxies add their own. */
export const TenantHeaders = Type.Object({
  'x-tenant-id': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Which tenant, for callers that belong to several',
    }),
  ),
});

/** For the API description only: decisions are read from the bytes as they came. */
export const DecisionsBody = {
  content: {
    'application/json': {
      schema: Type.Unknown({ description: "OPA's decision log: an array of decisions, gzip allowed" }),
    },
  },
};

export const DecisionLogsAnswer = answerOf(
  strict({
    accepted: Count,
    rejected: Count,
    errors: Type.Array(
      strict({ index: Count, code: Type.String(), message: Type.String(), pointer: Type.String() }),
      { description: 'Why decisions were rejected; the first 1,000' },
    ),
  }),
);
