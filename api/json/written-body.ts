/**
 * Bodies of which the text counts, and not only what it says: members in the order in which they were written, numbers
 * with every digit. The parsed body is checked against its schema as everywhere; its text is kept beside it.
 */
import type { FastifyInstance } from 'fastify';
import { canonicalJson } from '../../processors/sources/canonical-json.js';
import { splitObject } from './split.js';

const texts = new WeakMap<object, Buffer>();

/** For the routes of one plugin. */
export function keepWrittenBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      const text = body as Buffer;
      // Refuses what the strict reader refuses everywhere: repeated keys, lone surrogates, too much depth.
      canonicalJson(text);
      const parsed: unknown = JSON.parse(text.toString());
      if (typeof parsed === 'object' && parsed !== null) texts.set(parsed, text);
      done(null, parsed);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The text of a member of a body; undefined: it has none of that name. */
export function writtenMember(body: object, name: string): Buffer | undefined {
  const text = texts.get(body);
  return text === undefined ? undefined : new Map(splitObject(text)).get(name);
}
