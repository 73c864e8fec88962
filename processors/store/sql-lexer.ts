/**
 * Cuts ClickHouse SQL text into the few tokens that matter for sorting statements by kind: words, punctuation, quoted
 * text. Used by the engine child (what kind of statement is this?) and by the migrations (where does one end?).
 */

export interface Token {
  readonly kind: 'word' | 'quoted' | 'symbol';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Brackets open around the token. */
  readonly depth: number;
}

const TOKEN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[ !][^\n]*)|(?<quoted>'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$)|`(?:[^`\\]|\\[\s\S]|``)*(?:`|$)|(?<heredoc>\$\w*\$)[\s\S]*?(?:\k<heredoc>|$))|(?<word>[\p{L}\p{N}_]+)|(?<symbol>[\s\S])/gsuy;

/** Tokens of `sql` in order, comments and white space left out. Lazy: the text after the last token taken is not read. */
export function* tokens(sql: string, from = 0): Generator<Token> {
  const pattern = new RegExp(TOKEN);
  pattern.lastIndex = from;
  let depth = 0;
  for (let match = pattern.exec(sql); match !== null; match = pattern.exec(sql)) {
    const text = match[0];
    const start = match.index;
    const end = start + text.length;
    const groups = match.groups!;
    if (groups.space !== undefined) continue;
    if (groups.quoted !== undefined) yield { kind: 'quoted', text, start, end, depth };
    else if (groups.word !== undefined) yield { kind: 'word', text, start, end, depth };
    else {
      if (text === ')' || text === ']' || text === '}') depth = Math.max(0, depth - 1);
      yield { kind: 'symbol', text, start, end, depth };
      if (text === '(' || text === '[' || text === '{') depth++;
    }
  }
}

/** The statements of a text, in order, without their semicolons; comments stay with the statement they stand before. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasToken = false;
  for (const token of tokens(text)) {
    if (token.kind === 'symbol' && token.text === ';') {
      if (hasToken) statements.push(text.slice(start, token.start).trim());
      start = token.end;
      hasToken = false;
    } else hasToken = true;
  }
  if (hasToken) statements.push(text.slice(start).trim());
  return statements;
}
