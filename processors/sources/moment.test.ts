import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRelative, parseMomentNs } from './moment.js';
import { formatRfc3339Ns } from './time.js';

const NOW = 1_705_314_600_000_000_000n; // 2024-01-15T10:30:00Z
const code = (text: string) => {
  try {
    return parseMomentNs(text, NOW);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a moment', () => {
  it('is absolute to the nanosecond', () => {
    expect(parseMomentNs('2024-01-15T10:30:00.000000001Z', 0n)).toBe(1_705_314_600_000_000_001n);
    expect(parseMomentNs('2024-01-15T11:30:00+01:00', 0n)).toBe(NOW);
  });

  it('or a duration before now, as Go writes durations, with days', () => {
    const second = 1_000_000_000n;
    expect(parseMomentNs('30s', NOW)).toBe(NOW - 30n * second);
    expect(parseMomentNs('7d', NOW)).toBe(NOW - 7n * 86_400n * second);
    expect(parseMomentNs('1h30m', NOW)).toBe(NOW - 5_400n * second);
    expect(parseMomentNs('1.5s', NOW)).toBe(NOW - 1_500_000_000n);
    expect(parseMomentNs('2h ago', NOW)).toBe(NOW - 7_200n * second);
    expect(parseMomentNs('now', NOW)).toBe(NOW);
    expect(parseMomentNs('0', NOW)).toBe(NOW);
  });

  it('refuses what is neither', () => {
    expect(code('-2h')).toBe('time_invalid');
    expect(code('+2h')).toBe('time_invalid');
    expect(code('2 weeks')).toBe('time_invalid');
    expect(code('')).toBe('time_invalid');
    expect(code('1705314600')).toBe('time_invalid');
    expect(code('2024-01-15T10:30:00')).toBe('time_zone_missing');
    expect(code('9999999d')).toBe('time_out_of_range');
    expect(code('0.1ns')).toBe('time_invalid');
  });

  it('keeps every duration exactly, and every time that RFC 3339 writes', () => {
    const units = [
      ['d', 86_400_000_000_000n],
      ['h', 3_600_000_000_000n],
      ['m', 60_000_000_000n],
      ['s', 1_000_000_000n],
      ['ms', 1_000_000n],
      ['µs', 1_000n],
      ['ns', 1n],
    ] as const;
    const parts = fc.tuple(...units.map(() => fc.integer({ min: 0, max: 999 })));
    fc.assert(
      fc.property(parts, fc.boolean(), (counts, ago) => {
        const text = units.map(([unit], index) => `${counts[index]}${unit}`).join('') + (ago ? ' ago' : '');
        const ns = units.reduce((sum, [, size], index) => sum + size * BigInt(counts[index] ?? 0), 0n);
        expect(isRelative(text)).toBe(true);
        expect(parseMomentNs(text, NOW)).toBe(NOW - ns);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -2_000_000_000_000_000_000n, max: 9_000_000_000_000_000_000n }), (ns) => {
        const text = formatRfc3339Ns(ns);
        expect(isRelative(text)).toBe(false);
        expect(parseMomentNs(text, NOW)).toBe(ns);
      }),
    );
  });

  it('never takes a text for a time without an error of its own', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = code(text);
        expect(typeof found === 'bigint' || found.startsWith('time_')).toBe(true);
      }),
    );
  });
});
