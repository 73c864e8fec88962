/** API keys in memory, for tests of routes: the real ones over a log that is a list. */
import { StoredApiKeys } from '../../processors/access/keys.js';
import type { InstanceJobs } from '../../processors/store/instance-jobs.js';
import type { KeyLog, StoredKey } from '../../processors/store/key-log.js';

export class FakeKeys extends StoredApiKeys {
  constructor(now: () => number = Date.now) {
    const rows = new Map<string, StoredKey>();
    const log: Pick<KeyLog, 'created' | 'revoked' | 'read' | 'list'> = {
      created: async (key) => {
        rows.set(key.keyId, { ...key, createdMs: now(), revokedMs: null });
      },
      revoked: async (key) => {
        rows.set(key.keyId, { ...key, revokedMs: now() });
      },
      read: async (keyId) => rows.get(keyId) ?? null,
      list: async (tenantId) => [...rows.values()].filter((key) => key.tenantId === tenantId),
    };
    super(log as KeyLog, now);
  }
}

export const noInstanceJobs: InstanceJobs = {
  list: async () => ({ items: [], next: null }),
  find: async () => null,
};
