/**
 * Two hundred policies that mean harm or make no sense, in families. Each says how it must end: refused by the compiler,
 * or stopped at a limit of its own; `any` where it depends on the machine which limit comes first.
 */
import type { PolicySource } from '../../policy/contract.js';

export interface Hostile {
  readonly name: string;
  readonly source: PolicySource;
  /** Codes with which it may end, at compiling or at deciding; `value` and `undefined` are decisions. */
  readonly ends: readonly string[];
}

const BUSY = ['policy_timeout', 'policy_memory'];
const REFUSED = ['policy_invalid'];
const FORBIDDEN = ['builtin_not_allowed', 'policy_invalid'];
const HARMLESS = ['value', 'undefined', 'policy_error'];
const COMPILE_LIMIT = ['policy_compile_timeout', 'policy_compile_memory', 'policy_too_large'];

const policy = (
  name: string,
  body: string,
  ends: readonly string[],
  more: Partial<PolicySource> = {},
): Hostile => ({
  name,
  source: { modules: { 'p.rego': `package p\n\n${body}\n` }, ...more },
  ends,
});

const times = (count: number, make: (n: number) => string, by = '; '): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(by);

/** Names of variables, one for each n. */
const v = (n: number): string => `v${n}`;

function loops(): Hostile[] {
  const family: Hostile[] = [];
  for (const depth of [3, 4, 5, 6]) {
    for (const size of [2_000, 10_000, 50_000]) {
      const some = times(depth, (n) => `some ${v(n)} in numbers.range(1, ${size})`);
      family.push(policy(`loops ${depth} × ${size}`, `d if { ${some}; ${v(0)} < 0 }`, BUSY));
      const items = times(depth, (n) => `some ${v(n)} in input.numbers`);
      family.push(
        policy(
          `input loops ${depth} × ${size}`,
          `d if { ${items}; ${items.replaceAll('v', 'w')}; w0 < 0 }`,
          BUSY,
        ),
      );
      family.push(policy(`counted ${depth} × ${size}`, `d := count([1 | ${some}])`, BUSY));
      family.push(
        policy(`set ${depth} × ${size}`, `d := count({[${times(depth, v, ', ')}] | ${some}})`, BUSY),
      );
    }
  }
  return family;
}

function memory(): Hostile[] {
  const family: Hostile[] = [];
  for (const doublings of [24, 28, 32, 40]) {
    const text = times(doublings, (n) => `s${n + 1} := concat("", [s${n}, s${n}])`);
    family.push(
      policy(`text doubled ${doublings}`, `d := count(s${doublings}) if { s0 := "xxxxxxxx"; ${text} }`, [
        ...BUSY,
        'policy_error',
      ]),
    );
    const arrays = times(doublings, (n) => `a${n + 1} := array.concat(a${n}, a${n})`);
    family.push(
      policy(
        `array doubled ${doublings}`,
        `d := count(a${doublings}) if { a0 := [1, 2, 3, 4]; ${arrays} }`,
        BUSY,
      ),
    );
    const objects = times(doublings, (n) => `o${n + 1} := {"a": o${n}, "b": o${n}}`);
    family.push(
      policy(`object doubled ${doublings}`, `d := o${doublings} if { o0 := {"x": 1}; ${objects} }`, [
        ...BUSY,
        'policy_result_too_large',
        'policy_input_invalid',
      ]),
    );
    family.push(
      policy(
        `object walked ${doublings}`,
        `d := count([1 | walk(o${doublings}, _)]) if { o0 := {"x": 1}; ${objects} }`,
        BUSY,
      ),
    );
    family.push(
      policy(
        `sprintf doubled ${doublings}`,
        `d := count(s${doublings}) if { s0 := "xxxxxxxx"; ${times(doublings, (n) => `s${n + 1} := sprintf("%s%s", [s${n}, s${n}])`)} }`,
        [...BUSY, 'policy_error'],
      ),
    );
    family.push(
      policy(
        `replaced ${doublings}`,
        `d := count(s${doublings}) if { s0 := "xxxx"; ${times(doublings, (n) => `s${n + 1} := replace(s${n}, "x", "xx")`)} }`,
        [...BUSY, 'policy_error'],
      ),
    );
  }
  for (const size of [10_000_000, 100_000_000, 1_000_000_000])
    family.push(
      policy(`range ${size}`, `d := numbers.range(1, ${size})`, BUSY),
      policy(`range sum ${size}`, `d := sum(numbers.range(1, ${size}))`, BUSY),
    );
  for (const width of [200_000, 1_000_000, 5_000_000])
    family.push(
      policy(`padded ${width}`, `d := sprintf("%${width}d", [1])`, [
        ...BUSY,
        ...HARMLESS,
        'policy_result_too_large',
      ]),
    );
  family.push(
    policy('large result', 'd := [x | some x in numbers.range(1, 300000)]', [
      'policy_result_too_large',
      ...BUSY,
    ]),
    policy('cidr of the world', 'd := count(net.cidr_expand("0.0.0.0/0"))', [...BUSY, 'policy_error']),
    policy('cidr of ipv6', 'd := count(net.cidr_expand("::/0"))', [...BUSY, 'policy_error']),
    policy('shifted far', 'd := bits.lsh(1, 1000000000)', [...BUSY, ...HARMLESS]),
    policy(
      'power tower',
      `d := p20 if { p0 := 123456789; ${times(20, (n) => `p${n + 1} := p${n} * p${n}`)} }`,
      [...BUSY, ...HARMLESS, 'policy_result_too_large', 'policy_input_invalid'],
    ),
    policy('number of exponents', 'd := 1e999999999 + 1', [
      ...BUSY,
      ...HARMLESS,
      'policy_input_invalid',
      'policy_invalid',
    ]),
    policy('formatted exponent', 'd := format_int(1e100000000, 10)', [...BUSY, ...HARMLESS, ...REFUSED]),
    policy(
      'yaml of aliases',
      `d := count(yaml.unmarshal("${times(20, (n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1},*a${n - 1},*a${n - 1}`}]`, '\\n')}"))`,
      [...BUSY, ...HARMLESS],
    ),
  );
  return family;
}

