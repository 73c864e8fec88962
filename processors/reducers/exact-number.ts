/** Sums and order of JSON numbers, exact to the last digit: increments of counters and amounts never pass through a double. */
import { decimalText } from '../sources/canonical-number.js';

/** Longer numbers, and numbers further apart, are refused: a few bytes of input must not become a long sum. */
const DIGITS_MAX = 10_000;
/** Well within the exponents that canonical numbers may have. */
const SCALE_MAX = 900_000_000;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/** The canonical text of a + b, both canonical JSON numbers; null where one is no number or the sum is too long. */
export function addNumbers(a: string, b: string): string | null {
  const left = parse(a);
  const right = parse(b);
  if (left === null || right === null) return null;
  const scale = Math.max(left.scale, right.scale);
  const shiftLeft = scale - left.scale;
  const shiftRight = scale - right.scale;
  if (shiftLeft > DIGITS_MAX || shiftRight > DIGITS_MAX || Math.abs(scale) > SCALE_MAX) return null;
  return decimalText(
    left.unscaled * 10n ** BigInt(shiftLeft) + right.unscaled * 10n ** BigInt(shiftRight),
    scale,
  );
}

/** value = unscaled × 10^-scale */
function parse(token: string): { unscaled: bigint; scale: number } | null {
  if (token.length > DIGITS_MAX) return null;
  const match = NUMBER.exec(token);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  return { unscaled: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length - Number(exponent) };
}

/**
 * The order of two canonical JSON numbers: negative, 0 or positive. Numbers of any length and exponent: nothing is
 * multiplied out, their digits are compared from the first one on.
 */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [magnitude(a), magnitude(b)];
  if (left.sign !== right.sign) return left.sign - right.sign;
  if (left.exponent !== right.exponent) return left.exponent > right.exponent ? left.sign : -left.sign;
  const length = Math.max(left.digits.length, right.digits.length);
  const [x, y] = [left.digits.padEnd(length, '0'), right.digits.padEnd(length, '0')];
  return x === y ? 0 : x > y ? left.sign : -left.sign;
}

/** value = sign × 0.digits × 10^exponent, the first digit not 0; zero has no digits. */
function magnitude(token: string): { sign: number; digits: string; exponent: number } {
  const [, minus, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(token) ?? [];
  const all = `${whole}${fraction}`;
  const digits = all.replace(/^0+/, '');
  if (digits === '') return { sign: 0, digits: '', exponent: 0 };
  const leading = all.length - digits.length;
  return { sign: minus === '-' ? -1 : 1, digits, exponent: whole.length - leading + Number(exponent) };
}
