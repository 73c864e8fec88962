/**
 * A time as people ask for it: absolute (RFC 3339 with up to nine digits of a second), or relative to now (`30s`, `7d`,
 * `1h30m`, `2h ago`, `now`). Pure: now is given.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { checkRange, parseDurationNs, parseRfc3339Ns } from './time.js';

const RELATIVE = /^(\d[\dnuµμmshd.]*[a-zµμ]|0)(?:\s+ago)?$/;

/** True for a time that means another one tomorrow. */
export function isRelative(text: string): boolean {
  return text === 'now' || RELATIVE.test(text);
}

/**
 * Nanoseconds since 1970. A duration lies before `nowNs`; there is no way to name a time after it but RFC 3339.
 * Errors: time_invalid, time_zone_missing, time_out_of_range.
 */
export function parseMomentNs(text: string, nowNs: bigint): bigint {
  if (text === 'now') return nowNs;
  const duration = RELATIVE.exec(text)?.[1];
  if (duration === undefined) {
    if (/^[+-]\d/.test(text)) {
      throw new RewindError(
        'time_invalid',
        `${excerpt(text)}: a duration is counted back from now and has no sign; write 2h or 2h ago`,
      );
    }
    return parseRfc3339Ns(text);
  }
  const ns = nowNs - parseDurationNs(duration);
  checkRange(ns, text);
  return ns;
}

/** Now, to the millisecond, in nanoseconds. The one clock of those who call parseMomentNs. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