function patterns(): Hostile[] {
  const long = 'strings.reverse(concat("", [x | some i in numbers.range(1, 50000); x := "a"]))';
  return [
    policy('evil regex', `d := regex.match("(a+)+$", ${long})`, [...HARMLESS, ...BUSY]),
    policy('evil split', `d := count(regex.split("(a|aa)+$", ${long}))`, [...HARMLESS, ...BUSY]),
    policy('huge repetition', 'd := regex.match("((a{1,1000}){1,1000}){1,1000}", "a")', [
      ...HARMLESS,
      ...BUSY,
    ]),
    policy(
      'thousand groups',
      `d := regex.match("${'(a?)'.repeat(2000)}${'a'.repeat(2000)}", "${'a'.repeat(2000)}")`,
      [...HARMLESS, ...BUSY],
    ),
    policy('many matches', `d := count(regex.find_all_string_submatch_n("(((a)))", ${long}, -1))`, [
      ...HARMLESS,
      ...BUSY,
    ]),
    policy('replace by groups', `d := count(regex.replace(${long}, "(a)", "$1$1$1$1$1$1$1$1$1$1$1$1"))`, [
      ...HARMLESS,
      ...BUSY,
    ]),
    policy('glob of stars', `d := glob.match("${'*a'.repeat(200)}", [], ${long})`, [...HARMLESS, ...BUSY]),
    policy('glob of choices', `d := glob.match("${'{a,b}'.repeat(400)}", [], "x")`, [...HARMLESS, ...BUSY]),
    policy('unclosed', 'd := regex.match("(", "x")', HARMLESS),
    policy('template', 'd := regex.template_match("{{{{{{", "x", "{", "}")', HARMLESS),
    policy('empty replaced', 'd := replace("aaaa", "", "b")', HARMLESS),
    policy(
      'rendered for ever',
      'd := strings.render_template("{{range $i, $x := .a}}{{range $.a}}{{range $.a}}{{.}}{{end}}{{end}}{{end}}", {"a": numbers.range(1, 3000)})',
      [...BUSY, ...HARMLESS, 'policy_result_too_large', 'policy_invalid'],
    ),
  ];
}

function forbidden(): Hostile[] {
  const calls = [
    'http.send({"method": "get", "url": "http://169.254.169.254/"})',
    'net.lookup_ip_addr("example.com")',
    'opa.runtime()',
    'rand.intn("x", 5)',
    'uuid.rfc4122("x")',
    'io.jwt.encode_sign({}, {}, {})',
    'json.match_schema({}, {"$ref": "http://example.com/"})',
    'json.verify_schema({"$ref": "file:///etc/passwd"})',
    'providers.aws.sign_req({}, {}, 1)',
    'crypto.x509.parse_and_verify_certificates("x")',
  ];
  return calls.flatMap((call) => [
    policy(`call ${call}`, `d := ${call}`, FORBIDDEN),
    policy(`hidden ${call}`, `d := [x | some y in [1]; x := f(y)]\nf(_) := ${call}`, FORBIDDEN),
    policy(`mocked ${call}`, `d := x if { x := g with input as 1 }\ng := ${call}`, FORBIDDEN),
    policy(`as value ${call}`, `d if { count("x") == 1 with count as ${call.split('(')[0]} }`, FORBIDDEN),
  ]);
}

