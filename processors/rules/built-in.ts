/** Rules version 1, built in: every event is allowed, whatever it says. Needs no policy engine. */
import { RewindError } from '../../schemas/errors.js';
import type { Decision, RuleEngine, RuleSet } from './rule-set.js';

export const BUILT_IN_RULES_VERSION = 1;

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
