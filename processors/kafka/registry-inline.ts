/**
 * Registry schemas may name types of other subjects ("references"). Records are decoded from one text, so those types
 * are written out where they are first named. Pure.
 */

type Json = Readonly<Record<string, unknown>>;

/** A schema with the types of `references` (parsed schemas) written out; the rest stays as it is. */
export function inlineReferences(schema: unknown, references: readonly unknown[]): unknown {
  const types = new Map<string, Json>();
  for (const reference of references) {
    if (typeof reference !== 'object' || reference === null || Array.isArray(reference)) continue;
    const json = reference as Json;
    if (typeof json.name === 'string') types.set(fullName(json, ''), json);
  }
  return new Inliner(types).visit(schema, '');
}

class Inliner {
  readonly #types: ReadonlyMap<string, Json>;
  readonly #defined = new Set<string>();

  constructor(types: ReadonlyMap<string, Json>) {
    this.#types = types;
  }

  visit(schema: unknown, namespace: string): unknown {
    if (typeof schema === 'string') return this.#name(schema, namespace);
    if (Array.isArray(schema)) return schema.map((branch) => this.visit(branch, namespace));
    if (typeof schema !== 'object' || schema === null) return schema;
    const json = schema as Json;
    switch (json.type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#definition(json, namespace);
      case 'array':
        return { ...json, items: this.visit(json.items, namespace) };
      case 'map':
        return { ...json, values: this.visit(json.values, namespace) };
      default:
        return { ...json, type: this.visit(json.type, namespace) };
    }
  }

  #name(name: string, namespace: string): unknown {
    const inside = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
    const full = this.#types.has(inside) || this.#defined.has(inside) ? inside : name;
    const type = this.#types.get(full);
    if (type === undefined || this.#defined.has(full)) return name;
    // The namespace is spelt out: without one the type would take that of the place where it is put.
    const dot = full.lastIndexOf('.');
    const [own, last] = dot < 0 ? ['', full] : [full.slice(0, dot), full.slice(dot + 1)];
    return this.#definition({ ...type, name: last, namespace: own }, '');
  }

  #definition(json: Json, outer: string): unknown {
    const full = fullName(json, outer);
    this.#defined.add(full);
    if (!Array.isArray(json.fields)) return json;
    const namespace = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
    const fields = (json.fields as unknown[]).map((field) =>
      typeof field === 'object' && field !== null
        ? { ...field, type: this.visit((field as Json).type, namespace) }
        : field,
    );
    return { ...json, fields };
  }
}

function fullName(json: Json, outer: string): string {
  const name = String(json.name);
  const namespace = typeof json.namespace === 'string' ? json.namespace : outer;
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
