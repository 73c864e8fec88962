/**
 * Sorts a statement by how the engine has to run it. chDB reads no HTTP body and writes no HTTP answer: bulk data goes
 * through named pipes, so SELECTs are redirected INTO OUTFILE and inserts read FROM INFILE. Payload bytes never become
 * SQL text: data in SQL text ends at the first blank line, and the rest would run as SQL.
 */
import { type Token, tokens } from '../sql-lexer.js';
import { EngineError } from './engine-error.js';

export type Statement =
  | { readonly kind: 'read'; readonly format: string; readonly sql: (pipe: string) => string }
  | {
      readonly kind: 'insert';
      readonly sql: (pipe: string) => string;
      /** Where the data that follows the statement in the same text begins. */
      readonly dataAt: number;
    }
  /** Small answers (SHOW, EXPLAIN) and none (DDL, INSERT … SELECT). */
  | { readonly kind: 'plain'; readonly sql: string };

const READS = new Set(['SELECT', 'WITH', 'FROM']);
const DEFAULT_FORMAT = 'TabSeparated';

/**
 * @param sql one statement; an insert may carry its data behind FORMAT or VALUES
 * @throws EngineError 62 for several statements in one text, 48 for INTO OUTFILE
 */
export function parseStatement(sql: string, defaultFormat = DEFAULT_FORMAT): Statement {
  const first = firstWord(sql);
  // chDB takes C strings: it would run what stands before the zero byte.
  const refuseZero = (text: string): void => {
    if (text.includes('\0')) throw new EngineError(62, 'SYNTAX_ERROR', 'A statement holds a zero byte');
  };
  if (first === 'INSERT') {
    const insert = parseInsert(sql);
    if (insert !== null) {
      refuseZero(sql.slice(0, insert.dataAt));
      return insert;
    }
  }
  refuseZero(sql);
  const all: Token[] = [];
  let end = sql.length;
  for (const token of tokens(sql)) {
    if (isSymbol(token, ';') && end === sql.length) end = token.start;
    else if (end < sql.length) throw new EngineError(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed');
    else all.push(token);
  }
  const top = all.filter((token) => token.depth === 0);
  top.forEach((token, i) => {
    if (isWord(token, 'INTO') && isWord(top[i + 1], 'OUTFILE'))
      throw new EngineError(48, 'NOT_IMPLEMENTED', 'INTO OUTFILE is not allowed');
  });
  const writes = top.some((token, i) => isWord(token, 'INSERT') && isWord(top[i + 1], 'INTO'));
  if (!READS.has(first) || writes) return { kind: 'plain', sql: sql.slice(0, end) };
  return redirectRead(sql.slice(0, end), top, defaultFormat);
}

function redirectRead(sql: string, top: readonly Token[], defaultFormat: string): Statement {
  let head = sql;
  let tail = '';
  let format = defaultFormat;
  for (let i = top.length - 2; i >= 0; i--) {
    const name = top[i + 1]!;
    const next = top[i + 2];
    if (!isWord(top[i], 'FORMAT') || name.kind !== 'word') continue;
    if (next !== undefined && !isWord(next, 'SETTINGS')) continue;
    head = sql.slice(0, top[i]!.start);
    format = name.text;
    tail = sql.slice(name.end);
    break;
  }
  return {
    kind: 'read',
    format,
    sql: (pipe) => `${head}\nINTO OUTFILE '${pipe}' APPEND FORMAT ${format}${tail}`,
  };
}

/** An insert whose data is not SQL, or null (INSERT … SELECT). */
function parseInsert(sql: string): Extract<Statement, { kind: 'insert' }> | null {
  let settingsAt = -1;
  let format: { at: number; name: string; end: number } | null = null;
  let previous: Token | null = null;
  for (const token of tokens(sql)) {
    if (token.depth > 0) continue;
    if (isWord(previous, 'FORMAT') && token.kind === 'word' && previous !== null) {
      format = { at: previous.start, name: token.text, end: token.end };
      break;
    }
    if (isWord(token, 'VALUES')) {
      format = { at: token.start, name: 'Values', end: token.end };
      break;
    }
    if (isWord(token, 'SELECT') || isWord(token, 'WITH') || isWord(token, 'FROM')) return null;
    if (isWord(token, 'SETTINGS')) settingsAt = token.start;
    previous = token;
  }
  if (format === null) return null;
  const { at, name, end } = format;
  const headEnd = settingsAt < 0 ? at : settingsAt;
  const head = sql.slice(0, headEnd);
  const settings = sql.slice(headEnd, at);
  return {
    kind: 'insert',
    sql: (pipe) => `${head}\nFROM INFILE '${pipe}' COMPRESSION 'none'\n${settings}\nFORMAT ${name}`,
    // The server, too, takes the data from the line after FORMAT X, or right behind it.
    dataAt: end + (/^[ \t]*\r?\n?/.exec(sql.slice(end, end + 256))?.[0].length ?? 0),
  };
}

function firstWord(sql: string): string {
  for (const token of tokens(sql)) if (!isSymbol(token, '(')) return token.text.toUpperCase();
  return '';
}

function isWord(token: Token | null | undefined, word: string): boolean {
  return token != null && token.kind === 'word' && token.text.toUpperCase() === word;
}

function isSymbol(token: Token, symbol: string): boolean {
  return token.kind === 'symbol' && token.text === symbol;
}
