/** What cursors of lists are made of. Whoever sends one on has it sealed (api/plugins/paging.ts): these only read them back. */
import { RewindError } from '../../schemas/errors.js';

/** Behind every row of a log. */
const LOG_END = '18446744073709551615-18446744073709551615';

export function cursorInvalid(): RewindError {
  return new RewindError('cursor_invalid', 'this cursor is not one that a page gave', { pointer: '/cursor' });
}

/** Of lists that go on by the number of rows before: none at first. Throws cursor_invalid. */
export function parseSkip(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw cursorInvalid();
  return Number(cursor);
}

/** A place in a table's order of insertion, as `block-offset`; left out: its end. Throws cursor_invalid. */
export function parseLogPlace(cursor: string = LOG_END): { block: string; blockOffset: string } {
  const match = /^(\d{1,20})-(\d{1,20})$/.exec(cursor);
  if (match === null) throw cursorInvalid();
  return { block: match[1]!, blockOffset: match[2]! };
}
