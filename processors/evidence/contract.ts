/** What api/ may ask of evidence. `processors/topology.ts` builds the implementation. */
import type { Readable } from 'node:stream';

export interface EvidenceArchive {
  readonly fileName: string;
  readonly bytes: number;
  /** A plain tar; destroying it early frees what it holds. */
  readonly stream: Readable;
}

export interface Evidence {
  /** Errors: job_not_found, job_not_finished, evidence_busy. */
  archive(tenantId: string, jobId: string, actor: string): Promise<EvidenceArchive>;
  /** The 32 bytes of the Ed25519 key that archives are signed with. */
  publicKey(): Promise<Buffer>;
}
