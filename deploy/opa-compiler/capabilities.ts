/**
 * What policies may call: OPA's builtins less those that look at the world, which are answered from the log or not at
 * all, and those named here. `npm run build:opa-compiler` writes the rest as capabilities.json, which is what the
 * compiler goes by: a builtin that a later OPA brings is not allowed before somebody has looked at it.
 */

/** Refused in every policy, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  'crypto.x509.parse_and_verify_certificates': 'looks at the clock of the machine',
  'crypto.x509.parse_and_verify_certificates_with_options': 'looks at the clock of the machine',
  'internal.test_case': 'belongs to `opa test`',
  'json.match_schema': 'follows references in schemas to other hosts',
  'json.verify_schema': 'follows references in schemas to other hosts',
  'providers.aws.sign_req': 'signs requests that nothing here could send',
};

export interface Capabilities {
  readonly builtins: readonly Builtin[];
  readonly [part: string]: unknown;
}

export interface Builtin {
  readonly name: string;
  readonly nondeterministic?: boolean;
}

/** `all`: OPA's own, as JSON. One builtin a line, without what is only said about it. */
export function allowedCapabilities(all: string): string {
  const { builtins, ...rest } = JSON.parse(all) as Capabilities;
  const allowed = builtins.filter(({ name }) => !Object.hasOwn(REFUSED, name)).map(plain);
  // Schemas could name hosts even so.
  const parts = Object.entries({ ...rest, allow_net: [] }).map(
    ([name, part]) => `${JSON.stringify(name)}: ${JSON.stringify(part)}`,
  );
  const lines = allowed.map((builtin) => `  ${JSON.stringify(builtin)}`);
  return `{\n${parts.join(',\n')},\n"builtins": [\n${lines.join(',\n')}\n]\n}\n`;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const told = Object.entries(value).filter(([name]) => name !== 'description' && name !== 'categories');
  return Object.fromEntries(told.map(([name, part]) => [name, plain(part)]));
}
