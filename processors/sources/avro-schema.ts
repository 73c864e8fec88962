/**
 * Writer schemas: text from the registry to a tree that the readers walk. Schemas come from outside and are checked
 * here in full; what Avro does not allow, or what nests beyond 64 levels, is schema_invalid.
 */
import { excerpt, RewindError } from '../../schemas/errors.js';

export const SCHEMA_DEPTH_MAX = 64;
/** JSON levels of a schema text: each Avro level takes up to four. */
const TEXT_DEPTH_MAX = SCHEMA_DEPTH_MAX * 4;

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

export type AvroType =
  | { readonly kind: AvroPrimitive; readonly logical: string; readonly scale: number }
  | { readonly kind: 'fixed'; readonly size: number; readonly logical: string; readonly scale: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord;

/** `fields` is filled after the object is made: a record may contain itself. */
export interface AvroRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

const PRIMITIVES = new Set<string>(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FULL_NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

type Json = Readonly<Record<string, unknown>>;

/** Parses a schema. Errors: schema_invalid. */
export function parseAvroSchema(text: string): AvroType {
  checkTextDepth(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A bare primitive name is a schema too, and some registries answer it without quotes.
    if (!PRIMITIVES.has(text)) throw invalid('not JSON', text);
    json = text;
  }
  return new SchemaReader().type(json, '', 0);
}

/** Walks over schemas recurse: their text is measured first. Errors: schema_invalid. */
export function checkTextDepth(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > TEXT_DEPTH_MAX) throw invalid(`nests beyond ${SCHEMA_DEPTH_MAX} levels`, text);
  }
}

class SchemaReader {
  readonly #named = new Map<string, AvroType>();

  type(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > SCHEMA_DEPTH_MAX) throw invalid(`nests beyond ${SCHEMA_DEPTH_MAX} levels`, schema);
    if (typeof schema === 'string') return this.#reference(schema, namespace);
    if (Array.isArray(schema)) return this.#union(schema, namespace, depth);
    if (typeof schema !== 'object' || schema === null) throw invalid('not a schema', schema);
    const object = schema as Json;
    const kind = object.type;
    if (typeof kind !== 'string') return this.type(kind, namespace, depth + 1);
    switch (kind) {
      case 'record':
      case 'error':
        return this.#record(object, namespace, depth);
      case 'enum':
        return this.#enum(object, namespace);
      case 'fixed':
        return this.#fixed(object, namespace);
      case 'array':
        return { kind, items: this.type(object.items, namespace, depth + 1) };
      case 'map':
        return { kind, items: this.type(object.values, namespace, depth + 1) };
      default:
        if (!PRIMITIVES.has(kind)) return this.#reference(kind, namespace);
        return { kind: kind as AvroPrimitive, ...logicalOf(object) };
    }
  }

  #reference(name: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitive, logical: '', scale: 0 };
    const known = this.#named.get(qualify(name, namespace)) ?? this.#named.get(name);
    if (known === undefined) throw invalid('unknown type', name);
    return known;
  }

  #union(branches: readonly unknown[], namespace: string, depth: number): AvroType {
    const types = branches.map((branch) => this.type(branch, namespace, depth + 1));
    if (types.length === 0) throw invalid('an empty union', branches);
    if (types.some(({ kind }) => kind === 'union')) throw invalid('a union in a union', branches);
    return { kind: 'union', branches: types };
  }

  #record(schema: Json, outer: string, depth: number): AvroType {
    const [name, namespace] = this.#name(schema, outer);
    const fields: AvroField[] = [];
    const record: AvroRecord = { kind: 'record', name, fields };
    this.#define(name, record);
    const list = schema.fields;
    if (!Array.isArray(list)) throw invalid(`record ${name} has no fields`, schema);
    const seen = new Set<string>();
    for (const field of list as unknown[]) {
      const { name: fieldName, type } = (field ?? {}) as Json;
      if (typeof fieldName !== 'string' || !NAME.test(fieldName)) throw invalid(`a field of ${name}`, field);
      if (seen.has(fieldName)) throw invalid(`field ${fieldName} of ${name} twice`, field);
      seen.add(fieldName);
      fields.push({ name: fieldName, type: this.type(type, namespace, depth + 1) });
    }
    return record;
  }

  #enum(schema: Json, outer: string): AvroType {
    const [name] = this.#name(schema, outer);
    const symbols = schema.symbols;
    if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === 'string')) {
      throw invalid(`enum ${name} has no symbols`, schema);
    }
    const type: AvroType = { kind: 'enum', symbols };
    this.#define(name, type);
    return type;
  }

  #fixed(schema: Json, outer: string): AvroType {
    const [name] = this.#name(schema, outer);
    const size = schema.size;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalid(`fixed ${name} has no size`, schema);
    }
    const type: AvroType = { kind: 'fixed', size, ...logicalOf(schema) };
    this.#define(name, type);
    return type;
  }

  /** Full name and the namespace that holds inside. */
  #name(schema: Json, outer: string): [string, string] {
    const { name, namespace } = schema;
    if (typeof name !== 'string' || !FULL_NAME.test(name)) throw invalid('a type without a name', schema);
    const full = qualify(name, typeof namespace === 'string' ? namespace : outer);
    return [full, full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : ''];
  }

  #define(name: string, type: AvroType): void {
    if (PRIMITIVES.has(name) || this.#named.has(name)) throw invalid('type defined twice', name);
    this.#named.set(name, type);
  }
}

function qualify(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** Logical type and scale; as Avro has it, one that is not well formed is ignored. */
function logicalOf(schema: Json): { logical: string; scale: number } {
  const { logicalType, scale = 0 } = schema;
  if (typeof logicalType !== 'string') return { logical: '', scale: 0 };
  const usable = typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 10_000;
  if (logicalType === 'decimal' && !usable) return { logical: '', scale: 0 };
  return { logical: logicalType, scale: usable ? scale : 0 };
}

function invalid(what: string, where: unknown): RewindError {
  return new RewindError('schema_invalid', `Avro schema: ${what}: ${excerpt(where)}`);
}
