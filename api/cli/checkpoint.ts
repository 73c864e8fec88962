/** How far an ingest has come, in a small file beside its source: the next run goes on there. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RewindError } from '../../schemas/errors.js';

export interface Checkpoint {
  /** Bytes of the (unpacked) source that are stored. */
  readonly offset: number;
  readonly lines: number;
  readonly accepted: number;
  readonly rejected: number;
}

export const START: Checkpoint = { offset: 0, lines: 0, accepted: 0, rejected: 0 };

/** @throws RewindError file_unreadable when the file is there and is no checkpoint */
export function readCheckpoint(path: string): Checkpoint {
  if (!existsSync(path)) return START;
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const number = (name: string) => {
      const value = read[name];
      if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Error(`${name} is not a number`);
      return value as number;
    };
    return {
      offset: number('offset'),
      lines: number('lines'),
      accepted: number('accepted'),
      rejected: number('rejected'),
    };
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new RewindError('file_unreadable', `Checkpoint ${path}: ${reason}; start over with --restart`, {
      cause,
    });
  }
}

/** Whole or not at all: a crash between the two steps leaves the older checkpoint. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(checkpoint)}\n`);
  renameSync(`${path}.new`, path);
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
}
