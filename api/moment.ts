/** Times in query strings: absolute, or relative to now; errors name the parameter. */
import { nowNs, parseMomentNs } from '../processors/sources/moment.js';
import { RewindError } from '../schemas/errors.js';

/** @param pointer of the parameter, `/at` @throws RewindError time_* with the pointer */
export function momentOf(text: string, pointer: string): bigint {
  try {
    return parseMomentNs(text, nowNs());
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, error.message, { pointer, cause: error });
  }
}
