/**
 * The settings as a flat list, read off the one configuration schema: names, environment names, types, defaults.
 * The loader, `rewind config show` and docs/configuration.md all start from it.
 */
import type { TSchema } from 'typebox';
import { Config } from '../../schemas/config.js';

export interface ConfigKey {
  /** Dotted: `store.queryMaxSeconds`. */
  readonly path: string;
  /** `REWIND_STORE_QUERY_MAX_SECONDS` first, then names that people know from elsewhere. */
  readonly env: readonly string[];
  readonly type: 'string' | 'integer' | 'boolean' | 'list' | 'object list';
  readonly defaultValue: unknown;
  readonly description: string;
  readonly secret: boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
}

/** Names without the REWIND_ prefix that operators set anyway. */
const FAMILIAR: Readonly<Record<string, string>> = {
  'kafka.brokers': 'KAFKA_BROKERS',
  'registry.url': 'SCHEMA_REGISTRY_URL',
  'http.enableAuditReplay': 'ENABLE_AUDIT_REPLAY',
};

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Record<string, TSchema>;
  readonly items?: SchemaNode;
  readonly default?: unknown;
  readonly description?: string;
  readonly secret?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** `store.queryMaxSeconds` → `REWIND_STORE_QUERY_MAX_SECONDS`. */
export function envName(path: string): string {
  const snake = path
    .split('.')
    .map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase())
    .join('_');
  return `REWIND_${snake}`;
}

/** Every setting in the order of the schema. */
export function configKeys(): ConfigKey[] {
  return keysOf(Config as SchemaNode, '');
}

function keysOf(node: SchemaNode, prefix: string): ConfigKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const schema = child as SchemaNode;
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (schema.type === 'object') return keysOf(schema, path);
    const familiar = FAMILIAR[path];
    return [
      {
        path,
        env: familiar === undefined ? [envName(path)] : [envName(path), familiar],
        type: typeOf(schema),
        defaultValue: schema.default,
        description: schema.description ?? '',
        secret: schema.secret === true,
        minimum: schema.minimum,
        maximum: schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum,
      },
    ];
  });
}

function typeOf(schema: SchemaNode): ConfigKey['type'] {
  if (schema.type === 'array') return schema.items?.type === 'object' ? 'object list' : 'list';
  if (schema.type === 'integer' || schema.type === 'boolean') return schema.type;
  return 'string';
}
