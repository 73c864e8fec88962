/** The audit trail as api/ sees it: acts go in, entries come out, and a check says whether the trail is whole. */

export type AuditOutcome = 'success' | 'failure';

/** An act to be entered. Texts that are too long are cut, with a mark; `detail` is for small facts. */
export interface AuditAct {
  /** Empty: about the instance. */
  readonly tenantId: string;
  readonly actor: string;
  /** `noun.verbed`, as routes declare it. */
  readonly action: string;
  readonly target: string;
  readonly outcome: AuditOutcome;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditEntry {
  readonly auditEntryId: string;
  readonly tenantId: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: AuditOutcome;
  /** JSON object as it was entered. */
  readonly detailJson: string;
  readonly recordedNs: bigint;
  readonly writer: string;
  /** Decimal text. */
  readonly seq: string;
  readonly prevHash: string;
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  /** Both ends belong to the range. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
}

/** Where a listing, the newest first, goes on: behind this entry. */
export interface AuditPlace {
  readonly recordedNs: bigint;
  readonly auditEntryId: string;
}

/** The last entry of a chain. */
export interface ChainHead {
  readonly writer: string;
  readonly seq: string;
  readonly hash: string;
}

export interface AuditAnchor extends ChainHead {
  readonly recordedNs: bigint;
  /** Entries of all writers that were there. */
  readonly entries: string;
  readonly heads: readonly ChainHead[];
  readonly prevHash: string;
  /** Empty: not signed. */
  readonly keyId: string;
  readonly signature: string;
}

export type AuditProblemKind =
  /** An entry or anchor whose hash is not that of its columns. */
  | 'changed'
  /** A place of a chain that is missing or taken twice, or whose hash before it is another. */
  | 'broken_chain'
  /** An anchor names an entry that is not there. */
  | 'anchored_entry_missing'
  /** A head that was kept outside is not there: the end of the trail was cut off. */
  | 'head_missing'
  | 'bad_signature'
  /** An act that the store knows of has no entry. */
  | 'act_without_entry';

export interface AuditProblem {
  readonly kind: AuditProblemKind;
  /** Chain and place, or the act. */
  readonly where: string;
  readonly message: string;
}

export interface AuditReport {
  readonly valid: boolean;
  readonly entries: number;
  readonly writers: number;
  readonly anchors: number;
  readonly signedAnchors: number;
  /** Entries behind the last anchor of their chain: nothing but their own hashes protects them yet. */
  readonly unanchored: number;
  /** Acts that were held against the entries. */
  readonly acts: number;
  /** The first 100. */
  readonly problems: readonly AuditProblem[];
}

export interface AuditTrail {
  /** Resolves once the entry is stored. Rejects with audit_unavailable: then it may or may not be there. */
  enter(act: AuditAct): Promise<void>;
  /** Newest first. */
  list(
    tenantId: string,
    options: AuditFilter & { readonly limit: number; readonly after?: AuditPlace },
  ): Promise<readonly AuditEntry[]>;
  count(tenantId: string): Promise<number>;
  /** Anchors what is not anchored yet; the newest anchor, or null while there is no entry at all. */
  anchor(): Promise<AuditAnchor | null>;
  /** Reads the whole trail. `heads`: anchors that were kept outside the store. */
  verify(heads: readonly ChainHead[]): Promise<AuditReport>;
}
