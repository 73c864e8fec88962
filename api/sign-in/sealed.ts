/** What a browser keeps for us in a cookie: encrypted and authenticated, with an end. */
import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';

export class Sealed {
  readonly #key: Uint8Array;
  readonly #use: string;

  /** @param use what the contents are for: nothing sealed for one use opens for another */
  constructor(secret: Buffer, use: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', `rewind ${use}`, 32));
    this.#use = use;
  }

  async seal(contents: Readonly<Record<string, unknown>>, seconds: number): Promise<string> {
    return new EncryptJWT({ ...contents })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(this.#use)
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .encrypt(this.#key);
  }

  /** Null: not ours, changed, or over. */
  async open(text: string): Promise<Readonly<Record<string, unknown>> | null> {
    try {
      const { payload } = await jwtDecrypt(text, this.#key, {
        audience: this.#use,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        requiredClaims: ['exp'],
      });
      return payload;
    } catch {
      return null;
    }
  }
}
