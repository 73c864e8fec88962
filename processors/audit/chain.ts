/**
 * Hashes and signatures of the audit trail. A hash covers every column of its row as JSON text, so that no two
 * different rows read the same.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { RewindError } from '../../schemas/errors.js';
import type { AuditAnchor, AuditEntry } from './contract.js';

export function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  return digest([
    'rewind-audit-entry-1',
    entry.tenantId,
    String(entry.recordedNs),
    entry.auditEntryId,
    entry.actor,
    entry.action,
    entry.target,
    entry.outcome,
    entry.detailJson,
    entry.writer,
    entry.seq,
    entry.prevHash,
  ]);
}

export function anchorHash(anchor: Omit<AuditAnchor, 'hash' | 'keyId' | 'signature'>): string {
  return digest([
    'rewind-audit-anchor-1',
    anchor.writer,
    anchor.seq,
    String(anchor.recordedNs),
    anchor.entries,
    ...anchor.heads.flatMap((head) => [head.writer, head.seq, head.hash]),
    anchor.prevHash,
  ]);
}

function digest(columns: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex');
}

/** Signs anchors, and knows its own signatures. */
export interface AnchorKey {
  readonly keyId: string;
  sign(hash: string): string;
  verify(hash: string, signature: string): boolean;
}

/**
 * @param pem Ed25519 private key, PKCS #8; empty: none
 * @throws RewindError config_invalid
 */
export function anchorKey(pem: string): AnchorKey | null {
  if (pem === '') return null;
  const secret = privateKey(pem);
  const open = createPublicKey(secret);
  const keyId = createHash('sha256')
    .update(open.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
  return {
    keyId,
    sign: (hash) => sign(null, Buffer.from(hash), secret).toString('base64'),
    verify: (hash, signature) => verify(null, Buffer.from(hash), open, Buffer.from(signature, 'base64')),
  };
}

function privateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below; the reason that the library gives could hold parts of the key.
  }
  throw new RewindError('config_invalid', 'audit.signingKey is not an Ed25519 private key in PEM (PKCS #8)');
}
