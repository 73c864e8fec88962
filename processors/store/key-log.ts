/** API keys in the store: a row when a key is created, another when it is revoked. */
import type { Role } from '../../schemas/access.js';
import type { NewApiKey } from '../access/contract.js';
import type { Store } from './store.js';

export interface StoredKey extends NewApiKey {
  readonly keyId: string;
  readonly salt: string;
  readonly hash: string;
  readonly actor: string;
  readonly createdMs: number;
  readonly revokedMs: number | null;
}

interface Row {
  key_id: string;
  tenant_id: string;
  name: string;
  role: Role | '';
  salt: string;
  hash: string;
  expires_ms: string;
  actor: string;
  created_ms: string;
  revoked_ms: string;
}

export class KeyLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async created(key: Omit<StoredKey, 'createdMs' | 'revokedMs'>): Promise<void> {
    await this.#insert('created', key, key.actor);
  }

  async revoked(key: StoredKey, actor: string): Promise<void> {
    await this.#insert('revoked', key, actor);
  }

  async read(keyId: string): Promise<StoredKey | null> {
    return (await this.#select('key_id = {value:String}', keyId))[0] ?? null;
  }

  /** Newest first. */
  async list(tenantId: string): Promise<StoredKey[]> {
    return this.#select('tenant_id = {value:String}', tenantId);
  }

  async #insert(kind: 'created' | 'revoked', key: Omit<StoredKey, 'createdMs' | 'revokedMs'>, actor: string) {
    await this.#store.insertRows('api_keys', [
      {
        key_id: key.keyId,
        kind,
        tenant_id: key.tenantId,
        name: key.name,
        role: key.role ?? '',
        salt: key.salt,
        hash: key.hash,
        expires_ms: key.expiresMs,
        actor,
      },
    ]);
  }

  async #select(where: string, value: string): Promise<StoredKey[]> {
    const rows = await this.#store.query<Row>(
      `SELECT key_id, any(tenant_id) AS tenant_id, anyIf(name, kind = 'created') AS name,
         anyIf(role, kind = 'created') AS role, anyIf(salt, kind = 'created') AS salt,
         anyIf(hash, kind = 'created') AS hash, toString(anyIf(expires_ms, kind = 'created')) AS expires_ms,
         anyIf(actor, kind = 'created') AS actor,
         toString(minIf(toUnixTimestamp64Milli(written_at), kind = 'created')) AS created_ms,
         if(countIf(kind = 'revoked') = 0, '', toString(minIf(toUnixTimestamp64Milli(written_at), kind = 'revoked'))) AS revoked_ms
       FROM (SELECT * FROM ${this.#store.t('api_keys')} WHERE ${where}) GROUP BY key_id
       ORDER BY min(written_at) DESC, key_id LIMIT 10000`,
      { value },
    );
    return rows.map((row) => ({
      keyId: row.key_id,
      tenantId: row.tenant_id,
      name: row.name,
      role: row.role === '' ? null : row.role,
      salt: row.salt,
      hash: row.hash,
      expiresMs: Number(row.expires_ms),
      actor: row.actor,
      createdMs: Number(row.created_ms),
      revokedMs: row.revoked_ms === '' ? null : Number(row.revoked_ms),
    }));
  }
}
