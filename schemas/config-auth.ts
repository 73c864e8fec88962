/** The `auth` section of the configuration: how people and programs show who they are, and what that lets them do. */
import { type Static, type TSchema, Type } from 'typebox';
import { Role } from './access.js';

const section = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {} });
const text = (value: string, description: string) => Type.String({ default: value, description });
const secret = (description: string) => Type.String({ default: '', description, secret: true });
const int = (value: number, description: string, minimum: number, maximum: number) =>
  Type.Integer({ default: value, minimum, maximum, description });
const list = (value: readonly string[], description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [...value], description });

export const GroupGrant = Type.Object(
  {
    group: Type.String({ minLength: 1, maxLength: 512 }),
    tenant: Type.String({ minLength: 1, maxLength: 200 }),
    role: Role,
  },
  { additionalProperties: false },
);
export type GroupGrant = Static<typeof GroupGrant>;

export const AuthConfig = section({
  methods: Type.Array(
    Type.Union([Type.Literal('jwt'), Type.Literal('oidc'), Type.Literal('header'), Type.Literal('key')]),
    {
      default: [],
      description:
        'Ways to sign in: jwt, oidc, header, key; empty: nobody signs in (development, only where http.host is loopback)',
    },
  ),
  groups: Type.Array(GroupGrant, {
    default: [],
    description: 'What members of a group may do: `[{group, tenant, role}]`',
  }),
  operatorGroups: list([], 'Groups that operate the instance: see and stop all jobs, without payloads'),
  bootstrapToken: secret('Bearer token that may create and revoke API keys, and nothing else; empty: none'),
  keyMaxDays: int(365, 'Longest life of an API key', 1, 3_650),
  requestsPerMinute: int(6_000, 'Requests of one identity in a minute', 1, 10_000_000),
  failuresPerMinute: int(30, 'Failed sign-ins of one address in a minute', 1, 100_000),
  claims: section({
    actor: text('sub', 'Claim that names who it is, in entries and jobs'),
    groups: text('groups', 'Claim with the list of groups'),
    tenant: text('', 'Claim with the tenant, where the issuer says it itself; empty: only groups count'),
    role: text('', 'Claim with the role in that tenant'),
  }),
  jwt: section({
    jwksUrl: text('', 'Where the public keys of the issuer are (https, or http on loopback)'),
    secret: secret('Shared secret instead of keys, 32 bytes at least'),
    issuer: text('', 'Required `iss`'),
    audience: text('', 'Required `aud`'),
    algorithms: list(
      ['RS256', 'PS256', 'ES256', 'EdDSA'],
      'Algorithms taken with jwksUrl; with a secret it is HS256',
    ),
    leewaySeconds: int(30, 'Clock difference that exp and nbf allow', 0, 300),
  }),
  oidc: section({
    issuer: text('', 'Issuer whose discovery document is read (https, or http on loopback)'),
    clientId: text('', 'Client id'),
    clientSecret: secret('Client secret; empty: a public client'),
    redirectUrl: text('', 'This server as browsers reach it, ending in /auth/callback'),
    scope: text('openid profile', 'Scopes asked for'),
    sessionSeconds: int(28_800, 'A session ends after so long', 60, 2_592_000),
  }),
  header: section({
    addresses: list([], 'Proxies that are believed: addresses or networks, as 10.0.0.0/8'),
    userHeader: text('x-forwarded-user', 'Header with who it is'),
    groupsHeader: text('x-forwarded-groups', 'Header with the groups, separated by commas'),
  }),
});
export type AuthConfig = Static<typeof AuthConfig>;
