/** API keys: random, shown once, kept as a salted hash, with an end of life. */
import type { Role } from '../../schemas/access.js';

export interface ApiKey {
  readonly keyId: string;
  /** Empty: a key of an operator of the instance. */
  readonly tenantId: string;
  readonly name: string;
  /** Null: operator. */
  readonly role: Role | null;
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

export interface NewApiKey {
  readonly tenantId: string;
  readonly name: string;
  readonly role: Role | null;
  readonly expiresMs: number;
}

/** What a token turns out to be. `stale`: one of ours that has ended; null: none of ours. */
export type KeyFinding =
  | { readonly kind: 'valid'; readonly key: ApiKey }
  | { readonly kind: 'stale'; readonly key: ApiKey; readonly reason: string }
  | null;

export interface ApiKeys {
  /** The token is in this answer and nowhere else. */
  create(key: NewApiKey, actor: string): Promise<{ readonly key: ApiKey; readonly token: string }>;
  list(tenantId: string): Promise<readonly ApiKey[]>;
  /** Rejects with key_not_found. Other processes refuse the key within seconds. */
  revoke(tenantId: string, keyId: string, actor: string): Promise<ApiKey>;
  identify(token: string): Promise<KeyFinding>;
}

export const KEY_PREFIX = 'rwd_';
