/**
 * Checks requests against their TypeBox schemas. Path, query and header text is converted to the type asked for; JSON
 * bodies are not: "1" is no number there. All problems of a part are reported at once.
 */
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { type TSchema, Type } from 'typebox';
import Value from 'typebox/value';
import { canonicalJson } from '../../processors/sources/canonical-json.js';
import { RewindError } from '../../schemas/errors.js';
import { findIssues } from '../../schemas/validate.js';

const PART_NAMES: Readonly<Record<string, string>> = {
  params: 'path',
  querystring: 'query',
  headers: 'headers',
  body: 'body',
};

const INTEGER = /^-?\d{1,16}$/;

const compile: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart }) =>
  (input: unknown) => {
    // A body that may be left out.
    if (httpPart === 'body' && (input ?? null) === null && Type.IsOptional(schema)) return { value: {} };
    const value = httpPart === 'body' ? input : Value.Default(schema, converted(schema, input));
    const issues = findIssues(schema, value);
    if (issues.length === 0) return { value };
    const [first] = issues;
    const part = PART_NAMES[httpPart ?? ''] ?? 'request';
    const code = issues.every((issue) => issue.code === first?.code)
      ? (first?.code ?? 'field_invalid')
      : 'field_invalid';
    const where = first?.pointer ? ` at ${first.pointer}` : '';
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
    const error = new RewindError(code, `The ${part} is not valid${where}: ${first?.message}${more}`, {
      ...(first === undefined ? {} : { pointer: first.pointer }),
      facts: { errors: issues.map((issue) => ({ ...issue, in: part })) },
    });
    return { error };
  };

/** Path, query and headers are flat and hold text; whole numbers become numbers where the schema wants them. */
function converted(schema: TSchema, input: unknown): unknown {
  const { properties = {} } = schema as { properties?: Record<string, { readonly type?: string }> };
  return Object.fromEntries(
    Object.entries(input ?? {}).map(([name, value]) => {
      const whole = properties[name]?.type === 'integer' && typeof value === 'string' && INTEGER.test(value);
      return [name, whole ? Number(value) : value];
    }),
  );
}

export function installValidation(app: FastifyInstance): void {
  app.setValidatorCompiler(compile);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      // The strict reader first: repeated keys, lone surrogates and depth are refused with their position.
      done(null, body.length === 0 ? undefined : JSON.parse(canonicalJson(body as Buffer)));
    } catch (error) {
      done(error as Error);
    }
  });
}
