/**
 * One spelling per JSON number, exact to the last digit. Used by canonical-json.ts; nothing here touches a double.
 *
 * A number is its significant digits d₁…d_k (no zero at either end) times a power of ten. Its text is
 * - `0` for zero (`-0`, `0.0` and `0e9` too: JSON has no negative zero worth keeping apart);
 * - all digits written out while at most 20 zeros have to be added behind them, or at most 5 between the point and
 *   them: `100`, `12345678901234567890123456789`, `1.5`, `0.000001`;
 * - `d.ddde±n` beyond: `1e+21`, `1.5e-7`, `1e+400`. So a short token never becomes a long string.
 * `1`, `1.0`, `10e-1` are one text, `1`. This is how JavaScript prints doubles, without its limit of 17 digits.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';

/** Zeros written behind the digits of an integer before it takes an exponent. */
export const TRAILING_ZEROS_MAX = 20;
/** Zeros written between the point and the first digit before a fraction takes an exponent. */
export const LEADING_ZEROS_MAX = 5;
/** Exponents beyond are refused: their sums would leave the integers that a double holds. */
const EXPONENT_MAX = 999_999_999;

const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** The canonical text of a JSON number token. Errors: json_number_invalid. */
export function canonicalNumber(token: string): string {
  const match = NUMBER.exec(token);
  if (match === null) throw new RewindError('json_number_invalid', `not a JSON number: ${excerpt(token)}`);
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const all = whole + fraction;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === 48) first++;
  if (first === all.length) return '0';
  let end = all.length;
  while (all.charCodeAt(end - 1) === 48) end--;
  const exponent = Number(exponentText);
  if (!(Math.abs(exponent) <= EXPONENT_MAX)) {
    throw new RewindError('json_number_invalid', `exponent beyond ${EXPONENT_MAX}: ${excerpt(token)}`);
  }
  // value = 0.digits × 10^point
  return sign + spell(all.slice(first, end), whole.length + exponent - first);
}

/** `digits` without zeros at either end; the value is 0.digits × 10^point. */
function spell(digits: string, point: number): string {
  const count = digits.length;
  if (point >= count) {
    const zeros = point - count;
    return zeros <= TRAILING_ZEROS_MAX ? digits + '0'.repeat(zeros) : scientific(digits, point - 1);
  }
  if (point > 0) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  return -point <= LEADING_ZEROS_MAX ? `0.${'0'.repeat(-point)}${digits}` : scientific(digits, point - 1);
}

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** The exact text of unscaled × 10^-scale, as Avro and SQL decimals have it. */
export function decimalText(unscaled: bigint, scale: number): string {
  return canonicalNumber(`${unscaled}e${-scale}`);
}
