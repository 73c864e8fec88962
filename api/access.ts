/**
 * The gate before every route: who asks, for which tenant, and whether the role suffices. Routes declare
 * `config: { access }`, and read `request.identity`; they check nothing themselves.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Access, LEAST_ROLE, mayDo, ROLES, type Role } from '../schemas/access.js';
import type { Config } from '../schemas/config.js';
import { RewindError } from '../schemas/errors.js';

export interface Identity {
  /** Tenant whose data the request is about: that of the path where it names one. */
  readonly tenantId: string;
  readonly actor: string;
  readonly role: Role;
  /** True: may use `operate` routes. */
  readonly operator: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Action under which a success is entered in the audit trail. */
    audit?: string;
  }
  interface FastifyRequest {
    identity: Identity;
    /** What the act was done to, where neither the path nor a Location header says it; for the audit trail. */
    auditTarget: string | null;
    /** Small facts for the audit trail. */
    auditDetail: Readonly<Record<string, unknown>> | null;
  }
}

const ANONYMOUS = 'anonymous';

/** Call before any route is registered: it looks at each one. */
export function installAccess(app: FastifyInstance, config: Config): void {
  app.decorateRequest('identity', null as unknown as Identity);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined)
      throw new Error(`route ${route.method} ${route.url} names no access`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public') return;
    request.identity = identityOf(request, config);
    const allowed = access === 'operate' ? request.identity.operator : mayDo(request.identity.role, access);
    if (!allowed) {
      throw new RewindError(
        'forbidden',
        `the role ${request.identity.role} may not do this; it takes ${needed(access)}`,
      );
    }
  });
}

function needed(access: Access): string {
  return access === 'operate' ? 'an operator of the instance' : `the role ${LEAST_ROLE[access]}`;
}

/** Development mode: nobody signs in, headers say who asks. */
function identityOf(request: FastifyRequest, config: Config): Identity {
  const role = headerOf(request, 'x-role') ?? 'owner';
  if (!isRole(role)) {
    throw new RewindError('field_invalid', `x-role is one of ${ROLES.join(', ')}`, { pointer: '/x-role' });
  }
  const { tenant_id: inPath } = (request.params ?? {}) as { tenant_id?: string };
  return {
    tenantId: inPath ?? headerOf(request, 'x-tenant-id') ?? config.http.tenantId,
    actor: headerOf(request, 'x-actor') ?? ANONYMOUS,
    role,
    operator: role === 'owner',
  };
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
