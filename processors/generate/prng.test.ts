import { describe, expect, it } from 'vitest';
import { Prng } from './prng.js';

describe('Prng', () => {
  it('gives the published PCG32 demo sequence (seed 42, stream 54)', () => {
    // pcg32-demo of the reference C library prints these six numbers.
    const prng = new Prng(42, 54);
    const expected = [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e];
    expect(expected.map(() => prng.u32())).toEqual(expected);
  });

  it('keeps its bounds and the UUID form', () => {
    const prng = new Prng(7);
    for (let i = 0; i < 10_000; i++) {
      const value = prng.int(-3, 5);
      expect(value >= -3 && value <= 5 && Number.isInteger(value)).toBe(true);
    }
    expect(prng.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(prng.hex(11)).toMatch(/^[0-9a-f]{11}$/);
  });
});
