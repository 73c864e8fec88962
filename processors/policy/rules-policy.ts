/** A version of rules as the policy engine takes it, compiled once a process; and what is wrong with one that does not. */
import { RewindError } from '../../schemas/errors.js';
import type { RulesDefinition } from '../../schemas/rules.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { resolvePointer } from '../sources/json-scan.js';
import type { PolicyCompiler, PolicyProblem, PolicyToRun } from './contract.js';

/** May be posted to threads. */
export interface RulesPolicy {
  readonly run: PolicyToRun;
  readonly entrypoint: string;
}

/** Canonical texts nest no deeper than what was accepted, in a definition a few levels down. */
const DEFINITION_DEPTH_MAX = 128;

/** Rejects as PolicyCompiler does. `definitionJson` is a definition of good form. */
export async function compileRules(compiler: PolicyCompiler, definitionJson: string): Promise<RulesPolicy> {
  const { modules, entrypoint } = JSON.parse(definitionJson) as RulesDefinition;
  const policy = await compiler.compile({ modules, entrypoints: [entrypoint] });
  const data = resolvePointer(canonicalJson(definitionJson, DEFINITION_DEPTH_MAX), '/data') ?? '{}';
  return { run: { policy, data }, entrypoint };
}

/** All that the compiler finds wrong with rules, at pointers into the definition; none: they compile. */
export async function rulesProblemsOf(
  compiler: PolicyCompiler,
  definition: RulesDefinition,
): Promise<{ pointer: string; message: string }[]> {
  try {
    await compileRules(compiler, JSON.stringify(definition));
    return [];
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    if (error.code === 'entrypoint_unknown') return [{ pointer: '/entrypoint', message: error.message }];
    const { problems } = error.facts as { problems?: readonly PolicyProblem[] };
    if (problems !== undefined) return problems.map(told);
    if (error.code !== 'policy_too_large') throw error;
    return [{ pointer: '/modules', message: error.message }];
  }
}

function told({ file, row, col, message }: PolicyProblem): { pointer: string; message: string } {
  if (file === '') return { pointer: '/modules', message };
  const token = file.replaceAll('~', '~0').replaceAll('/', '~1');
  return { pointer: `/modules/${token}`, message: `${file}:${row}:${col}: ${message}` };
}

export function isOfRules(error: unknown): error is RewindError {
  return error instanceof RewindError && OF_RULES.test(error.code);
}

const OF_RULES =
  /^(policy_(invalid|too_large|compile_timeout|compile_memory|memory)|builtin_not_allowed|entrypoint_unknown)$/;
