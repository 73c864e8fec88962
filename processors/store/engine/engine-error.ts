/** Errors inside the engine child, in ClickHouse's own words: number, name, text, and the HTTP status a server would use. */

export class EngineError extends Error {
  readonly code: number;

  constructor(code: number, name: string, text: string) {
    super(`Code: ${code}. DB::Exception: ${text}. (${name})`);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** chDB's errors carry ClickHouse's text behind a prefix of the binding; anything else becomes code 1001. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)\.[\s\S]*/.exec(text);
  if (found === null) return new EngineError(1001, 'STD_EXCEPTION', text);
  const wrapped = new EngineError(Number(found[1]), '', '');
  wrapped.message = found[0].trim();
  return wrapped;
}

const STATUS = new Map([
  [202, 503],
  [516, 403],
  [194, 401],
  [164, 403],
  [497, 403],
  [48, 501],
  [60, 404],
  [81, 404],
  [159, 408],
  [394, 499],
]);
const SYNTAX = new Set([6, 26, 27, 33, 36, 41, 42, 43, 47, 53, 62, 69, 72, 73, 115, 117, 386, 456, 457]);

export function httpStatus(code: number): number {
  return STATUS.get(code) ?? (SYNTAX.has(code) ? 400 : 500);
}
