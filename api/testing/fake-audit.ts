/** A trail in memory, for tests of routes alone; `fail` refuses entries. */
import type { AuditAct, AuditEntry, AuditReport, AuditTrail } from '../../processors/audit/contract.js';
import type { TenantOverviews } from '../../processors/replay/overview.js';

export class FakeAudit implements AuditTrail {
  readonly acts: AuditAct[] = [];
  fail: Error | null = null;

  async enter(act: AuditAct): Promise<void> {
    if (this.fail !== null) throw this.fail;
    this.acts.push(act);
  }

  async list(tenantId: string): Promise<readonly AuditEntry[]> {
    return this.acts
      .filter((act) => act.tenantId === tenantId)
      .map(({ detail, ...act }, index) => ({
        ...act,
        detailJson: JSON.stringify(detail),
        auditEntryId: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
        recordedNs: BigInt(index),
        writer: 'w',
        seq: String(index + 1),
        prevHash: '',
        hash: '',
      }));
  }

  async count(tenantId: string): Promise<number> {
    return (await this.list(tenantId)).length;
  }

  async anchor() {
    return null;
  }

  async verify(): Promise<AuditReport> {
    const none = { entries: 0, writers: 0, anchors: 0, signedAnchors: 0, unanchored: 0, acts: 0 };
    return { valid: true, ...none, problems: [] };
  }
}

export const fakeOverviews: TenantOverviews = {
  of: async () => ({
    jobsByStatus: { Pending: 0, Running: 0, Paused: 0, Complete: 1, Failed: 0, Cancelled: 0 },
    lastRun: null,
    eventsFailed: 0,
    latestFailures: [],
    throughput: { runs: 0, events: 0, seconds: 0 },
  }),
};
