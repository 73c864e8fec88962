/**
 * Conditions as SQL on rows of snapshots: what can be decided by the bytes of a field is decided there; for the rest the SQL
 * lets through what may hold, and evaluate.ts decides. Pure: builds texts.
 */
import { quote, unquote } from '../sources/json-text.js';
import type { Clause } from '../store/selection.js';
import type { Condition } from './predicate.js';

export interface Narrowing extends Clause {
  /** True: the SQL lets through exactly what holds. */
  readonly exact: boolean;
  /** `[value of the field of each condition]`, as an expression. */
  readonly values: string;
}

/** Of the last digits that a double has, some may be wrong, and of the smallest ones all. */
const DOUBLE_SLACK = 1e-9;
const DOUBLE_SMALLEST = 1e-300;

export function narrow(conditions: readonly Condition[]): Narrowing {
  const params: Record<string, unknown> = {};
  const fields = conditions.map((condition, i) => {
    params[`field${i}`] = quote(condition.tokens[0]);
    return `splitByChar('\\n', s.state)[indexOf(splitByChar('\\n', toString(s.shape)), {field${i}:String})]`;
  });
  const parts = conditions.map((condition, i) => {
    const part = partOf(condition, fields[i]!, `{value${i}:String}`);
    params[`value${i}`] = part.value ?? condition.value;
    return part;
  });
  return {
    sql: parts.map(({ sql }) => `(${sql})`).join(' AND '),
    params,
    exact: parts.every(({ exact }) => exact),
    values: `[${fields.join(', ')}]`,
  };
}

interface Part {
  readonly sql: string;
  readonly exact: boolean;
  /** What the parameter is bound to, where it is not the condition's value. */
  readonly value?: string;
}

function partOf(condition: Condition, field: string, value: string): Part {
  const { operator, value: given } = condition;
  const nested = condition.tokens.length > 1;
  const there = `${field} != ''`;
  switch (operator) {
    case 'exists':
      return { sql: there, exact: !nested };
    case 'missing':
      return nested ? { sql: '1', exact: false } : { sql: `${field} = ''`, exact: true };
    case 'eq':
      return nested
        ? { sql: `position(${field}, ${value}) > 0`, exact: false }
        : { sql: `${field} = ${value}`, exact: true };
    case 'ne':
      return nested
        ? { sql: there, exact: false }
        : { sql: `${there} AND ${field} != ${value}`, exact: true };
    case 'contains':
      // Whatever is in a canonical text has its own canonical text in there.
      return {
        sql: `position(${field}, ${value}) > 0`,
        exact: false,
        value: given.startsWith('"') ? given.slice(1, -1) : given,
      };
    case 'matches':
      return nested
        ? { sql: there, exact: false, value: unquote(given) }
        : {
            sql: `startsWith(${field}, '"') AND match(JSONExtractString(${field}), ${value})`,
            exact: true,
            value: unquote(given),
          };
    default:
      return nested ? { sql: there, exact: false } : { sql: inOrder(operator, field, given), exact: false };
  }
}

function inOrder(operator: 'lt' | 'le' | 'gt' | 'ge', field: string, given: string): string {
  if (!/^[-\d]/.test(given)) return `startsWith(${field}, '"')`;
  const number = Number(given);
  const isNumber = `match(${field}, '^[-0-9]')`;
  // Rounding keeps the order; what a double cannot hold is left to the digits.
  const slack = Math.abs(number) * DOUBLE_SLACK + DOUBLE_SMALLEST;
  const up = operator === 'gt' || operator === 'ge';
  const bound = up ? number - slack : number + slack;
  if (!Number.isFinite(bound)) return isNumber;
  return `${isNumber} AND ifNull(toFloat64OrNull(${field}), ${up ? 'inf' : '-inf'}) ${up ? '>=' : '<='} toFloat64('${bound}')`;
}
