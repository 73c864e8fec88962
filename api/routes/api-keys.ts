/** API keys of a tenant, and those of the instance's operators: create, list, revoke. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ApiKey } from '../../processors/access/contract.js';
import { parseRfc3339Ns } from '../../processors/sources/time.js';
import { RewindError } from '../../schemas/errors.js';
import { TenantParams } from '../../schemas/http.js';
import {
  KeyAnswer,
  KeyBody,
  KeyParams,
  KeysAnswer,
  NewKeyAnswer,
  OperatorKeyBody,
  OperatorKeyParams,
} from '../../schemas/http-access.js';
import type { RouteContext } from '../context.js';
import { snakeKeys } from '../views.js';

const DAY_MS = 86_400_000;
const tags = ['keys'];

export const apiKeyRoutes =
  ({ keys, config }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const maxMs = config.auth.keyMaxDays * DAY_MS;
    const tenantKeys = '/tenants/:tenant_id/api-keys';
    const operatorKeys = '/instance/api-keys';

    app.post(
      tenantKeys,
      {
        config: { access: 'manage', audit: 'api_key.created', bootstrap: true },
        schema: {
          tags,
          summary: 'Create an API key; its token is in this answer only',
          params: TenantParams,
          body: KeyBody,
          response: { 201: NewKeyAnswer },
        },
      },
      async (request, reply) => {
        const { name, role, expires_at } = request.body;
        const wanted = {
          tenantId: request.params.tenant_id,
          name,
          role,
          expiresMs: endOf(expires_at, maxMs),
        };
        const { key, token } = await keys.create(wanted, request.identity.actor);
        request.auditTarget = key.keyId;
        request.auditDetail = { name, role };
        reply.code(201);
        return { success: true as const, data: { ...keyRow(key), token } };
      },
    );

    app.get(
      tenantKeys,
      {
        config: { access: 'manage', bootstrap: true },
        schema: {
          tags,
          summary: 'API keys of the tenant, the newest first',
          params: TenantParams,
          response: { 200: KeysAnswer },
        },
      },
      async (request) => ({
        success: true as const,
        data: (await keys.list(request.params.tenant_id)).map(keyRow),
      }),
    );

    app.delete(
      `${tenantKeys}/:key_id`,
      {
        config: { access: 'manage', audit: 'api_key.revoked', bootstrap: true },
        schema: { tags, summary: 'Revoke an API key', params: KeyParams, response: { 200: KeyAnswer } },
      },
      async (request) => {
        const { tenant_id, key_id } = request.params;
        const key = await keys.revoke(tenant_id, key_id, request.identity.actor);
        return { success: true as const, data: keyRow(key) };
      },
    );

    app.post(
      operatorKeys,
      {
        config: { access: 'operate', audit: 'operator_key.created', bootstrap: true },
        schema: {
          tags,
          summary: "Create a key of an instance's operator",
          body: OperatorKeyBody,
          response: { 201: NewKeyAnswer },
        },
      },
      async (request, reply) => {
        const { name, expires_at } = request.body;
        const wanted = { tenantId: '', name, role: null, expiresMs: endOf(expires_at, maxMs) };
        const { key, token } = await keys.create(wanted, request.identity.actor);
        request.auditTarget = key.keyId;
        request.auditDetail = { name };
        reply.code(201);
        return { success: true as const, data: { ...keyRow(key), token } };
      },
    );

    app.get(
      operatorKeys,
      {
        config: { access: 'operate', bootstrap: true },
        schema: { tags, summary: "Keys of the instance's operators", response: { 200: KeysAnswer } },
      },
      async () => ({ success: true as const, data: (await keys.list('')).map(keyRow) }),
    );

    app.delete(
      `${operatorKeys}/:key_id`,
      {
        config: { access: 'operate', audit: 'operator_key.revoked', bootstrap: true },
        schema: {
          tags,
          summary: "Revoke a key of an instance's operator",
          params: OperatorKeyParams,
          response: { 200: KeyAnswer },
        },
      },
      async (request) => {
        const key = await keys.revoke('', request.params.key_id, request.identity.actor);
        return { success: true as const, data: keyRow(key) };
      },
    );
  };

function keyRow({ tenantId: _tenant, ...key }: ApiKey) {
  return snakeKeys(key) as never as {
    key_id: string;
    name: string;
    role: ApiKey['role'];
    created_by: string;
    created_at: string;
    expires_at: string;
    revoked_at: string | null;
  };
}

function endOf(text: string | undefined, maxMs: number): number {
  const latest = Date.now() + maxMs;
  if (text === undefined) return latest;
  const end = Number(parseRfc3339Ns(text) / 1_000_000n);
  if (end > Date.now() && end <= latest) return end;
  throw new RewindError('field_invalid', 'a key ends in the future, within auth.keyMaxDays', {
    pointer: '/expires_at',
  });
}
