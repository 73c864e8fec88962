/**
 * The secret that signs what the server hands out and takes back (cursors), and seals what it must know again (webhooks). `http.secret` where it is set: several API
 * processes behind one address need the same one. Else a random one, kept in the data directory.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../schemas/config.js';

const BYTES = 32;

/** Falls back to a secret of this process alone where the directory cannot be written: cursors then end with it. */
export function serverSecret(config: Config): Buffer {
  if (config.http.secret !== '') return Buffer.from(config.http.secret);
  const file = join(config.dataDir, 'http-secret');
  const made = randomBytes(BYTES);
  try {
    mkdirSync(config.dataDir, { recursive: true });
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, made);
    closeSync(descriptor);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return made;
  }
  const kept = readFileSync(file);
  return kept.length === BYTES ? kept : made;
}
