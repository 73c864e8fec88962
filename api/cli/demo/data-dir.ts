/**
 * The demo's own directory, and the note in it that says what it holds: a second start finds its data by it, and
 * `--fresh` deletes nothing that it did not make.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RewindError } from '../../../schemas/errors.js';

const NOTE = 'rewind-demo.json';

export interface DemoNote {
  readonly what: 'rewind demo';
  readonly log: 'embedded' | 'kafka';
  readonly seed: number;
  readonly events: number;
  /** False while the story is being loaded: a directory that stays so holds half a story. */
  readonly loaded: boolean;
  /** Of the demo that uses the directory now, or used it last. */
  readonly pid: number;
}

export interface DemoWish {
  readonly log: DemoNote['log'];
  readonly seed: number;
  /** Undefined: as many as are there. */
  readonly events: number | undefined;
  readonly fresh: boolean;
}

const EVENTS_DEFAULT = 200_000;

/**
 * Makes the directory ready. `loaded` of the answer says whether the story is in it already.
 * @throws RewindError preflight_failed: the directory is not ours, is in use, or holds another story
 */
export function openDataDir(directory: string, wish: DemoWish): DemoNote {
  const found = readNote(directory);
  const problem = problemOf(directory, found, wish);
  if (problem !== null) throw new RewindError('preflight_failed', problem);
  if (found?.loaded === true && !wish.fresh) return writeNote(directory, { ...found, pid: process.pid });
  rmSync(directory, { recursive: true, force: true });
  const { log, seed, events = EVENTS_DEFAULT } = wish;
  return writeNote(directory, { what: 'rewind demo', log, seed, events, loaded: false, pid: process.pid });
}

export function noteLoaded(directory: string, note: DemoNote): void {
  writeNote(directory, { ...note, loaded: true });
}

function problemOf(directory: string, found: DemoNote | null, wish: DemoWish): string | null {
  if (found === null) {
    const empty = !existsSync(directory) || readdirSync(directory).length === 0;
    return empty ? null : `${directory} is not a directory of the demo: choose another with --data-dir.`;
  }
  if (found.pid !== process.pid && isAlive(found.pid))
    return `${directory} is used by process ${found.pid}: stop that demo, or choose another directory with --data-dir.`;
  if (wish.fresh || !found.loaded) return null;
  const same =
    found.log === wish.log &&
    found.seed === wish.seed &&
    (wish.events === undefined || found.events === wish.events);
  if (same) return null;
  return `${directory} holds another story (${found.events} events, ${found.log} log): add --fresh to load a new one.`;
}

function readNote(directory: string): DemoNote | null {
  try {
    const note = JSON.parse(readFileSync(join(directory, NOTE), 'utf8')) as DemoNote;
    return note.what === 'rewind demo' ? note : null;
  } catch {
    return null;
  }
}

/** By rename, so that a crash never leaves half a note. */
function writeNote(directory: string, note: DemoNote): DemoNote {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, NOTE);
  writeFileSync(`${path}.new`, `${JSON.stringify(note, null, 2)}\n`);
  renameSync(`${path}.new`, path);
  return note;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
