/**
 * /v1/bundles: policies and data by revision, kept so that a decision can be made again by what it was made by. The tenant
 * is the caller's, as on all routes of policy engines.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import { type Bundle, bundleFromJson, bundleHash } from '../../processors/logreplay/bundle.js';
import type { BundleView } from '../../processors/logreplay/bundle-contract.js';
import { bundleOfFiles } from '../../processors/logreplay/bundle-files.js';
import { tarFiles } from '../../processors/logreplay/tar-files.js';
import { canonicalJson } from '../../processors/sources/canonical-json.js';
import { RewindError } from '../../schemas/errors.js';
import {
  BundleAnswer,
  BundleBody,
  BundleListAnswer,
  BundleListQuery,
  BundleSavedAnswer,
  DescribedBundleBody,
  RevisionParams,
} from '../../schemas/http-bundles.js';
import { TenantHeaders } from '../../schemas/http-decision-logs.js';
import { findIssues } from '../../schemas/validate.js';
import type { RouteContext } from '../context.js';
import { inflated } from '../json/inflated.js';
import { RawJson } from '../json/raw-json.js';
import { splitObject } from '../json/split.js';

const PACKED = [
  'application/gzip',
  'application/x-gzip',
  'application/vnd.openpolicyagent.bundles',
  'application/octet-stream',
];
const tags = ['bundles'];

export const bundleRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { bundles, config } = context;
    const { bundleMaxBytes } = config.logReplay;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(['application/json', ...PACKED], { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );

    app.put(
      '/v1/bundles/:revision',
      {
        config: { access: 'write', audit: 'bundle.saved', describedBody: DescribedBundleBody },
        schema: {
          summary: 'Keep the policies and data of a revision; it never changes',
          tags,
          params: RevisionParams,
          headers: TenantHeaders,
          response: { 200: BundleSavedAnswer, 201: BundleSavedAnswer },
        },
      },
      async (request, reply) => {
        const { revision } = request.params;
        const body = request.body as Buffer | undefined;
        if (body === undefined || body.length === 0)
          throw new RewindError('field_missing', 'The request has no body.', { pointer: '' });
        const isJson = request.headers['content-type']?.startsWith('application/json') === true;
        const bundle = isJson
          ? fromJson(body, bundleMaxBytes)
          : fromArchive(await inflated(body, bundleMaxBytes), revision);
        const { tenantId, actor } = request.identity;
        const created = await bundles.save(tenantId, revision, bundle, actor);
        request.auditTarget = revision;
        reply.code(created ? 201 : 200);
        return { success: true as const, data: { revision, hash: bundleHash(bundle) } };
      },
    );

    app.get(
      '/v1/bundles',
      {
        config: { access: 'read' },
        schema: {
          summary: 'Bundles of the tenant, by revision',
          tags,
          querystring: BundleListQuery,
          headers: TenantHeaders,
          response: { 200: BundleListAnswer },
        },
      },
      async (request) => {
        const { limit, cursor = '' } = request.query;
        const views = await bundles.list(request.identity.tenantId, { after: cursor, limit });
        const next = views.length < limit ? null : views.at(-1)!.revision;
        return { success: true as const, data: views.map(row), page: { next } };
      },
    );

    app.get(
      '/v1/bundles/:revision',
      {
        config: { access: 'read', immutable: true },
        schema: {
          summary: 'One bundle with its modules and data',
          tags,
          params: RevisionParams,
          headers: TenantHeaders,
          response: { 200: BundleAnswer },
        },
      },
      async (request) => {
        const view = await bundles.get(request.identity.tenantId, request.params.revision);
        const modules = Object.fromEntries(view.bundle.modules);
        const { modules: _count, bytes: _bytes, ...data } = row(view);
        return { success: true as const, data: { ...data, modules, data: new RawJson(view.bundle.data) } };
      },
    );
  };

function row(view: BundleView) {
  return {
    revision: view.revision,
    hash: view.hash,
    rego_version: view.regoVersion,
    created_by: view.createdBy,
    created_at: view.createdAt,
    modules: view.modules,
    bytes: view.bytes,
  };
}

/** The data is read from the text as it came, so that no digit is lost. */
function fromJson(body: Buffer, maxBytes: number): Bundle {
  if (body.length > maxBytes)
    throw new RewindError('body_too_large', `The bundle has more than ${maxBytes} bytes.`);
  const value: unknown = JSON.parse(canonicalJson(body));
  const [issue] = findIssues(BundleBody, value);
  if (issue !== undefined)
    throw new RewindError(issue.code, `The body is not valid at ${issue.pointer}: ${issue.message}`, {
      pointer: issue.pointer,
    });
  const { modules, rego_version } = value as Static<typeof BundleBody>;
  const data = new Map(splitObject(body)).get('data')?.toString();
  return bundleFromJson({ modules, data, regoVersion: rego_version ?? 1 });
}

/** A manifest that names another revision is a mistake: decision logs would name that one. */
function fromArchive(tar: Buffer, revision: string): Bundle {
  const read = bundleOfFiles(tarFiles(tar));
  if (read.revision !== '' && read.revision !== revision)
    throw new RewindError(
      'field_invalid',
      `the manifest says revision ${read.revision}, which decision logs will name; the path says ${revision}`,
      { pointer: '/revision' },
    );
  return read.bundle;
}
