/** Rego packages without a rule. They have no value, which is what no package gives; OPA's compiler to WebAssembly takes none. */

/** Where no module holds a rule: something to compile, under which every path is undefined. */
const NO_RULES = { 'none.rego': 'package rewind_no_rules\n\nnone := null\n' };

/** The modules that hold a rule, by their paths. */
export function withRules(modules: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ruling = Object.entries(modules).filter(([, rego]) => !isBare(rego));
  return ruling.length === 0 ? NO_RULES : Object.fromEntries(ruling);
}

/** Nothing but comments, a package and imports. What is no Rego at all is left for the compiler to refuse. */
function isBare(rego: string): boolean {
  const lines = rego.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return (
    said.length > 0 &&
    said.every((line) => /^(package|import)\s+[\w.[\]"]+(\s+as\s+\w+)?(\s*#.*)?$/.test(line))
  );
}
