/** The audit trail in the store: rows of entries and anchors, appended and read. `audit/trail.ts` makes the chains. */
import type {
  AuditAnchor,
  AuditEntry,
  AuditFilter,
  AuditOutcome,
  AuditPlace,
  ChainHead,
} from '../audit/contract.js';
import type { Store } from './store.js';

interface EntryRow {
  audit_entry_id: string;
  tenant_id: string;
  actor: string;
  action: string;
  target: string;
  outcome: AuditOutcome;
  detail: string;
  recorded_ns: string;
  writer: string;
  seq: string;
  prev_hash: string;
  hash: string;
}

interface AnchorRow {
  writer: string;
  seq: string;
  recorded_ns: string;
  entries: string;
  heads: string;
  prev_hash: string;
  hash: string;
  key_id: string;
  signature: string;
}

/** An act that the store knows of from elsewhere, without an entry. */
export interface UnenteredAct {
  readonly tenant_id: string;
  readonly action: string;
  readonly target: string;
  readonly actor: string;
}

const ENTRY_COLUMNS =
  'audit_entry_id, tenant_id, actor, action, target, outcome, detail, toString(recorded_ns) AS recorded_ns, writer, toString(seq) AS seq, prev_hash, hash';
const ANCHOR_COLUMNS =
  'writer, toString(seq) AS seq, toString(recorded_ns) AS recorded_ns, toString(entries) AS entries, heads, prev_hash, hash, key_id, signature';
const PAGE = 10_000;
/** An act is stored before its entry is: those of the last minute may still be on their way. */
const ON_THE_WAY_SECONDS = 60;

