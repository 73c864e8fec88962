/**
 * The gate before every route: who asks, for which tenant, and whether the role suffices. Routes declare
 * `config: { access }`, and read `request.identity`; they check nothing themselves.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Access, LEAST_ROLE, mayDo } from '../schemas/access.js';
import type { Config } from '../schemas/config.js';
import { RewindError } from '../schemas/errors.js';
import type { SignIn } from './sign-in/authenticate.js';
import { developmentIdentity } from './sign-in/development.js';
import type { Identity } from './sign-in/identity.js';
import { type Failures, openRates, type Rates } from './sign-in/limits.js';
import type { Principal } from './sign-in/principal.js';

export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Action under which a success is entered in the audit trail. */
    audit?: string;
    /** True: open to the bootstrap token too. */
    bootstrap?: boolean;
  }
  interface FastifyRequest {
    identity: Identity;
    /** What the act was done to, where neither the path nor a Location header says it; for the audit trail. */
    auditTarget: string | null;
    /** Tenant that the act was about, where it is not the identity's. */
    auditTenant: string | null;
    /** Small facts for the audit trail. */
    auditDetail: Readonly<Record<string, unknown>> | null;
    /** Whether the caller may still do this: for answers that go on for long. */
    stillAllowed(): Promise<boolean>;
  }
  interface FastifyInstance {
    /** Every route with the access that it asks for. */
    routeAccess: RouteAccess[];
  }
}

export interface Gate {
  readonly config: Config;
  /** Null: nobody signs in, and headers say who asks. */
  readonly signIn: SignIn | null;
  readonly failures: Failures;
}

/** Call before any route is registered: it looks at each one. */
export function installAccess(app: FastifyInstance, gate: Gate): void {
  const rates = openRates(app, gate.config.auth);
  app.decorate('routeAccess', []);
  app.decorateRequest('identity', null as unknown as Identity);
  app.decorateRequest('stillAllowed', async function stillAllowed(this: FastifyRequest) {
    return identify(this, gate, null).then(
      () => true,
      (error: unknown) => !isRefusal(error),
    );
  });
  app.addHook('onRoute', (route) => {
    const access = route.config?.access;
    if (access === undefined) throw new Error(`route ${route.method} ${route.url} names no access`);
    for (const method of [route.method].flat()) app.routeAccess.push({ method, url: route.url, access });
  });
  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public') return;
    try {
      request.identity = await identify(request, gate, rates);
    } catch (error) {
      if (error instanceof RewindError && error.code === 'unauthenticated') {
        reply.header('www-authenticate', 'Bearer realm="rewind"');
        await gate.failures.enter(request, error);
      }
      throw error;
    }
  });
}

/** An issuer or a store that is away for a moment takes nobody's right. */
function isRefusal(error: unknown): boolean {
  return error instanceof RewindError && (error.kind === 'forbidden' || error.kind === 'not_found');
}

/** `rates`: null where the request was counted already. */
async function identify(request: FastifyRequest, gate: Gate, rates: Rates | null): Promise<Identity> {
  if (gate.signIn === null) {
    const identity = developmentIdentity(request, gate.config);
    return allowed(request, identity, identity.operator);
  }
  await rates?.beforeSignIn(request);
  const principal = await gate.signIn.principal(request).catch(async (error: unknown) => {
    await rates?.failed(request);
    throw error;
  });
  await rates?.signedIn(request, principal.actor);
  return identityOf(request, principal);
}

function identityOf(request: FastifyRequest, principal: Principal): Identity {
  const { actor, operator } = principal;
  const { access, bootstrap } = request.routeOptions.config;
  if (principal.by === 'bootstrap') {
    if (bootstrap !== true) throw new RewindError('forbidden', 'this token may only manage API keys');
    return { tenantId: tenantInPath(request) ?? '', actor, role: 'owner', operator };
  }
  if (access === 'operate')
    return allowed(request, { tenantId: '', actor, role: 'viewer', operator }, operator);
  const tenantId = tenantInPath(request) ?? soleTenant(request, principal);
  const role = principal.tenants.get(tenantId);
  // One answer for a tenant that is another's and for one that nobody has: the token alone decides.
  if (role === undefined) throw new RewindError('tenant_not_found', 'There is no such tenant for you.');
  return allowed(request, { tenantId, actor, role, operator }, operator);
}

function allowed(request: FastifyRequest, identity: Identity, operator: boolean): Identity {
  const access = request.routeOptions.config.access ?? 'operate';
  if (access === 'operate' ? operator : mayDo(identity.role, access)) return identity;
  throw new RewindError(
    'forbidden',
    access === 'operate'
      ? 'this takes an operator of the instance'
      : `the role ${identity.role} may not do this; it takes the role ${LEAST_ROLE[access]}`,
  );
}

function tenantInPath(request: FastifyRequest): string | undefined {
  return ((request.params ?? {}) as { tenant_id?: string }).tenant_id;
}

/** Routes that name no tenant are about the caller's; who has several says which. */
function soleTenant(request: FastifyRequest, { tenants }: Principal): string {
  const named = request.headers['x-tenant-id'];
  if (typeof named === 'string' && named !== '') return named;
  const [first] = tenants.keys();
  if (tenants.size > 1)
    throw new RewindError('field_missing', 'you belong to several tenants: name one in x-tenant-id', {
      pointer: '/x-tenant-id',
    });
  return first ?? '';
}
