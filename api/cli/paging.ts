/** What all commands have in common that show a list page by page. */
import type { Command } from 'commander';
import type { Session } from './session.js';
import { positiveInteger } from './values.js';

export interface PageOptions {
  readonly limit: number;
  readonly cursor?: string;
}

/** @param what is listed, in the plural  @param size of a page, unless asked otherwise */
export function paged(command: Command, what: string, size: number): Command {
  return command
    .option('--limit <n>', `${what} of a page, 1000 at most`, positiveInteger, size)
    .option('--cursor <cursor>', 'page to go on with');
}

export function sayNext(session: Session, next: string | number | null): void {
  if (next !== null) session.terminal.say(`Next page: --cursor ${next}`);
}
