/**
 * A bundle: what a revision of policies consists of. Rego by path and one data document, both as text, so that no digit
 * and no character is lost. Pure.
 */
import { createHash } from 'node:crypto';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { canonicalJson, objectText } from '../sources/canonical-json.js';
import { topLevelFields } from '../sources/json-scan.js';
import { quote, unquote } from '../sources/json-text.js';

export type RegoVersion = 0 | 1;

export interface Bundle {
  readonly regoVersion: RegoVersion;
  /** Rego by path. */
  readonly modules: ReadonlyMap<string, string>;
  /** Canonical JSON of an object. */
  readonly data: string;
}

export const EMPTY_BUNDLE: Bundle = { regoVersion: 1, modules: new Map(), data: '{}' };

/** Canonical JSON of the modules, as the store keeps them. */
export function modulesText(modules: ReadonlyMap<string, string>): string {
  return objectText([...modules].map(([path, rego]) => [path, quote(rego)] as const));
}

export function modulesOf(canonical: string): Map<string, string> {
  return new Map([...topLevelFields(canonical)].map(({ name, value }) => [name, unquote(value)]));
}

export function bundleHash(bundle: Bundle): string {
  const text = `[${bundle.regoVersion},${modulesText(bundle.modules)},${bundle.data}]`;
  return createHash('sha256').update(text).digest('hex');
}

/** The members of a JSON bundle, each as it was written. Errors: field_invalid with a pointer, json_*. */
export function bundleFromJson(parts: {
  readonly modules: Readonly<Record<string, string>>;
  /** JSON text; undefined: no data. */
  readonly data: string | undefined;
  readonly regoVersion: RegoVersion;
}): Bundle {
  const data = canonicalJson(parts.data ?? '{}');
  if (!data.startsWith('{')) throw invalid('/data', `data is an object, not ${excerpt(data)}`);
  return { regoVersion: parts.regoVersion, modules: new Map(Object.entries(parts.modules)), data };
}

/**
 * Several bundles that were active at once, as one: OPA keeps their roots apart, so nothing may stand twice.
 * Errors: bundle_invalid.
 */
export function joinBundles(bundles: readonly Bundle[]): Bundle {
  const [first = EMPTY_BUNDLE, ...more] = bundles;
  return more.reduce(
    (joined, next) => ({
      regoVersion: joined.regoVersion,
      modules: joinModules(joined.modules, next.modules),
      data: mergeObjects(joined.data, next.data, ''),
    }),
    first,
  );
}

function joinModules(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Map<string, string> {
  const joined = new Map(a);
  for (const [path, rego] of b) {
    // Each bundle has paths of its own; the same file in two is told apart.
    joined.set(joined.has(path) && joined.get(path) !== rego ? `${path}#${joined.size}` : path, rego);
  }
  return joined;
}

/** Canonical objects as one; members of both must be objects again. Errors: bundle_invalid. */
export function mergeObjects(a: string, b: string, at: string): string {
  const members = new Map([...topLevelFields(a)].map(({ name, value }) => [name, value]));
  for (const { name, value } of topLevelFields(b)) {
    const known = members.get(name);
    if (known === undefined) members.set(name, value);
    else if (known.startsWith('{') && value.startsWith('{'))
      members.set(name, mergeObjects(known, value, `${at}/${name}`));
    else if (known !== value)
      throw new RewindError('bundle_invalid', `data ${excerpt(`${at}/${name}`)} stands twice`);
  }
  return objectText([...members]);
}

function invalid(pointer: string, message: string): RewindError {
  return new RewindError('field_invalid', message, { pointer });
}
