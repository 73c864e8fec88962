/** What HTTP callers send to and get from the routes of versions: encodings, rules, sources. */
import { Type } from 'typebox';

const strict = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const answer = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  strict({ success: Type.Literal(true), ...properties });
const TenantId = Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' });
const Version = Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: 'Version number' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const VersionParams = strict({ tenant_id: TenantId, version: Version });
export const VersionDiffParams = strict({ tenant_id: TenantId, version: Version, other: Version });
export const VersionListQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Opaque; from the previous page' }),
  ),
});

/** The definition itself is judged by the checks of its kind. */
export const VersionBody = strict({
  definition: Type.Unknown({ description: 'The encoding, rules or sources' }),
  revises: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: 'Version that this one was made from' }),
  ),
  note: Type.Optional(Type.String({ maxLength: 2000, description: 'Why' })),
});
export const ValidateBody = strict({ definition: Type.Unknown() });

const VersionRow = strict({
  version: Type.Integer(),
  name: Type.String(),
  hash: Type.String({ description: 'SHA-256 of the canonical definition' }),
  revises: OrNull(Type.Integer()),
  note: Type.String(),
  created_by: Type.String({ description: 'Empty: built in' }),
  created_at: OrNull(Type.String()),
  definition: Type.Unknown(),
});
export const VersionAnswer = answer({ data: VersionRow });
export const VersionListAnswer = answer({
  data: Type.Array(VersionRow),
  page: strict({ next: OrNull(Type.String()) }),
});
export const SavedAnswer = answer({ data: strict({ version: Type.Integer(), hash: Type.String() }) });
export const ValidateAnswer = answer({
  data: strict({
    valid: Type.Boolean(),
    problems: Type.Array(strict({ pointer: Type.String(), message: Type.String() })),
  }),
});
export const VersionDiffAnswer = answer({
  data: strict({
    from: Type.Integer(),
    to: Type.Integer(),
    changes: Type.Array(
      strict({
        op: Type.Union([
          Type.Literal('add'),
          Type.Literal('remove'),
          Type.Literal('replace'),
          Type.Literal('order'),
        ]),
        pointer: Type.String({
          description: 'Into the definition, when the changes before have been applied',
        }),
        before: Type.Optional(Type.Unknown()),
        after: Type.Optional(Type.Unknown()),
      }),
    ),
  }),
});
