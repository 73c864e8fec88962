/**
 * Enters acts in the audit trail: a success of a route that names an action is entered before its answer leaves. What is
 * not entered is not answered with success (see processors/audit/trail.ts for why the caller may repeat the request).
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditTrail } from '../../processors/audit/contract.js';

/** Call after the gate is installed: entries name the identity that it found. */
export function installAudit(app: FastifyInstance, trail: AuditTrail): void {
  app.decorateRequest('auditTarget', null);
  app.decorateRequest('auditDetail', null);
  app.decorateRequest('auditTenant', null);
  app.addHook('onSend', async (request, reply, payload) => {
    const { audit, access } = request.routeOptions.config;
    if (audit === undefined || reply.statusCode >= 400 || request.identity === null) return payload;
    try {
      await trail.enter({
        tenantId: request.auditTenant ?? (access === 'operate' ? '' : request.identity.tenantId),
        actor: request.identity.actor,
        action: audit,
        target: targetOf(request, reply),
        outcome: 'success',
        detail: { ...request.auditDetail, status: reply.statusCode, trace_id: request.id },
      });
    } catch (error) {
      if (payload instanceof Readable) payload.destroy();
      throw error;
    }
    return payload;
  });
}

/** What the route said, else the new thing's own path, else the ids in the request's path. */
function targetOf(request: FastifyRequest, reply: FastifyReply): string {
  if (request.auditTarget !== null) return request.auditTarget;
  const location = reply.getHeader('location');
  if (typeof location === 'string') return decodeURIComponent(location.split('/').at(-1) ?? '');
  const { tenant_id: _tenant, ...ids } = (request.params ?? {}) as Record<string, string>;
  return Object.values(ids).join('/');
}
