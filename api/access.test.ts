import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../processors/config/load.js';
import { createTelemetry } from '../processors/telemetry.js';
import { installAccess } from './access.js';
import { installProblems } from './plugins/problem.js';

function app() {
  const { config } = loadConfig({ env: {}, cwd: '/', flags: {} });
  const server = fastify();
  installProblems(server, createTelemetry({ level: 'silent' }));
  installAccess(server, { config, signIn: null, failures: { enter: async () => undefined } });
  return server;
}

describe('the gate', () => {
  it('lets no route in that names no access', () => {
    expect(() => app().get('/open', async () => 'all of it')).toThrow('route GET /open names no access');
  });

  it('asks for the least role', async () => {
    const server = app();
    server.get('/jobs', { config: { access: 'write' } }, async (request) => request.identity);
    const as = async (role: string) =>
      (await server.inject({ url: '/jobs', headers: { 'x-role': role } })).statusCode;
    expect(await Promise.all(['owner', 'admin', 'member', 'viewer', 'king'].map(as))).toEqual([
      200, 200, 403, 403, 400,
    ]);
  });

  it('takes the tenant of the path before that of the header', async () => {
    const server = app();
    server.get('/tenants/:tenant_id', { config: { access: 'read' } }, async (request) => request.identity);
    const headers = { 'x-tenant-id': 'other', 'x-actor': 'ann' };
    const answer = await server.inject({ url: '/tenants/acme', headers });
    expect(answer.json()).toMatchObject({ tenantId: 'acme', actor: 'ann' });
  });
});