export class AuditLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** All of them or none, in one block. */
  async append(entries: readonly AuditEntry[]): Promise<void> {
    await this.#store.insertRows('audit_entries', entries.map(entryRow));
  }

  async appendAnchor(anchor: AuditAnchor): Promise<void> {
    await this.#store.insertRows('audit_anchors', [
      {
        writer: anchor.writer,
        seq: anchor.seq,
        recorded_ns: anchor.recordedNs,
        entries: anchor.entries,
        heads: JSON.stringify(anchor.heads.map((head) => [head.writer, head.seq, head.hash])),
        prev_hash: anchor.prevHash,
        hash: anchor.hash,
        key_id: anchor.keyId,
        signature: anchor.signature,
      },
    ]);
  }

  async list(
    tenantId: string,
    options: AuditFilter & { readonly limit: number; readonly after?: AuditPlace },
  ): Promise<AuditEntry[]> {
    const { actor, action, fromNs, toNs, after, limit } = options;
    const conditions = ['tenant_id = {tenantId:String}'];
    if (actor !== undefined) conditions.push('actor = {actor:String}');
    if (action !== undefined) conditions.push('action = {action:String}');
    if (fromNs !== undefined) conditions.push('a.recorded_ns >= {fromNs:Int64}');
    if (toNs !== undefined) conditions.push('a.recorded_ns <= {toNs:Int64}');
    if (after !== undefined)
      conditions.push('(a.recorded_ns, audit_entry_id) < ({afterNs:Int64}, {afterId:String})');
    const rows = await this.#store.query<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM ${this.#store.t('audit_entries')} AS a WHERE ${conditions.join(' AND ')}
       ORDER BY a.recorded_ns DESC, audit_entry_id DESC LIMIT {limit:UInt32}`,
      {
        tenantId,
        limit,
        actor,
        action,
        fromNs: text(fromNs),
        toNs: text(toNs),
        afterNs: text(after?.recordedNs),
        afterId: after?.auditEntryId,
      },
    );
    return rows.map(toEntry);
  }

  async count(tenantId: string): Promise<number> {
    const rows = await this.#store.query<{ entries: string }>(
      `SELECT toString(count()) AS entries FROM ${this.#store.t('audit_entries')} WHERE tenant_id = {tenantId:String}`,
      { tenantId },
    );
    return Number(rows[0]?.entries ?? 0);
  }

  /** The last entry of every chain, and how many entries there are. */
  async heads(): Promise<{ readonly entries: string; readonly heads: ChainHead[] }> {
    const rows = await this.#store.query<ChainHead & { entries: string }>(
      `SELECT writer, toString(max(a.seq)) AS seq, argMax(hash, a.seq) AS hash, toString(count()) AS entries
       FROM ${this.#store.t('audit_entries')} AS a GROUP BY writer ORDER BY writer`,
    );
    const entries = rows.reduce((sum, row) => sum + BigInt(row.entries), 0n);
    return {
      entries: String(entries),
      heads: rows.map(({ writer, seq, hash }) => ({ writer, seq, hash })),
    };
  }

  async newestAnchor(): Promise<AuditAnchor | null> {
    const rows = await this.#store.query<AnchorRow>(
      `SELECT ${ANCHOR_COLUMNS} FROM ${this.#store.t('audit_anchors')} AS a
       ORDER BY a.recorded_ns DESC, writer DESC LIMIT 1`,
    );
    return rows[0] === undefined ? null : toAnchor(rows[0]);
  }

  /** All entries by writer and seq. */
  async *entries(): AsyncIterable<AuditEntry> {
    for await (const row of this.#pages<EntryRow>('audit_entries', ENTRY_COLUMNS)) yield toEntry(row);
  }

  /** All anchors by writer and seq. */
  async *anchors(): AsyncIterable<AuditAnchor> {
    for await (const row of this.#pages<AnchorRow>('audit_anchors', ANCHOR_COLUMNS)) yield toAnchor(row);
  }

  /**
   * Acts that job log and catalogs know of, and those with fewer entries than acts (100 at most). More entries are fine:
   * a request that is repeated is entered again, though it changes nothing.
   */
  async acts(): Promise<{ readonly acts: number; readonly unentered: readonly UnenteredAct[] }> {
    const acts = this.#store.t('audited_acts');
    const settled = `at < now64(3) - INTERVAL ${ON_THE_WAY_SECONDS} SECOND`;
    const [total] = await this.#store.query<{ acts: string }>(
      `SELECT toString(count()) AS acts FROM ${acts} WHERE ${settled}`,
    );
    const unentered = await this.#store.query<UnenteredAct>(
      `SELECT tenant_id, action, target, any(actor) AS actor FROM ${acts} AS a
       LEFT JOIN (SELECT tenant_id, action, target, count() AS entries FROM ${this.#store.t('audit_entries')}
                  WHERE outcome = 'success' GROUP BY tenant_id, action, target) AS e USING (tenant_id, action, target)
       WHERE ${settled} GROUP BY tenant_id, action, target HAVING count() > any(entries)
       ORDER BY min(at) LIMIT 100`,
    );
    return { acts: Number(total?.acts ?? 0), unentered };
  }

  async *#pages<Row extends { writer: string; seq: string }>(table: string, columns: string) {
    let after = { writer: '', seq: '0' };
    for (;;) {
      const rows = await this.#store.query<Row>(
        `SELECT ${columns} FROM ${this.#store.t(table)} AS a
         WHERE (a.writer, a.seq) > ({writer:String}, {seq:UInt64}) ORDER BY a.writer, a.seq LIMIT ${PAGE} WITH TIES`,
        after,
      );
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = { writer: last.writer, seq: last.seq };
    }
  }
}

function text(ns: bigint | undefined): string | undefined {
  return ns === undefined ? undefined : String(ns);
}

function entryRow(entry: AuditEntry) {
  return {
    tenant_id: entry.tenantId,
    recorded_ns: entry.recordedNs,
    audit_entry_id: entry.auditEntryId,
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    outcome: entry.outcome,
    detail: entry.detailJson,
    writer: entry.writer,
    seq: entry.seq,
    prev_hash: entry.prevHash,
    hash: entry.hash,
  };
}

function toEntry(row: EntryRow): AuditEntry {
  return {
    auditEntryId: row.audit_entry_id,
    tenantId: row.tenant_id,
    actor: row.actor,
    action: row.action,
    target: row.target,
    outcome: row.outcome,
    detailJson: row.detail,
    recordedNs: BigInt(row.recorded_ns),
    writer: row.writer,
    seq: row.seq,
    prevHash: row.prev_hash,
    hash: row.hash,
  };
}

function toAnchor(row: AnchorRow): AuditAnchor {
  const heads = JSON.parse(row.heads) as [string, string, string][];
  return {
    writer: row.writer,
    seq: row.seq,
    recordedNs: BigInt(row.recorded_ns),
    entries: row.entries,
    heads: heads.map(([writer, seq, hash]) => ({ writer, seq, hash })),
    prevHash: row.prev_hash,
    hash: row.hash,
    keyId: row.key_id,
    signature: row.signature,
  };
}
