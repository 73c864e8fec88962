/** The key that signs archives: a file of its own, made at the first use where the configuration names none. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';

/** Errors: config_invalid, file_unreadable. */
export async function evidenceKey(config: Config): Promise<KeyObject> {
  const { keyFile } = config.evidence;
  const path = keyFile === '' ? join(config.dataDir, 'evidence-key.pem') : keyFile;
  if (keyFile === '') await makeKey(path);
  const pem = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new RewindError('file_unreadable', `evidence.keyFile: ${cause.message}`, { cause });
  });
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below; the library's reason could hold parts of the key.
  }
  throw new RewindError('config_invalid', `${path} is not an Ed25519 private key in PEM (PKCS #8)`);
}

/** Of two processes that make one at the same time, the first wins. */
async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(path, pem, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
