/** Rules version 1, built in: every event is allowed, whatever it says. Needs no policy engine. */
import { RewindError } from '../../schemas/errors.js';
import type { Decision, RuleEngine, RuleSet } from './rule-set.js';

export const BUILT_IN_RULES_VERSION = 1;

const ALLOWED: Decision = { result: 'true' };

export const allowAll: RuleSet = { decide: () => ALLOWED };

/** Opens the built-in version, and nothing else. */
export const builtInRules: RuleEngine = {
  open: async ({ version }) => {
    if (version === BUILT_IN_RULES_VERSION) return allowAll;
    throw new RewindError('internal', `rule version ${version} comes without its policy`);
  },
};
