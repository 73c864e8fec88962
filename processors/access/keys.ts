/**
 * API keys over the store. A token is `rwd_`, 16 characters that name the key, and 43 of a 256-bit secret, of which only
 * a salted hash is kept. What the store says of a key is remembered for a few seconds, so that a request costs no query
 * and a revoked key still stops soon in every process.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { RewindError } from '../../schemas/errors.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { KeyLog, StoredKey } from '../store/key-log.js';
import { type ApiKey, type ApiKeys, KEY_PREFIX, type KeyFinding, type NewApiKey } from './contract.js';

const TOKEN = /^rwd_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const REMEMBERED_MS = 3_000;
const REMEMBERED_MAX = 10_000;

export class StoredApiKeys implements ApiKeys {
  readonly #log: KeyLog;
  readonly #now: () => number;
  /** By key id; null: the store has no such key. */
  readonly #known = new Map<string, { readonly at: number; readonly key: StoredKey | null }>();

  constructor(log: KeyLog, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  async create(wanted: NewApiKey, actor: string): Promise<{ key: ApiKey; token: string }> {
    const keyId = randomBytes(8).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const salt = randomBytes(16).toString('hex');
    await this.#log.created({ ...wanted, keyId, salt, hash: hashOf(salt, secret), actor });
    const stored = await this.#log.read(keyId);
    if (stored === null)
      throw new RewindError('insert_unknown', 'the key was stored, and is not there to be read');
    return { key: viewOf(stored), token: `${KEY_PREFIX}${keyId}_${secret}` };
  }

  async list(tenantId: string): Promise<readonly ApiKey[]> {
    return (await this.#log.list(tenantId)).map(viewOf);
  }

  async revoke(tenantId: string, keyId: string, actor: string): Promise<ApiKey> {
    const key = await this.#log.read(keyId);
    if (key === null || key.tenantId !== tenantId)
      throw new RewindError('key_not_found', 'this tenant has no such API key');
    if (key.revokedMs === null) await this.#log.revoked(key, actor);
    this.#known.delete(keyId);
    const after = await this.#log.read(keyId);
    return viewOf(after ?? key);
  }

  async identify(token: string): Promise<KeyFinding> {
    const [, keyId, secret] = TOKEN.exec(token) ?? [];
    if (keyId === undefined || secret === undefined) return null;
    const stored = await this.#read(keyId);
    if (stored === null || !equal(hashOf(stored.salt, secret), stored.hash)) return null;
    const key = viewOf(stored);
    if (stored.revokedMs !== null) return { kind: 'stale', key, reason: 'revoked' };
    if (stored.expiresMs <= this.#now()) return { kind: 'stale', key, reason: 'expired' };
    return { kind: 'valid', key };
  }

  async #read(keyId: string): Promise<StoredKey | null> {
    const known = this.#known.get(keyId);
    if (known !== undefined && this.#now() - known.at < REMEMBERED_MS) return known.key;
    const key = await this.#log.read(keyId);
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    this.#known.set(keyId, { at: this.#now(), key });
    return key;
  }
}

function hashOf(salt: string, secret: string): string {
  return createHash('sha256').update(salt).update(secret).digest('hex');
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function viewOf(key: StoredKey): ApiKey {
  return {
    keyId: key.keyId,
    tenantId: key.tenantId,
    name: key.name,
    role: key.role,
    createdBy: key.actor,
    createdAt: timeOf(key.createdMs),
    expiresAt: timeOf(key.expiresMs),
    revokedAt: key.revokedMs === null ? null : timeOf(key.revokedMs),
  };
}

function timeOf(ms: number): string {
  return formatRfc3339Ns(BigInt(ms) * 1_000_000n);
}
