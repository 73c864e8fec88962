/**
 * Times and durations as people and records write them, in exact nanoseconds. RFC 3339 in, RFC 3339 out; numbers are
 * never taken for times, since nobody can tell seconds from milliseconds for sure.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';
import { MAX_OCCURRED_AT_NS, MIN_OCCURRED_AT_NS } from '../../schemas/event.js';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;
const NS_PER_SECOND = 1_000_000_000n;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Nanoseconds since 1970 of an RFC 3339 time: `T`, `t` or a blank between date and time, 0 to 9 digits of a second,
 * `Z` or an offset. A leap second (23:59:60 UTC at the end of a month) counts as the first second of the next minute,
 * as POSIX time has it. Errors: time_zone_missing, time_out_of_range (ClickHouse would saturate in silence), time_invalid.
 */
export function parseRfc3339Ns(text: string): bigint {
  const match = RFC3339.exec(text);
  if (match === null) throw invalid(text, hintFor(text));
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  if (fraction.length > 9) throw invalid(text, 'a second has at most 9 digits behind the point');
  if (zone === undefined) {
    throw new RewindError('time_zone_missing', `${excerpt(text)} has no time zone`);
  }
  const leap = second === '60';
  const seconds = civilSeconds(
    { year: Number(year), month: Number(month), day: Number(day) },
    { hour: Number(hour), minute: Number(minute), second: leap ? 59 : Number(second) },
  );
  if (seconds === undefined) throw invalid(text, 'no such date or time of day');
  const offset = offsetSeconds(zone);
  if (offset === undefined) throw invalid(text, 'an offset lies between -23:59 and +23:59');
  const utc = seconds - offset + (leap ? 1 : 0);
  if (leap && !startsMonth(utc)) {
    throw invalid(text, 'second 60 is only at the end of a month, 23:59:60 UTC');
  }
  const ns = BigInt(utc) * NS_PER_SECOND + BigInt(fraction.padEnd(9, '0'));
  checkRange(ns, text);
  return ns;
}

/** Throws time_out_of_range where a time cannot be stored; the message shows `shown`, else the time itself. */
export function checkRange(ns: bigint, shown?: string): void {
  if (ns >= MIN_OCCURRED_AT_NS && ns < MAX_OCCURRED_AT_NS) return;
  const text = shown ?? (isPrintable(ns) ? formatRfc3339Ns(ns) : `${ns} ns`);
  throw new RewindError('time_out_of_range', `${excerpt(text)} lies outside 1900-01-01 to 2262-04-11`);
}

/** Whether formatRfc3339Ns takes the time: years 0000 to 9999. */
export function isPrintable(ns: bigint): boolean {
  return ns >= -62_167_219_200_000_000_000n && ns < 253_402_300_800_000_000_000n;
}

/**
 * RFC 3339 in UTC, as short as exact: `2024-01-15T10:30:00Z`, else the digits of the second up to the last that is not
 * zero (`…00.5Z`, `…00.000000001Z`). Takes the years 0000 to 9999.
 */
export function formatRfc3339Ns(ns: bigint): string {
  let seconds = ns / NS_PER_SECOND;
  let rest = ns % NS_PER_SECOND;
  if (rest < 0n) {
    rest += NS_PER_SECOND;
    seconds -= 1n;
  }
  const whole = new Date(Number(seconds) * 1000).toISOString();
  if (rest === 0n) return `${whole.slice(0, -5)}Z`;
  const digits = rest.toString().padStart(9, '0').replace(/0+$/, '');
  return `${whole.slice(0, -5)}.${digits}Z`;
}

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Seconds since 1970 as if in UTC; undefined: no such date or time. */
function civilSeconds(date: CivilDate, time: TimeOfDay): number | undefined {
  const { year, month, day } = date;
  if (month < 1 || month > 12 || day < 1 || day > MONTH_DAYS[month - 1]!) return undefined;
  const leapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2 && day === 29 && !leapYear) return undefined;
  if (time.hour > 23 || time.minute > 59 || time.second > 59) return undefined;
  // Years before 100 must not pass through Date.UTC, which takes them for 19xx: shift by a 400-year cycle.
  const days = Date.UTC(year + 400, month - 1, day) / 86_400_000 - 146_097;
  return days * 86_400 + time.hour * 3600 + time.minute * 60 + time.second;
}

function offsetSeconds(zone: string): number | undefined {
  if (zone.length === 1) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function startsMonth(utcSeconds: number): boolean {
  return utcSeconds % 86_400 === 0 && new Date(utcSeconds * 1000).getUTCDate() === 1;
}

/** What a text that is no RFC 3339 time may have been meant as. */
function hintFor(text: string): string {
  const digits = /^-?(\d+)(?:\.\d+)?$/.exec(text)?.[1]?.length ?? 0;
  if (digits >= 18) return 'this looks like nanoseconds since 1970; give RFC 3339';
  if (digits >= 15) return 'this looks like microseconds since 1970; give RFC 3339';
  if (digits >= 12) return 'this looks like milliseconds since 1970; give RFC 3339';
  if (digits >= 9) return 'this looks like seconds since 1970; give RFC 3339';
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return 'a date alone is no time; add the time of day and a zone';
  return 'not an RFC 3339 time';
}

function invalid(text: string, why: string): RewindError {
  return new RewindError('time_invalid', `${excerpt(text)}: ${why}`);
}

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n, // micro sign
  μs: 1000n, // Greek mu
  ms: 1_000_000n,
  s: NS_PER_SECOND,
  m: 60n * NS_PER_SECOND,
  h: 3600n * NS_PER_SECOND,
  d: 86_400n * NS_PER_SECOND,
};

/**
 * Nanoseconds of a duration as Go writes them (`1h30m`, `1.5s`, `-250ms`, `0`), with days of 24 hours besides (`7d`).
 * Errors: time_invalid, also for parts of a nanosecond.
 */
export function parseDurationNs(text: string): bigint {
  const body = /^[+-]?(.+)$/.exec(text)?.[1] ?? '';
  if (body === '0') return 0n;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h|d))+$/.test(body)) {
    throw invalid(text, 'not a duration such as 1h30m, 250ms or 7d');
  }
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d+)(?:\.(\d+))?([a-zµμ]+)/g)) {
    const scaled = BigInt(whole + fraction) * UNIT_NS[unit]!;
    const divisor = 10n ** BigInt(fraction.length);
    if (scaled % divisor !== 0n) throw invalid(text, 'finer than a nanosecond');
    total += scaled / divisor;
  }
  return text.startsWith('-') ? -total : total;
}

/** Seconds with nine decimals, the form that ClickHouse reads exactly into DateTime64(9). */
export function secondsText(ns: bigint): string {
  const seconds = ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0n ? 1n : 0n);
  return `${seconds}.${(ns - seconds * NS_PER_SECOND).toString().padStart(9, '0')}`;
}
