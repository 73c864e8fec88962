/** The bytes of an input as a policy gets it. */
import { CANONICAL_ASCII, CANONICAL_UTF8, checkCanonical } from '../sources/canonical-check.js';
import { canonicalJson, JSON_DEPTH_MAX } from '../sources/canonical-json.js';

/** ES2024, which Node 20 has. */
type WellFormed = string & { isWellFormed(): boolean };

/**
 * Canonical JSON as UTF-8: OPA reads 1.0 and 1e2 as 1 and 100, and its WebAssembly keeps them as they are written. Logged
 * inputs are canonical already, which is seen in one pass over the bytes. Errors: as canonicalJson.
 */
export function inputBytes(input: string): Buffer {
  const bytes = Buffer.from(input);
  const verdict = checkCanonical(bytes, 0, bytes.length, JSON_DEPTH_MAX);
  // Encoding hides a lone surrogate behind U+FFFD.
  const isCanonical =
    verdict === CANONICAL_ASCII || (verdict === CANONICAL_UTF8 && (input as WellFormed).isWellFormed());
  return isCanonical ? bytes : Buffer.from(canonicalJson(input));
}
