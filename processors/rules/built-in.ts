/** Rules version 1, built in: every event is allowed, whatever it says. Needs no policy engine. */
import { createHash } from 'node:crypto';
import { RewindError } from '../../schemas/errors.js';
import type { RulesDefinition } from '../../schemas/rules.js';
import { canonicalOf } from '../sources/canonical-json.js';
import { readSchemaFile } from '../sources/schema-files.js';
import type { Decision, RuleEngine, RuleSet, RulesToOpen } from './rule-set.js';

export const BUILT_IN_RULES_VERSION = 1;

/** The built-in version in full. */
export function builtInRulesVersion(): RulesToOpen {
  const definition = JSON.parse(readSchemaFile('rules/rewind.json')) as RulesDefinition;
  return { version: BUILT_IN_RULES_VERSION, hash: rulesHash(definition), definition };
}

/** SHA-256 (hex) of the canonical JSON of rules. */
export function rulesHash(definition: RulesDefinition): string {
  return createHash('sha256').update(canonicalOf(definition)).digest('hex');
}

const ALLOWED: Decision = { result: 'true' };

export const allowAll: RuleSet = { decide: () => ALLOWED };

/** Opens the built-in version, and nothing else. */
export const builtInRules: RuleEngine = {
  open: async ({ version }) => {
    requireEngine(version, '/rule_version');
    return allowAll;
  },
};

/** Throws policy_engine_missing for versions that are Rego: nothing here compiles it. */
export function requireEngine(version: number, pointer: string): void {
  if (version === BUILT_IN_RULES_VERSION) return;
  throw new RewindError(
    'policy_engine_missing',
    `rule version ${version} is Rego, and this release has no policy engine; version 1 needs none`,
    { pointer },
  );
}
