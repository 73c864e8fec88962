/**
 * Cursors as clients see them: opaque text that only this installation can make. A cursor is bound to the list it came
 * from (route, path, tenant, filters), so one of another list or another tenant is refused. Pure but for the secret.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_BYTES = 16;

/** @param inner what the list itself goes on from @param scope everything that must be the same on the next page */
export function sealCursor(secret: Buffer, scope: string, inner: string): string {
  const body = Buffer.from(inner);
  return Buffer.concat([macOf(secret, scope, body), body]).toString('base64url');
}

/** The inner cursor, or null: cut, changed, or of another list. */
export function openCursor(secret: Buffer, scope: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url');
  // Only the one spelling that was given out: base64url has others for the same bytes.
  if (bytes.length < MAC_BYTES || bytes.toString('base64url') !== sealed) return null;
  const body = bytes.subarray(MAC_BYTES);
  return timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(secret, scope, body)) ? body.toString() : null;
}

function macOf(secret: Buffer, scope: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(scope));
  return createHmac('sha256', secret)
    .update(length)
    .update(scope)
    .update(body)
    .digest()
    .subarray(0, MAC_BYTES);
}
