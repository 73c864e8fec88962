/**
 * The oracle's own JSON: a plain recursive parser that keeps every digit, and the canonical text of a value by the
 * documented rules. Written apart from processors/sources on purpose.
 */

/** An exact decimal: digits × 10^power, digits not divisible by ten; zero is 0 × 10^0. */
export class Decimal {
  constructor(
    readonly digits: bigint,
    readonly power: number,
  ) {}
}

export type Json = null | boolean | string | Decimal | readonly Json[] | ReadonlyMap<string, Json>;

export class NotJson extends Error {}

const DEPTH_MAX = 64;

/** Throws NotJson for anything that RFC 8259 forbids, and for double keys, lone surrogates, more than 64 levels. */
export function parseJson(text: string): Json {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  #at = 0;
  constructor(readonly text: string) {}

  value(depth: number): Json {
    this.#space();
    const c = this.text[this.#at];
    if (c === '{' || c === '[') {
      if (depth >= DEPTH_MAX) throw new NotJson('too deep');
      return c === '{' ? this.#object(depth) : this.#array(depth);
    }
    if (c === '"') return this.#string();
    for (const [word, value] of [
      ['null', null] as const,
      ['true', true] as const,
      ['false', false] as const,
    ]) {
      if (this.text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  end(): void {
    this.#space();
    if (this.#at < this.text.length) throw new NotJson(`trailing text at ${this.#at}`);
  }

  #space(): void {
    while (' \t\n\r'.includes(this.text[this.#at] ?? 'x')) this.#at++;
  }

  #take(c: string): boolean {
    this.#space();
    if (this.text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  #need(c: string): void {
    if (!this.#take(c)) throw new NotJson(`expected ${c} at ${this.#at}`);
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#need('{');
    if (this.#take('}')) return members;
    do {
      this.#space();
      const key = this.#string();
      if (members.has(key)) throw new NotJson('double key');
      this.#need(':');
      members.set(key, this.value(depth + 1));
    } while (this.#take(','));
    this.#need('}');
    return members;
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#need('[');
    if (this.#take(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.#take(','));
    this.#need(']');
    return items;
  }

  #string(): string {
    const match = /"(?:[^"\\]|\\.)*"/y;
    match.lastIndex = this.#at;
    const token = match.exec(this.text)?.[0];
    if (token === undefined) throw new NotJson(`bad string at ${this.#at}`);
    this.#at += token.length;
    const value = stringOf(token);
    if (/\p{Surrogate}/u.test(value)) throw new NotJson('lone surrogate');
    return value;
  }

  #number(): Decimal {
    const match = /(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.text);
    if (found === null) throw new NotJson(`no value at ${this.#at}`);
    this.#at += found[0].length;
    const fraction = found[3] ?? '';
    return decimal(BigInt(`${found[1]}${found[2]}${fraction}`), Number(found[4] ?? 0) - fraction.length);
  }
}

/** JSON.parse knows the escapes and refuses control characters. */
function stringOf(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw new NotJson('bad string');
  }
}

function decimal(digits: bigint, power: number): Decimal {
  if (digits === 0n) return new Decimal(0n, 0);
  let d = digits;
  let p = power;
  while (d % 10n === 0n) {
    d /= 10n;
    p++;
  }
  return new Decimal(d, p);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const power = Math.min(a.power, b.power);
  const scaled = (x: Decimal) => x.digits * 10n ** BigInt(x.power - power);
  return decimal(scaled(a) + scaled(b), power);
}

/** Canonical text: sorted keys, no space, fewest escapes, one spelling per number. */
export function text(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quote(value);
  if (value instanceof Decimal) return numberText(value);
  if (value instanceof Map) return objectText([...value].sort((a, b) => byBytes(a[0], b[0])));
  return `[${(value as readonly Json[]).map(text).join(',')}]`;
}

export function objectText(members: readonly (readonly [string, Json])[]): string {
  return `{${members.map(([key, value]) => `${quote(key)}:${text(value)}`).join(',')}}`;
}

/** Up to twenty zeros behind, or five between point and digits, are written out; beyond that an exponent is. */
function numberText({ digits, power }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const d = String(digits < 0n ? -digits : digits);
  const point = d.length + power;
  if (digits === 0n) return '0';
  if (power >= 0 && power <= 20) return sign + d + '0'.repeat(power);
  if (power < 0 && point > 0) return `${sign}${d.slice(0, point)}.${d.slice(point)}`;
  if (power < 0 && point > -6) return `${sign}0.${'0'.repeat(-point)}${d}`;
  const mantissa = d.length > 1 ? `${d[0]}.${d.slice(1)}` : d;
  return `${sign}${mantissa}e${point > 0 ? '+' : ''}${point - 1}`;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quote(value: string): string {
  if (/^[ !#-[\]-~]*$/.test(value)) return `"${value}"`;
  let out = '"';
  for (const c of value) {
    const short = SHORT[c];
    if (short !== undefined) out += short;
    else if (c < ' ') out += `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
    else out += c;
  }
  return `${out}"`;
}

/** Order of the UTF-8 bytes. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function isObject(value: Json | undefined): value is ReadonlyMap<string, Json> {
  return value instanceof Map;
}

/** RFC 6901. undefined: nothing there. */
export function pointTo(value: Json, pointer: string): Json | undefined {
  let at: Json | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isObject(at)) at = at.get(name);
    else if (Array.isArray(at)) at = /^(0|[1-9]\d*)$/.test(name) ? (at as Json[])[Number(name)] : undefined;
    else return undefined;
  }
  return at;
}
