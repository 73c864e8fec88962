/** ClickHouse's and the network's errors in our own codes, by what the caller can do about them. */
import { ClickHouseError } from '@clickhouse/client';
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';

/** What was asked: an insert whose answer is lost may have happened; a read is simply repeated. */
export type StatementKind = 'read' | 'insert' | 'command';

const BY_CODE: ReadonlyMap<number, ErrorCode> = new Map([
  [159, 'store_timeout'],
  [160, 'store_timeout'],
  [209, 'store_timeout'],
  [191, 'store_memory_limit'],
  [241, 'store_memory_limit'],
  [202, 'store_busy'],
  [252, 'store_busy'],
  [242, 'store_busy'],
  [243, 'store_disk_full'],
  [60, 'store_not_migrated'],
  [81, 'store_not_migrated'],
]);
/** The server, or a part of it, could not say how the statement ended. */
const UNAVAILABLE = new Set([210, 225, 236, 279, 285, 425, 999]);
const INSERT_UNKNOWN = new Set([286, 319, 734, 735]);
/** The connection was never made: nothing can have happened. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT']);

/** @param error whatever the client threw */
export function toStoreError(error: unknown, kind: StatementKind, what: string): RewindError {
  if (error instanceof RewindError) return error;
  const facts = { statement: excerpt(what) };
  if (error instanceof ClickHouseError) {
    const number = Number(error.code);
    const message = `${excerpt(error.message.trim())} (${error.type ?? 'ClickHouse'} ${number})`;
    return new RewindError(codeOf(number, error.message, kind), message, {
      cause: error,
      facts: { ...facts, clickhouseCode: number },
    });
  }
  const reason = error instanceof Error ? error : new Error(String(error));
  const network = networkCode(reason);
  const lost = kind === 'insert' && !NOT_SENT.has(network ?? '');
  return new RewindError(
    lost ? 'insert_unknown' : 'store_unavailable',
    `${lost ? 'the answer to an insert was lost' : 'the store does not answer'}: ${excerpt(network ?? reason.message)}`,
    { cause: error, facts },
  );
}

function codeOf(number: number, message: string, kind: StatementKind): ErrorCode {
  const known = BY_CODE.get(number);
  if (known !== undefined) return known;
  if (message.includes('No space left on device')) return 'store_disk_full';
  if (kind === 'insert' && (INSERT_UNKNOWN.has(number) || UNAVAILABLE.has(number))) return 'insert_unknown';
  return UNAVAILABLE.has(number) ? 'store_unavailable' : 'store_rejected';
}

function networkCode(error: Error): string | null {
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string') return code;
  // Several addresses of one name, none of which answered.
  if (error instanceof AggregateError) {
    const codes = new Set(error.errors.map((each: unknown) => (each as NodeJS.ErrnoException).code ?? ''));
    if ([...codes].every((each) => NOT_SENT.has(each))) return [...codes][0] ?? null;
  }
  return null;
}
