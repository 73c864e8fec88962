/** Proposed policies laid over those of a bundle. Pure. */

/** Rego by the path that it is proposed for: a file of the bundle, or a package. */
export type ProposedPolicies = ReadonlyMap<string, string>;

/**
 * The bundle's modules with each proposal in place of what it changes: the file of that path, with or without `.rego` and
 * whatever directories one of the two has in front; else every file of that package; else nothing, and it is added.
 */
export function overlaid(
  modules: ReadonlyMap<string, string>,
  proposed: ProposedPolicies,
): Map<string, string> {
  const result = new Map(modules);
  for (const [key, rego] of proposed) {
    for (const path of replacedBy(modules, key, rego)) result.delete(path);
    result.set(key, rego);
  }
  return result;
}

function replacedBy(modules: ReadonlyMap<string, string>, key: string, rego: string): string[] {
  const wanted = bare(key);
  const paths = [...modules.keys()];
  const same = paths.filter((path) => bare(path) === wanted);
  if (same.length > 0) return same;
  const alike = paths.filter((path) => endsWith(bare(path), wanted) || endsWith(wanted, bare(path)));
  if (alike.length === 1) return alike;
  const named = packageOf(rego) ?? wanted;
  return paths.filter((path) => packageOf(modules.get(path)!) === named);
}

function endsWith(path: string, tail: string): boolean {
  return path.endsWith(`/${tail}`);
}

function bare(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\.rego$/, '');
}

/** `package a.b["c d"]` → `a/b/c d`; null: no package is declared. OPA's compiler judges the rest. */
export function packageOf(rego: string): string | null {
  const declared = /^[ \t]*package[ \t]+([^\n#]+)/m.exec(rego)?.[1]?.trim();
  if (declared === undefined) return null;
  return [...declared.matchAll(/[A-Za-z_]\w*|"((?:[^"\\]|\\.)*)"/g)]
    .map(([name, quoted]) => quoted ?? name)
    .join('/');
}
