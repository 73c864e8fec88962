/** A client that accepts nothing of what a route can answer is told so before any work is done. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { excerpt, RewindError } from '../../schemas/errors.js';

export function installNegotiation(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { accept } = request.headers;
    if (accept === undefined || request.is404) return;
    const offered = typesOf(request);
    if (offered.length === 0 || offered.some((type) => accepts(accept, type))) return;
    throw new RewindError(
      'not_acceptable',
      `Accept ${excerpt(accept)} leaves nothing of what this route answers: ${offered.join(', ')}`,
    );
  });
}

/** Media types of the route's successes; none where it declares no answer. */
function typesOf(request: FastifyRequest): string[] {
  const { response = {} } = (request.routeOptions.schema ?? {}) as { response?: Record<string, object> };
  const types = Object.entries(response)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, schema]) =>
      'content' in schema ? Object.keys(schema.content as object) : ['application/json'],
    );
  return [...new Set(types)];
}

/** @param header Accept, RFC 9110 12.5.1: the most specific range decides, q=0 refuses */
export function accepts(header: string, type: string): boolean {
  const [kind = ''] = type.split('/');
  const ranks = new Map([
    ['*/*', 1],
    [`${kind}/*`, 2],
    [type, 3],
  ]);
  let best = 0;
  let quality = 0;
  for (const part of header.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const rank = ranks.get(range) ?? 0;
    if (rank <= best) continue;
    best = rank;
    const given = parameters.find((text) => text.startsWith('q='));
    quality = given === undefined ? 1 : Number(given.slice(2));
  }
  return best > 0 && quality > 0;
}
