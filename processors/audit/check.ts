/**
 * Holds a trail against itself, as its rows stream by: the chains of entries, the anchors over them, and heads that
 * were kept elsewhere. Pure; what the rows come from is the caller's.
 */
import { type AnchorKey, anchorHash, entryHash } from './chain.js';
import type { AuditAnchor, AuditEntry, AuditProblem, AuditProblemKind, ChainHead } from './contract.js';

const PROBLEMS_MAX = 100;

interface Chain {
  seq: bigint;
  hash: string;
  /** Last place that an anchor names. */
  anchored: bigint;
}

/** Feed it all anchors, then all entries, both by writer and seq; then ask. */
export class TrailCheck {
  readonly problems: AuditProblem[] = [];
  entries = 0;
  anchors = 0;
  signedAnchors = 0;
  readonly #key: AnchorKey | null;
  readonly #entryChains = new Map<string, Chain>();
  readonly #anchorChains = new Map<string, Chain>();
  /** By writer and seq: what anchors say of entries, and heads kept outside of anchors, until it is seen. */
  readonly #expectedEntries = new Map<string, string>();
  readonly #expectedAnchors = new Map<string, string>();
  readonly #unsigned: { readonly where: string; readonly at: bigint }[] = [];
  #firstSigned: bigint | null = null;

  constructor(key: AnchorKey | null, keptHeads: readonly ChainHead[]) {
    this.#key = key;
    for (const head of keptHeads) this.#expectedAnchors.set(place(head), head.hash);
  }

  get writers(): number {
    return [...this.#entryChains.values()].filter((chain) => chain.seq > 0n).length;
  }

  get unanchored(): number {
    let sum = 0n;
    for (const { seq, anchored } of this.#entryChains.values()) if (seq > anchored) sum += seq - anchored;
    return Number(sum);
  }

  anchor(anchor: AuditAnchor): void {
    this.anchors++;
    this.#link(this.#anchorChains, anchor, anchorHash(anchor), 'anchor');
    this.#signature(anchor);
    this.#settle(this.#expectedAnchors, anchor, 'head_missing');
    for (const head of anchor.heads) {
      this.#chain(this.#entryChains, head.writer).anchored = BigInt(head.seq);
      const known = this.#expectedEntries.get(place(head));
      if (known !== undefined && known !== head.hash)
        this.problem('broken_chain', place(head), 'two anchors name it with different hashes');
      this.#expectedEntries.set(place(head), head.hash);
    }
  }

  entry(entry: AuditEntry): void {
    this.entries++;
    this.#link(this.#entryChains, entry, entryHash(entry), 'entry');
    this.#settle(this.#expectedEntries, entry, 'anchored_entry_missing');
  }

  /** Call once all rows have been fed. */
  finish(): void {
    this.#unsignedAfterSigned();
    for (const where of this.#expectedEntries.keys())
      this.problem('anchored_entry_missing', where, 'an anchor names this entry, and it is not there');
    for (const where of this.#expectedAnchors.keys())
      this.problem('head_missing', where, 'this head was kept outside the store, and it is not there');
  }

  problem(kind: AuditProblemKind, where: string, message: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ kind, where, message });
  }

  #link(chains: Map<string, Chain>, row: AuditEntry | AuditAnchor, hash: string, what: string): void {
    const chain = this.#chain(chains, row.writer);
    const where = place(row);
    if (hash !== row.hash) this.problem('changed', where, `the ${what} is not what its hash was made of`);
    if (BigInt(row.seq) !== chain.seq + 1n)
      this.problem('broken_chain', where, `follows place ${chain.seq} of its chain`);
    else if (row.prevHash !== chain.hash)
      this.problem('broken_chain', where, `does not name the hash of the ${what} before it`);
    chain.seq = BigInt(row.seq);
    chain.hash = row.hash;
  }

  #chain(chains: Map<string, Chain>, writer: string): Chain {
    const chain = chains.get(writer) ?? { seq: 0n, hash: '', anchored: 0n };
    chains.set(writer, chain);
    return chain;
  }

  #settle(expected: Map<string, string>, row: ChainHead, kind: AuditProblemKind): void {
    const hash = expected.get(place(row));
    if (hash === undefined) return;
    expected.delete(place(row));
    if (hash !== row.hash) this.problem(kind, place(row), 'has another hash than the one that was kept');
  }

  #signature(anchor: AuditAnchor): void {
    if (anchor.signature === '') {
      this.#unsigned.push({ where: place(anchor), at: anchor.recordedNs });
      return;
    }
    // Of another key, before or after a change of keys: who has that key can tell.
    if (this.#key === null || anchor.keyId !== this.#key.keyId) return;
    if (!this.#key.verify(anchor.hash, anchor.signature)) {
      this.problem('bad_signature', place(anchor), 'the signature is not one of this key over this anchor');
      return;
    }
    this.signedAnchors++;
    if (this.#firstSigned === null || anchor.recordedNs < this.#firstSigned)
      this.#firstSigned = anchor.recordedNs;
  }

  /** From the first signed anchor on all are signed: else anyone could write the rest. */
  #unsignedAfterSigned(): void {
    const first = this.#firstSigned;
    if (first === null) return;
    for (const { where, at } of this.#unsigned)
      if (at > first) this.problem('bad_signature', where, 'not signed, though earlier anchors are');
  }
}

function place({ writer, seq }: { readonly writer: string; readonly seq: string }): string {
  return `${writer} #${seq}`;
}
