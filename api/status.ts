/** The one place where an error becomes an HTTP status. */
import { ERRORS, type ErrorCode, type ErrorKind } from '../schemas/errors.js';

const BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  limit: 422,
  unavailable: 503,
  internal: 500,
};

/** Codes for which HTTP has a word of its own. */
const BY_CODE: Partial<Record<ErrorCode, number>> = {
  media_type_unsupported: 415,
  not_acceptable: 406,
  store_timeout: 504,
  unauthenticated: 401,
  rate_limited: 429,
  streams_full: 429,
};

export function httpStatus(code: ErrorCode): number {
  return BY_CODE[code] ?? BY_KIND[ERRORS[code].kind];
}
