/** Problems of a definition, told by their place in the body that brought it. */
import type { Problem } from '../processors/versions/catalog.js';
import { RewindError } from '../schemas/errors.js';

export function inDefinition({ pointer, message }: Problem): Problem {
  return { pointer: `/definition${pointer}`, message };
}

/** For `catch`: rethrows, with pointers as the caller sent the definition, below `/definition`. */
export function inBody(error: unknown): never {
  if (!(error instanceof RewindError) || !Array.isArray(error.facts.problems)) throw error;
  const errors = (error.facts.problems as Problem[]).map((problem) => ({
    code: error.code,
    ...inDefinition(problem),
  }));
  throw new RewindError(error.code, error.message, {
    pointer: `/definition${error.pointer ?? ''}`,
    facts: { errors },
    cause: error,
  });
}
