/**
 * Versions of a tenant's encodings, rules and sources, all by the same routes: save, list, get, diff, validate. A version
 * never changes; a job names those that it uses.
 */
import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { VersionCatalog, VersionView } from '../../processors/versions/catalog.js';
import { RewindError } from '../../schemas/errors.js';
import { JobHeaders, TenantParams } from '../../schemas/http.js';
import {
  SavedAnswer,
  ValidateAnswer,
  ValidateBody,
  VersionAnswer,
  VersionBody,
  VersionDiffAnswer,
  VersionDiffParams,
  VersionListAnswer,
  VersionListQuery,
  VersionParams,
} from '../../schemas/http-versions.js';
import type { RouteContext } from '../context.js';
import { RawJson } from '../json/raw-json.js';
import { keepWrittenBodies, writtenMember } from '../json/written-body.js';
import { inBody, inDefinition } from '../problems-in-body.js';

interface Named {
  readonly name: string;
}

export const versionRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    keepWrittenBodies(app);
    addRoutes(app, 'encodings', 'encoding', context.encodings);
    addRoutes(app, 'rules', 'rules', context.rules);
    addRoutes(app, 'sources', 'source', context.sources);
  };

function addRoutes<D extends Named>(
  plugin: FastifyInstance,
  path: string,
  noun: string,
  catalog: VersionCatalog<D>,
): void {
  const app = plugin.withTypeProvider<TypeBoxTypeProvider>();
  const base = `/tenants/:tenant_id/${path}`;
  const tags = ['versions'];

  app.post(
    base,
    {
      config: { access: 'write', audit: `${noun}.saved` },
      schema: {
        summary: `Save ${noun} as a new version; equal definitions keep their number`,
        tags,
        params: TenantParams,
        body: VersionBody,
        headers: JobHeaders,
        response: { 200: SavedAnswer, 201: SavedAnswer },
      },
    },
    async (request, reply) => {
      const { definition, revises, note } = request.body;
      const json = writtenMember(request.body, 'definition')?.toString();
      const saved = await catalog
        .save(request.params.tenant_id, definition, request.identity.actor, {
          ...(json === undefined ? {} : { json }),
          ...(revises === undefined ? {} : { revises }),
          ...(note === undefined ? {} : { note }),
        })
        .catch(inBody);
      reply.code(saved.created ? 201 : 200);
      request.auditTarget = String(saved.version);
      return { success: true as const, data: { version: saved.version, hash: saved.hash } };
    },
  );

  app.get(
    base,
    {
      config: { access: 'read' },
      schema: {
        summary: `Versions of the tenant's ${path}, by number`,
        tags,
        params: TenantParams,
        querystring: VersionListQuery,
        response: { 200: VersionListAnswer },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const versions = await catalog.list(request.params.tenant_id, { after: placeOf(cursor), limit });
      const next = versions.length < limit ? null : String(versions.at(-1)!.version);
      return { success: true as const, data: versions.map(versionRow), page: { next } };
    },
  );

  app.get(
    `${base}/:version`,
    {
      config: { access: 'read', immutable: true },
      schema: {
        summary: `One version of the tenant's ${path}`,
        tags,
        params: VersionParams,
        response: { 200: VersionAnswer },
      },
    },
    async (request) => {
      const { tenant_id, version } = request.params;
      const found = await catalog.get(tenant_id, version).catch(notFound);
      return { success: true as const, data: versionRow(found) };
    },
  );

  app.get(
    `${base}/:version/diff/:other`,
    {
      config: { access: 'read', immutable: true },
      schema: {
        summary: 'What makes another version of one: changes with pointer, before and after',
        tags,
        params: VersionDiffParams,
        response: { 200: VersionDiffAnswer },
      },
    },
    async (request) => {
      const { tenant_id, version, other } = request.params;
      const { from, to, changes } = await catalog.diff(tenant_id, version, other).catch(notFound);
      return {
        success: true as const,
        data: {
          from,
          to,
          changes: changes.map(({ op, pointer, before, after }) => ({
            op,
            pointer,
            ...(before === undefined ? {} : { before: new RawJson(before) }),
            ...(after === undefined ? {} : { after: new RawJson(after) }),
          })),
        },
      };
    },
  );

  // Two colons: one is the router's sign for a parameter.
  app.post(
    `${base}::validate`,
    {
      config: { access: 'write' },
      schema: {
        summary: `All that is wrong with ${noun}; nothing is saved`,
        tags,
        params: TenantParams,
        body: ValidateBody,
        response: { 200: ValidateAnswer },
      },
    },
    async (request) => {
      const problems = await catalog.problems(request.params.tenant_id, request.body.definition);
      return {
        success: true as const,
        data: { valid: problems.length === 0, problems: problems.map(inDefinition) },
      };
    },
  );
}

/** The last version of the page before. */
function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor))
    throw new RewindError('cursor_invalid', 'The cursor is not one of this list.', { pointer: '/cursor' });
  return Number(cursor);
}

function versionRow(view: VersionView<Named>) {
  return {
    version: view.version,
    name: view.definition.name,
    hash: view.hash,
    revises: view.revises,
    note: view.note,
    created_by: view.createdBy,
    created_at: view.createdAt === '' ? null : view.createdAt,
    definition: new RawJson(view.definitionJson),
  };
}

/** A version in the path is what is asked for: there is none, where a body that names one is wrong. */
function notFound(error: unknown): never {
  if (!(error instanceof RewindError) || error.code !== 'version_unknown') throw error;
  throw new RewindError('version_not_found', error.message, { cause: error });
}
