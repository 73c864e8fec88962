/**
 * Whether an encoding makes sense: its schema, then what a schema cannot say. Everything wrong is reported at once.
 */
import { Compile, type Validator } from 'typebox/compile';
import { Encoding, type EncodingRule, type Templates } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { ENVELOPE_NAMES } from './lookup.js';
import { maySet } from './mask.js';

interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/** Made on first use: the schema takes longer to compile than any encoding takes to be checked. */
let validator: Validator | undefined;

/** Everything that is wrong with an encoding. */
export function encodingProblems(encoding: unknown): Problem[] {
  validator ??= Compile(Encoding);
  return isEncoding(validator, encoding)
    ? [
        ...rulesProblems(encoding),
        ...maskProblems(encoding),
        ...ignoreProblems(encoding),
        ...envelopeProblems(encoding),
      ]
    : schemaProblems(validator, encoding);
}

/** Throws encoding_invalid with the pointer of the first problem and all of them in `facts.problems`. */
export function checkEncoding(encoding: unknown): asserts encoding is Encoding {
  const problems = encodingProblems(encoding);
  const first = problems[0];
  if (first === undefined) return;
  throw new RewindError('encoding_invalid', `${first.pointer || '/'}: ${first.message}`, {
    pointer: first.pointer,
    facts: { problems },
  });
}

function isEncoding(schema: Validator, encoding: unknown): encoding is Encoding {
  return schema.Check(encoding);
}

/** An unknown key is reported where it stands and once more by its parent; the deepest pointer says most. */
function schemaProblems(schema: Validator, encoding: unknown): Problem[] {
  return schema
    .Errors(encoding)
    .map(({ instancePath, message }) => ({ pointer: instancePath, message }))
    .sort((a, b) => b.pointer.split('/').length - a.pointer.split('/').length);
}

function rulesProblems(encoding: Encoding): Problem[] {
  return encoding.rules.flatMap((rule, index) => {
    const at = `/rules/${index}`;
    const problems = [...matchProblems(rule.match, `${at}/match`), ...templateProblems(rule, at)];
    if (rule.trackDocument === true && rule.track !== undefined)
      problems.push({ pointer: `${at}/track`, message: 'trackDocument stands instead of track' });
    if (encoding.entity === 'rules') {
      if (rule.entityType === undefined)
        problems.push({ pointer: `${at}/entityType`, message: 'missing, with entity: rules' });
      if (rule.entityId === undefined)
        problems.push({ pointer: `${at}/entityId`, message: 'missing, with entity: rules' });
    } else if (rule.forEach !== undefined) {
      problems.push({ pointer: `${at}/forEach`, message: 'derives entities: needs entity: rules' });
    }
    return problems;
  });
}

function matchProblems(match: string, pointer: string): Problem[] {
  const star = match.indexOf('*');
  return star >= 0 && star < match.length - 1 ? [{ pointer, message: '* may only stand at the end' }] : [];
}

function templateProblems(rule: EncodingRule, at: string): Problem[] {
  const inItem = rule.forEach !== undefined;
  const problems: Problem[] = [];
  const check = (templates: Templates | undefined, pointer: string): void => {
    if (templates === undefined) return;
    if (typeof templates === 'string') problems.push(...templateProblem(templates, pointer, inItem));
    else
      for (const [i, template] of templates.entries())
        problems.push(...templateProblem(template, `${pointer}/${i}`, inItem));
  };
  check(rule.forEach, `${at}/forEach`);
  check(rule.entityType, `${at}/entityType`);
  check(rule.entityId, `${at}/entityId`);
  for (const [field, templates] of Object.entries(rule.track ?? {}))
    check(templates, `${at}/track/${escapeToken(field)}`);
  for (const template of Object.keys(rule.where ?? {}))
    check(template, `${at}/where/${escapeToken(template)}`);
  for (const [i, operation] of (rule.operations ?? []).entries()) {
    if ('from' in operation) check(operation.from, `${at}/operations/${i}/from`);
    if (operation.op === 'increment' && typeof operation.by !== 'number')
      check(operation.by, `${at}/operations/${i}/by`);
  }
  return problems;
}

function templateProblem(template: string, pointer: string, inItem: boolean): Problem[] {
  const problem = (message: string): Problem[] => [{ pointer, message }];
  const kind = template[0];
  if (kind === '$' && !(ENVELOPE_NAMES as readonly string[]).includes(template.slice(1)))
    return problem(`unknown envelope field ${template}; one of ${ENVELOPE_NAMES.join(', ')}`);
  if (kind === '@' && !inItem) return problem('@ names an item: needs forEach');
  if (kind === '@' && template.length > 1 && template[1] !== '/')
    return problem('after @ comes a JSON pointer');
  if ((kind === '/' || kind === '@') && /~(?![01])/.test(template))
    return problem('~ in a JSON pointer is written ~0');
  return [];
}

/** A masked value is no number to add to and no list to append to, and a mask without a field hides nothing. */
function maskProblems(encoding: Encoding): Problem[] {
  return Object.keys(encoding.mask ?? {}).flatMap((field) => {
    const pointer = `/mask/${escapeToken(field)}`;
    if (!encoding.rules.some((rule) => maySet(rule, field)))
      return [{ pointer, message: 'no rule sets this field' }];
    const builds = encoding.rules
      .flatMap(({ operations = [] }) => operations)
      .some(({ op, ...rest }) => BUILDS.has(op) && 'field' in rest && rest.field === field);
    return builds
      ? [{ pointer, message: 'increment, append and merge cannot go on from a masked value' }]
      : [];
  });
}

const BUILDS: ReadonlySet<string> = new Set(['increment', 'append', 'merge']);

function ignoreProblems(encoding: Encoding): Problem[] {
  return (encoding.ignore ?? []).flatMap((entry, index) => {
    const at = `/ignore/${index}`;
    if (entry.match === undefined && Object.keys(entry.where ?? {}).length === 0)
      return [{ pointer: at, message: 'would ignore every event: give match or where' }];
    return [
      ...(entry.match === undefined ? [] : matchProblems(entry.match, `${at}/match`)),
      ...Object.keys(entry.where ?? {}).flatMap((template) =>
        templateProblem(template, `${at}/where/${escapeToken(template)}`, false),
      ),
    ];
  });
}

/** The envelope is read before there is an event: only pointers and constants make sense in it. */
function envelopeProblems(encoding: Encoding): Problem[] {
  const envelope = encoding.envelope;
  if (envelope === undefined) return [];
  return Object.entries(envelope).flatMap(([name, templates]) =>
    [templates]
      .flat(2)
      .filter((template) => template.startsWith('@') || template.startsWith('$'))
      .map((template) => ({
        pointer: `/envelope/${name}`,
        message: `${template}: only pointers and constants`,
      })),
  );
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
