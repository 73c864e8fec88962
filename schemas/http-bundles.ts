/** What the routes of bundles take and answer. */
import { Type } from 'typebox';
import { AnyJson, answerOf, Count, pageOf, strict, Time } from './http-answer.js';

export const RevisionParams = strict({
  revision: Type.String({ minLength: 1, maxLength: 512, description: 'As decision logs name it' }),
});
export const BundleListQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: 'Opaque; from the previous page' }),
  ),
});

const RegoVersionNumber = Type.Union([Type.Literal(0), Type.Literal(1)]);
const Modules = Type.Record(Type.String({ minLength: 1, maxLength: 1024 }), Type.String(), {
  description: 'Rego by path',
});

/** A bundle as JSON; a `tar.gz` as OPA builds it is the other form. */
export const BundleBody = strict({
  modules: Modules,
  data: Type.Optional(Type.Unknown({ description: 'The data document, an object' })),
  rego_version: Type.Optional(RegoVersionNumber),
});

export const DescribedBundleBody = {
  content: {
    'application/json': { schema: BundleBody },
    'application/gzip': {
      schema: Type.Unknown({ description: 'A bundle as `opa build` makes it, tar and gzip' }),
    },
  },
};

const members = {
  revision: Type.String(),
  hash: Type.String({ description: 'SHA-256 of Rego version, modules and data' }),
  rego_version: RegoVersionNumber,
  created_by: Type.String(),
  created_at: Time,
};

export const BundleListAnswer = pageOf(
  strict({ ...members, modules: Count, bytes: Count }, { title: 'Bundle' }),
);
export const BundleAnswer = answerOf(strict({ ...members, modules: Modules, data: AnyJson }));
export const BundleSavedAnswer = answerOf(strict({ revision: Type.String(), hash: Type.String() }));
