/**
 * The files of an OPA bundle, from an archive or a directory, as a bundle: `.rego` files, `data.json` and `data.yaml` at
 * the path of their directory, the manifest. Compiled policies and signatures are passed over. Pure.
 */
import { parse as parseYaml } from 'yaml';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { canonicalJson, canonicalOf, objectText } from '../sources/canonical-json.js';
import { type Bundle, mergeObjects, type RegoVersion } from './bundle.js';
import type { TarFile } from './tar-files.js';

export interface BundleFiles {
  readonly bundle: Bundle;
  /** As the manifest says; empty: it does not. */
  readonly revision: string;
}

interface Manifest {
  readonly revision?: unknown;
  readonly rego_version?: unknown;
}

/** Errors: bundle_invalid, with the file in the message. */
export function bundleOfFiles(files: readonly TarFile[]): BundleFiles {
  const modules = new Map<string, string>();
  let data = '{}';
  let manifest: Manifest = {};
  for (const { path, bytes } of files) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.endsWith('.rego')) modules.set(path, utf8(path, bytes));
    else if (path === '.manifest')
      manifest = JSON.parse(within(path, () => canonicalJson(bytes))) as Manifest;
    else if (name === 'data.json' || name === 'data.yaml' || name === 'data.yml') {
      const text = within(path, () => (name === 'data.json' ? canonicalJson(bytes) : yamlText(bytes)));
      data = mergeObjects(data, placed(path.split('/').slice(0, -1), path, text), '');
    }
  }
  return {
    bundle: { regoVersion: regoVersionOf(manifest), modules, data },
    revision: typeof manifest.revision === 'string' ? manifest.revision : '',
  };
}

/** The document below the names of its directory. */
function placed(names: readonly string[], path: string, text: string): string {
  if (names.length === 0 && !text.startsWith('{'))
    throw new RewindError('bundle_invalid', `${excerpt(path)}: data is an object, not ${excerpt(text)}`);
  return names.reduceRight((inner, name) => objectText([[name, inner]]), text);
}

/** Whole numbers keep their digits; YAML's decimals are what YAML readers make of them. */
function yamlText(bytes: Buffer): string {
  return canonicalOf(parseYaml(bytes.toString('utf8'), { intAsBigInt: true }) ?? {});
}

function regoVersionOf({ rego_version }: Manifest): RegoVersion {
  return rego_version === 0 ? 0 : 1;
}

function utf8(path: string, bytes: Buffer): string {
  return within(path, () => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new RewindError('bundle_invalid', `${excerpt(path)}: ${(cause as Error).message}`, { cause });
  }
}
