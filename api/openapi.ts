/**
 * The API description (OpenAPI 3.1), made from the schemas of the routes, and its page at /docs. docs/openapi.json is
 * this text; the tidy test fails when the file differs, and a route that says too little does not start.
 */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { TObject } from 'typebox';
import { LEAST_ROLE } from '../schemas/access.js';
import type { Config } from '../schemas/config.js';
import { ERRORS } from '../schemas/errors.js';
import { Problem } from '../schemas/http-answer.js';
import { hoistTitled } from './openapi-components.js';

export const DOCS_PATH = '/docs';

/** Everything from here, nothing inline: the page works without a way to the internet. */
const DOCS_CSP = {
  'default-src': "'none'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Body as the description shows it, where the route reads the bytes itself. */
    describedBody?: object;
  }
}

const PROBLEM_ANSWER = {
  description: 'What went wrong, as a problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Call before any route is registered, and before access is asked for: the page's own routes are public. */
export function installOpenApi(app: FastifyInstance, config: Config, version: string): void {
  app.addHook('onRoute', (route) => {
    if (isDocsRoute(route.url)) route.config = { ...route.config, access: 'public' };
    else requireDescribed(route);
  });
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rewind',
        version,
        description: 'Replay audit history: events in, snapshots, diffs and decisions out.',
      },
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema as RouteSchema, route), url }),
    transformObject: (document) =>
      'openapiObject' in document ? finished(document.openapiObject as OpenAPIV3_1.Document) : {},
  });
  if (!config.http.docs) return;
  app.register(swaggerUi, { routePrefix: DOCS_PATH, staticCSP: DOCS_CSP, uiConfig: { deepLinking: true } });
}

function isDocsRoute(url: string): boolean {
  return url === DOCS_PATH || url.startsWith(`${DOCS_PATH}/`);
}

interface RouteSchema {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly description?: string;
  readonly operationId?: string;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly [part: string]: unknown;
}

/** @throws Error for a route whose description would be empty */
function requireDescribed(route: RouteOptions): void {
  if (route.method === 'HEAD') return;
  const schema = (route.schema ?? {}) as RouteSchema;
  if (schema.hide === true) return;
  const lacks = ['summary', 'tags', 'response'].filter((name) => schema[name] === undefined);
  if (lacks.length > 0) throw new Error(`route ${route.method} ${route.url} lacks ${lacks.join(', ')}`);
}

function described(schema: RouteSchema, route: RouteOptions): RouteSchema {
  const { access, describedBody } = route.config ?? {};
  const methods = [route.method].flat();
  const asks = access === undefined || access === 'public' ? 'Public.' : accessText(access);
  return {
    operationId: operationIdOf(methods[0] ?? 'GET', route.url),
    ...schema,
    ...sealedCursor(schema.querystring as TObject | undefined),
    description: schema.description === undefined ? asks : `${schema.description}\n\n${asks}`,
    ...(describedBody === undefined ? {} : { body: describedBody }),
    response: { ...schema.response },
  };
}

/** What a list takes for its cursor is not what clients send: theirs is sealed. */
function sealedCursor(query: TObject | undefined): { querystring?: object } {
  if (query?.properties.cursor === undefined) return {};
  const cursor = { type: 'string', description: 'Opaque; `page.next` of the previous page of the same list' };
  return { querystring: { ...query, properties: { ...query.properties, cursor } } };
}

function accessText(access: keyof typeof LEAST_ROLE): string {
  const role = LEAST_ROLE[access];
  return role === null ? "For the instance's operators." : `Needs the role ${role}.`;
}

/** `getReplayJobsByJobIdSnapshots`: method and path; the tenant, which most paths begin with, is left out. */
export function operationIdOf(method: string, url: string): string {
  const words = url
    .replace(/^\/tenants\/:tenant_id/, '')
    .split(/::|\//)
    .filter((part) => part !== '')
    .flatMap((part) => (part.startsWith(':') ? ['by', ...part.slice(1).split('_')] : part.split(/[-_.]/)));
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Adds what all operations share, and names the schemas that have a title. */
function finished(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const ids = new Set<string>();
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {}) as OpenAPIV3_1.OperationObject[]) {
      const id = operation.operationId ?? '';
      if (ids.has(id)) throw new Error(`two operations are called ${id}`);
      ids.add(id);
      operation.responses = { ...operation.responses, default: PROBLEM_ANSWER };
    }
  }
  const codes = Object.keys(ERRORS);
  const problem = JSON.parse(JSON.stringify(Problem)) as typeof Problem;
  Object.assign(problem.properties.code, { enum: codes });
  return hoistTitled({ ...document, paths: sorted(document.paths ?? {}) }, { Problem: problem });
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
