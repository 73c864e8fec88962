/** What tells encodings, rules and sources apart in the catalog: their checks, hashes and built-in versions. */
import { createHash } from 'node:crypto';
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { RulesDefinition } from '../../schemas/rules.js';
import { type Source, SourceDefinition } from '../../schemas/source.js';
import { findIssues } from '../../schemas/validate.js';
import { encodingProblems } from '../encodings/check.js';
import { encodingHash } from '../encodings/compile.js';
import type { PolicyCompiler } from '../policy/contract.js';
import { rulesProblemsOf } from '../policy/rules-policy.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { compileMapping } from '../sources/mapping.js';
import { readSchemaFile } from '../sources/schema-files.js';
import type { Problem, VersionKind } from './catalog.js';

export const encodingKind: VersionKind<Encoding> = {
  table: 'encodings',
  noun: 'encoding',
  pointer: '/encoding_version',
  invalid: 'encoding_invalid',
  // The order of tracked fields is that of the fields of states.
  isOrdered: (pointer) => /^\/rules\/\d+\/track$/.test(pointer),
  problems: (_tenantId, definition) => encodingProblems(definition),
  hash: encodingHash,
  builtInJson: () => readSchemaFile('encodings/rewind.json'),
};

/** Rules, with what their compiler says. */
export function compiledRulesKind(compiler: PolicyCompiler): VersionKind<RulesDefinition> {
  return { ...rulesKind, compileProblems: (definition) => rulesProblemsOf(compiler, definition) };
}

export const rulesKind: VersionKind<RulesDefinition> = {
  table: 'rules',
  noun: 'rule',
  pointer: '/rule_version',
  invalid: 'rules_invalid',
  isOrdered: () => false,
  problems: (_tenantId, definition) => rulesProblems(definition),
  hash: canonicalHash,
  builtInJson: () => readSchemaFile('rules/rewind.json'),
};

/**
 * @param configured the sources of version 1 as a tenant sees them
 * @param mayRead whether a tenant's own source may read a topic
 */
export function sourceKind(
  configured: (tenantId: string) => readonly Source[],
  mayRead: (tenantId: string, topic: string) => boolean,
): VersionKind<SourceDefinition> {
  return {
    table: 'sources',
    noun: 'source',
    pointer: '/source_version',
    invalid: 'source_invalid',
    isOrdered: () => false,
    problems: (tenantId, definition) => sourceProblems(definition, (topic) => mayRead(tenantId, topic)),
    hash: canonicalHash,
    builtInJson: (tenantId) =>
      JSON.stringify({
        name: 'configured',
        description: 'Version 1: what the configuration names.',
        sources: configured(tenantId),
      }),
  };
}

function canonicalHash(_definition: unknown, json: string): string {
  return createHash('sha256').update(canonicalJson(json)).digest('hex');
}

/** Only the form, which names places that a compiler does not know of. */
function rulesProblems(definition: unknown): Problem[] {
  const issues = findIssues(RulesDefinition, definition);
  if (issues.length > 0) return issues.map(({ pointer, message }) => ({ pointer, message }));
  const { modules, entrypoint } = definition as RulesDefinition;
  const problems: Problem[] = [];
  const packages: string[] = [];
  for (const [path, text] of Object.entries(modules)) {
    const name = packageOf(text);
    if (name !== null) packages.push(name);
    else problems.push({ pointer: `/modules/${escapeToken(path)}`, message: 'has no package declaration' });
  }
  const wanted = entrypoint.split('/').slice(0, -1).join('.');
  if (problems.length === 0 && !packages.includes(wanted))
    problems.push({ pointer: '/entrypoint', message: `no module has the package ${wanted}` });
  return problems;
}

/** The package that a module declares, before anything but comments; `data.` in front is the same. */
function packageOf(module: string): string | null {
  const match =
    /^(?:\s|#[^\n]*(?:\n|$))*package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*(?:$|[\r\n#;])/.exec(module);
  return match?.[1] ?? null;
}

function sourceProblems(definition: unknown, mayRead: (topic: string) => boolean): Problem[] {
  const issues = findIssues(SourceDefinition, definition);
  if (issues.length > 0) return issues.map(({ pointer, message }) => ({ pointer, message }));
  const { sources } = definition as SourceDefinition;
  const problems: Problem[] = [];
  const readBy = new Map<string, string>();
  const names = new Set<string>();
  for (const [index, source] of sources.entries()) {
    const at = `/sources/${index}`;
    if (names.has(source.name)) problems.push({ pointer: `${at}/name`, message: 'is used twice' });
    names.add(source.name);
    problems.push(...mappingProblems(source, at));
    for (const [i, topic] of source.topics.entries()) {
      const pointer = `${at}/topics/${i}`;
      const other = readBy.get(topic);
      if (other !== undefined)
        problems.push({ pointer, message: `topic ${topic} is read by ${other} already` });
      readBy.set(topic, source.name);
      if (!mayRead(topic))
        problems.push({ pointer, message: `sourceTopics does not give topic ${topic} to this tenant` });
    }
  }
  return problems;
}

function mappingProblems(source: Source, at: string): Problem[] {
  if (source.mapping !== undefined && source.encodingVersion !== undefined)
    return [{ pointer: `${at}/encodingVersion`, message: 'stands instead of mapping' }];
  if (source.decoder === 'rewind-avro') {
    const own = source.mapping === undefined && source.encodingVersion === undefined;
    return own ? [] : [{ pointer: `${at}/decoder`, message: 'rewind-avro reads our own events: no mapping' }];
  }
  if (source.mapping === undefined) return [];
  try {
    compileMapping(source.mapping);
    return [];
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    return [{ pointer: `${at}/mapping${error.pointer ?? ''}`, message: error.message }];
  }
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
