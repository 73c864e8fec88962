/**
 * What an archive for an auditor consists of. The manifest names every other file with its hash and holds the root over
 * all final states; the signature covers the manifest's bytes. Pure types and texts.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { AuditAnchor } from '../audit/contract.js';

export const FORMAT = 'rewind-evidence-1';
export const MANIFEST_FILE = 'manifest.json';
export const SIGNATURE_FILE = 'signature.json';
export const STATES_FILE = 'states.ndjson.gz';
/** A manifest or signature larger than this is none. */
export const SMALL_FILE_MAX_BYTES = 1 << 20;

export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface EvidenceManifest {
  readonly format: string;
  readonly tenant_id: string;
  readonly job_id: string;
  readonly made_at: string;
  readonly made_by: string;
  readonly verdict: unknown;
  readonly counters: unknown;
  /** In the order of the archive. */
  readonly files: readonly FileEntry[];
  readonly states: { readonly entities: number; readonly merkle_root: string };
  /** The newest anchor of the audit trail, which names the heads of its chains; null: the trail has no entry. */
  readonly audit_head: unknown;
}

/** One line of the states file, by type and id, bytewise. */
export interface StateLine {
  readonly entity_type: string;
  readonly entity_id: string;
  readonly exists: boolean;
  readonly leaf: string;
}

export function auditHead(anchor: AuditAnchor | null): unknown {
  if (anchor === null) return null;
  const { writer, seq, hash, recordedNs, entries, heads, prevHash, keyId, signature } = anchor;
  return {
    writer,
    seq,
    hash,
    recorded_ns: recordedNs.toString(),
    entries,
    heads,
    prev_hash: prevHash,
    key_id: keyId,
    signature,
  };
}

/** The one spelling of a signature file: the check writes it again. */
export function signatureText(publicKey: Buffer, signature: Buffer): string {
  return `${JSON.stringify({
    algorithm: 'ed25519',
    public_key: publicKey.toString('base64'),
    signature: signature.toString('base64'),
  })}\n`;
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

export function isSignedBy(publicKey: Buffer, signature: Buffer, bytes: Buffer): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, signature);
}
