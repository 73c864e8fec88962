/** What the process says to the shell. Scripts depend on these numbers; they never change. */
import type { RewindError } from '../../schemas/errors.js';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  unavailable: 5,
  /** The run finished, but some of its events failed (unless `--allow-failures`). */
  failedEvents: 6,
  interrupted: 130,
} as const;

export function exitCodeOf(error: RewindError): number {
  switch (error.kind) {
    case 'invalid':
      return EXIT.usage;
    case 'not_found':
      return EXIT.notFound;
    case 'conflict':
      return EXIT.conflict;
    case 'unavailable':
      return EXIT.unavailable;
    default:
      return EXIT.failed;
  }
}
