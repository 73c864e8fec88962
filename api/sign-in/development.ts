/**
 * Development mode: nobody signs in, and headers say who asks. Only on loopback, and not for other sites: a page in the
 * developer's browser can send requests here too.
 */
import type { FastifyRequest } from 'fastify';
import { ROLES } from '../../schemas/access.js';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Identity } from './identity.js';
import { isRole } from './principal.js';
import { isLoopback } from './safe-url.js';
import { requireSameOrigin } from './same-origin.js';

const ANONYMOUS = 'anonymous';

/** @throws RewindError config_invalid where the server would be open to others */
export function requireLoopback(config: Config): void {
  if (isLoopback(config.http.host)) return;
  throw new RewindError(
    'config_invalid',
    `nobody signs in (auth.methods is empty), so http.host must be loopback and not ${config.http.host}`,
  );
}

export function developmentIdentity(request: FastifyRequest, config: Config): Identity {
  requireOwnHost(request);
  requireSameOrigin(request, null, false);
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

/** A name that another site made point here (DNS rebinding) would pass for the same origin. */
function requireOwnHost(request: FastifyRequest): void {
  const { host = '' } = request.headers;
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  if (!isLoopback(name))
    throw new RewindError('cross_site', 'without sign-in only loopback names are answered');
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
