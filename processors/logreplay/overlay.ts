/** Proposed policies laid over those of a bundle. Pure. */

/** Rego by the path that it is proposed for: a file of the bundle, or a package. */
export type ProposedPolicies = ReadonlyMap<string, string>;

/**
 * The bundle's modules with each proposal in place of what it changes: the file of that path, with or without `.rego`; else
 * every file of that package; else nothing, and it is added.
 */
export function overlaid(
  modules: ReadonlyMap<string, string>,
  proposed: ProposedPolicies,
): Map<string, string> {
  const result = new Map(modules);
  for (const [key, rego] of proposed) {
    for (const path of replacedBy(modules, key)) result.delete(path);
    result.set(key, rego);
  }
  return result;
}

function replacedBy(modules: ReadonlyMap<string, string>, key: string): string[] {
  const wanted = bare(key);
  const files = [...modules.keys()].filter((path) => bare(path) === wanted);
  if (files.length > 0) return files;
  return [...modules].filter(([, rego]) => packageOf(rego) === wanted).map(([path]) => path);
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
