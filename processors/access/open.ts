/** Opens what is about people: the audit trail, API keys, and what an overview and an operator see. */
import type { Config } from '../../schemas/config.js';
import type { AuditTrail } from '../audit/contract.js';
import { ChainedTrail } from '../audit/trail.js';
import type { TenantOverviews } from '../replay/overview.js';
import { AuditLog } from '../store/audit-log.js';
import { type InstanceJobs, StoredInstanceJobs } from '../store/instance-jobs.js';
import { KeyLog } from '../store/key-log.js';
import { StoredOverviews } from '../store/overviews.js';
import type { Store } from '../store/store.js';
import type { Telemetry } from '../telemetry.js';
import type { ApiKeys } from './contract.js';
import { StoredApiKeys } from './keys.js';

export interface AccessParts {
  readonly audit: AuditTrail;
  readonly overviews: TenantOverviews;
  readonly keys: ApiKeys;
  readonly instanceJobs: InstanceJobs;
}

/** @param closers gets what stores and anchors the last entries */
export function openAccess(
  stores: { readonly store: Store; readonly reader: Store },
  process: { readonly config: Config; readonly worker: string; readonly telemetry: Telemetry },
  closers: (() => Promise<void>)[],
): AccessParts {
  const { config, worker, telemetry } = process;
  const log = new AuditLog(stores.store);
  const audit = new ChainedTrail({ log, config: config.audit, worker, telemetry });
  closers.push(() => audit.close());
  return {
    audit,
    overviews: new StoredOverviews(stores.reader),
    keys: new StoredApiKeys(new KeyLog(stores.store)),
    instanceJobs: new StoredInstanceJobs(stores.reader),
  };
}