function broken(): Hostile[] {
  const texts = [
    'd := {',
    'd if {',
    'd := [1, 2',
    'd := "unclosed',
    'd := `raw',
    'd = = 1',
    'if if if',
    'd := 1 else',
    'package q',
    'import data.',
    'd { true }',
    'd := x',
    'd := f(1)',
    'f(x) := f(x)\nd := f(1)',
    'd if e\ne if d',
    'd if not d',
    'd := count()',
    'd := count(1, 2, 3)',
    'd := 1 + "a"',
    'd contains x',
    'd[x] := 1',
    'default d := input.x',
    'default d := 1\ndefault d := 2',
    'd := 1\nd(x) := 2',
    'import rego.v9\nd := 1',
    'import future.keywords.nope\nd := 1',
    'd := data.p.d',
    'd := data[input.x][input.y]',
    '\u0000',
    '\ufeffd := 1 }',
    '☃ := 1',
    'd := 0x',
    'd := 1e',
    'd := "\\q"',
    'd := "\ud800"',
    'd := 1 with',
    'd := 1 with foo as 2',
    'd := input as x',
    'every x in [] {}',
    'some x\n',
    'd if some x',
    'd := {"a": 1, "a"}',
    'd := {1, 2: 3}',
    'd := [1 | ]',
    'd := {x: y | }',
    'a := b\nb := c\nc := a\nd := a',
    'd if { x := 1; x := 2 }',
    'd if { 1 := x }',
    'input := 1\nd := input',
    'data := 1',
    'd.e := 1\nd := 2',
    'd := "a" "b"',
  ];
  return texts.map((text, n) =>
    policy(`broken ${n}: ${JSON.stringify(text)}`, text, [...REFUSED, 'entrypoint_unknown', ...HARMLESS]),
  );
}

function huge(): Hostile[] {
  const fine = [
    ...HARMLESS,
    ...BUSY,
    ...COMPILE_LIMIT,
    ...REFUSED,
    'policy_result_too_large',
    'policy_input_invalid',
  ];
  const family: Hostile[] = [];
  for (const size of [1_000, 10_000, 40_000]) {
    family.push(
      policy(`literal ${size}`, `d := [${times(size, String, ',')}]`, fine),
      policy(`text ${size}`, `d := "${'x'.repeat(size * 5)}"`, fine),
      policy(`comments ${size}`, `${'#'.repeat(size)}\nd := 1`, fine),
      policy(`nested arrays ${size}`, `d := ${'['.repeat(size)}${']'.repeat(size)}`, fine),
      policy(`nested parentheses ${size}`, `d := ${'('.repeat(size)}1${')'.repeat(size)}`, fine),
      policy(`nested objects ${size}`, `d := ${'{"a":'.repeat(size)}1${'}'.repeat(size)}`, fine),
      policy(`sum ${size}`, `d := ${times(size, () => '1', ' + ')}`, fine),
      policy(`not ${size}`, `d if { ${'not '.repeat(size)}true }`, fine),
      policy(`number ${size}`, `d := ${'9'.repeat(size * 5)}`, fine),
    );
  }
  for (const size of [200, 1_000, 3_000]) {
    family.push(
      policy(
        `rules ${size}`,
        times(size, (n) => `r${n} := ${n === 0 ? '1' : `r${n - 1} + 1`}`, '\n'),
        fine,
      ),
      policy(
        `clauses ${size}`,
        times(size, (n) => `d if input.x == ${n}`, '\n'),
        fine,
      ),
      policy(
        `functions ${size}`,
        `${times(size, (n) => `f${n}(x) := ${n === 0 ? 'x' : `f${n - 1}(x) + f${n - 1}(x)`}`, '\n')}\nd := f${size - 1}(1)`,
        fine,
      ),
      policy(
        `else ${size}`,
        `d := 1 if input.x == 0\n${times(size, (n) => `else := ${n} if input.x == ${n}`, '\n')}`,
        fine,
      ),
      policy(
        `comprehensions ${size}`,
        `d := ${'[x | x := '.repeat(Math.min(size, 1000))}1${']'.repeat(Math.min(size, 1000))}`,
        fine,
      ),
    );
  }
  return family;
}

function cyclic(): Hostile[] {
  const family: Hostile[] = [];
  for (const length of [1, 2, 3, 10, 100])
    family.push(
      policy(
        `cycle of ${length}`,
        times(length, (n) => `r${n} := r${(n + 1) % length}`, '\n'),
        REFUSED,
      ),
      policy(
        `cycle of functions ${length}`,
        `${times(length, (n) => `f${n}(x) := f${(n + 1) % length}(x)`, '\n')}\nd := f0(1)`,
        REFUSED,
      ),
    );
  return family;
}

export const HOSTILE: readonly Hostile[] = [
  ...loops(),
  ...memory(),
  ...patterns(),
  ...forbidden(),
  ...broken(),
  ...huge(),
  ...cyclic(),
];
