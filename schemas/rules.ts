/**
 * Rules: Rego modules with their data, and the rule whose value is the decision. Immutable once a version is saved.
 * `rules/rewind.json` is version 1. The input of a decision is `{"event", "state_before", "state_after"}`.
 */
import { type Static, Type } from 'typebox';

/** `authz/main.rego`: relative, forward slashes, no dots but inside names. */
export const MODULE_PATH = '^(?!\\.)[\\w.-]+(/(?!\\.)[\\w.-]+)*\\.rego$';
const MODULE_MAX_CHARACTERS = 1 << 20;

export const RulesDefinition = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    /** Package and rule, joined by slashes: `authz/allow` is `data.authz.allow`. */
    entrypoint: Type.String({ maxLength: 512, pattern: '^[A-Za-z_]\\w*(/[A-Za-z_]\\w*)+$' }),
    modules: Type.Record(
      Type.String({ pattern: MODULE_PATH }),
      Type.String({ minLength: 1, maxLength: MODULE_MAX_CHARACTERS }),
      { minProperties: 1, maxProperties: 1000, additionalProperties: false },
    ),
    /** What Rego sees below `data`. */
    data: Type.Optional(Type.Object({})),
  },
  { additionalProperties: false },
);
export type RulesDefinition = Static<typeof RulesDefinition>;
