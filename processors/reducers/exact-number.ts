/** Sums of JSON numbers, exact to the last digit: increments of counters and amounts never pass through a double. */
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
