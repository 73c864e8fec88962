import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { MAX_OCCURRED_AT_NS, MIN_OCCURRED_AT_NS } from '../../schemas/event.js';
import { formatRfc3339Ns, parseDurationNs, parseRfc3339Ns } from './time.js';

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RewindError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('RFC 3339', () => {
  const table: [string, bigint][] = [
    ['1970-01-01T00:00:00Z', 0n],
    ['2024-01-15T10:30:00Z', 1_705_314_600_000_000_000n],
    ['2024-01-15T10:30:00.000000001Z', 1_705_314_600_000_000_001n],
    ['2024-01-15t10:30:00.5z', 1_705_314_600_500_000_000n],
    ['2024-01-15 10:30:00Z', 1_705_314_600_000_000_000n],
    ['2024-01-15T12:30:00+02:00', 1_705_314_600_000_000_000n],
    ['2024-01-15T05:00:00-05:30', 1_705_314_600_000_000_000n],
    ['2024-01-15T10:30:00-00:00', 1_705_314_600_000_000_000n],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
    ['2017-01-01T00:59:60.25+01:00', 1_483_228_800_250_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['1900-01-01T00:00:00Z', MIN_OCCURRED_AT_NS],
    ['2262-04-11T23:47:15.999999999Z', MAX_OCCURRED_AT_NS - 1n],
  ];
  it.each(table)('%s', (text, ns) => expect(parseRfc3339Ns(text)).toBe(ns));

  const bad: [string, string][] = [
    ['2024-01-15T10:30:00', 'time_zone_missing'],
    ['2024-01-15T10:30:00.5', 'time_zone_missing'],
    ['2024-01-15', 'time_invalid: 2024-01-15: a date alone'],
    ['2024-01-15T10:30:00.0123456789Z', 'at most 9 digits'],
    ['2023-02-29T00:00:00Z', 'no such date'],
    ['2024-13-01T00:00:00Z', 'no such date'],
    ['2024-04-31T00:00:00Z', 'no such date'],
    ['2024-01-00T00:00:00Z', 'no such date'],
    ['2024-01-15T24:00:00Z', 'no such date'],
    ['2024-01-15T10:60:00Z', 'no such date'],
    ['2024-01-15T10:30:61Z', 'no such date'],
    ['2024-01-15T10:30:60Z', 'second 60'],
    ['2024-01-15T23:59:60Z', 'second 60'],
    ['2024-01-15T10:30:00+24:00', 'an offset'],
    ['1899-12-31T23:59:59.999999999Z', 'time_out_of_range'],
    ['2262-04-11T23:47:16Z', 'time_out_of_range'],
    ['9999-12-31T23:59:59Z', 'time_out_of_range'],
    ['1705314600', 'looks like seconds'],
    ['1705314600000', 'looks like milliseconds'],
    ['1705314600000000', 'looks like microseconds'],
    ['1705314600000000000', 'looks like nanoseconds'],
    ['yesterday', 'time_invalid'],
    ['', 'time_invalid'],
    ['2024-01-15T10:30:00Z ', 'time_invalid'],
    ['+02024-01-15T10:30:00Z', 'time_invalid'],
  ];
  it.each(bad)('%s is refused', (text, message) =>
    expect(failure(() => parseRfc3339Ns(text))).toContain(message),
  );

  it('prints as short as exact', () => {
    expect(formatRfc3339Ns(1_705_314_600_000_000_000n)).toBe('2024-01-15T10:30:00Z');
    expect(formatRfc3339Ns(1_705_314_600_500_000_000n)).toBe('2024-01-15T10:30:00.5Z');
    expect(formatRfc3339Ns(1_705_314_600_000_000_010n)).toBe('2024-01-15T10:30:00.00000001Z');
    expect(formatRfc3339Ns(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
    expect(formatRfc3339Ns(MIN_OCCURRED_AT_NS)).toBe('1900-01-01T00:00:00Z');
  });

  it('reads what it prints, and agrees with Date to the millisecond', () => {
    const any = fc.bigInt(MIN_OCCURRED_AT_NS, MAX_OCCURRED_AT_NS - 1n);
    fc.assert(
      fc.property(any, (ns) => {
        expect(parseRfc3339Ns(formatRfc3339Ns(ns))).toBe(ns);
      }),
    );
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2262-01-01'), noInvalidDate: true }),
        (date) => {
          expect(parseRfc3339Ns(date.toISOString())).toBe(BigInt(date.getTime()) * 1_000_000n);
        },
      ),
    );
  });
});

describe('durations', () => {
  const table: [string, bigint][] = [
    ['0', 0n],
    ['1h30m', 5_400_000_000_000n],
    ['7d', 604_800_000_000_000n],
    ['1.5s', 1_500_000_000n],
    ['-250ms', -250_000_000n],
    ['+3us', 3000n],
    ['3µs', 3000n],
    ['1d2h3m4s5ms6us7ns', 93_784_005_006_007n],
  ];
  it.each(table)('%s', (text, ns) => expect(parseDurationNs(text)).toBe(ns));
  it.each(['', '-', '5', '1h30', 'h', '1.h', '1 h', '1w', '0.5ns', '1e3s'])('%j is refused', (text) => {
    expect(failure(() => parseDurationNs(text))).toContain('time_invalid');
  });
});
