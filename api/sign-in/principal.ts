/** Who has signed in, and what that lets them do: from groups and claims, by the configuration's own table. */
import { ROLES, type Role } from '../../schemas/access.js';
import type { AuthConfig } from '../../schemas/config-auth.js';
import { RewindError } from '../../schemas/errors.js';

export interface Principal {
  readonly actor: string;
  readonly by: 'jwt' | 'oidc' | 'header' | 'key' | 'bootstrap';
  /** Role by tenant. */
  readonly tenants: ReadonlyMap<string, Role>;
  readonly operator: boolean;
}

export type Claims = Readonly<Record<string, unknown>>;

/** @throws RewindError unauthenticated where the claims do not say who it is */
export function principalOfClaims(claims: Claims, by: Principal['by'], auth: AuthConfig): Principal {
  const names = auth.claims;
  const actor = claims[names.actor];
  if (typeof actor !== 'string' || actor === '')
    throw unauthenticated(`the token has no claim ${names.actor}`);
  const groups = claims[names.groups];
  const listed = Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
  const tenant = names.tenant === '' ? undefined : claims[names.tenant];
  const role = names.role === '' ? undefined : claims[names.role];
  const direct = typeof tenant === 'string' && tenant !== '' && isRole(role) ? [{ tenant, role }] : [];
  return principalOfGroups(actor, listed as string[], by, auth, direct);
}

/** The highest role counts where several groups give one in the same tenant. */
export function principalOfGroups(
  actor: string,
  groups: readonly string[],
  by: Principal['by'],
  auth: AuthConfig,
  direct: readonly { readonly tenant: string; readonly role: Role }[] = [],
): Principal {
  const member = new Set(groups);
  const tenants = new Map<string, Role>();
  for (const { tenant, role } of [...auth.groups.filter(({ group }) => member.has(group)), ...direct]) {
    const known = tenants.get(tenant);
    if (known === undefined || ROLES.indexOf(role) > ROLES.indexOf(known)) tenants.set(tenant, role);
  }
  return { actor, by, tenants, operator: auth.operatorGroups.some((group) => member.has(group)) };
}

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

/** `who`: what is known of a caller that was refused, for the audit trail. */
export function unauthenticated(
  message: string,
  who: { readonly tenantId?: string; readonly actor?: string } = {},
): RewindError {
  return new RewindError('unauthenticated', message, { facts: { who } });
}
