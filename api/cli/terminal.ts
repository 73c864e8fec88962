/**
 * The two streams of a command: stdout is data, stderr is for people. Colour follows NO_COLOR, FORCE_COLOR, TERM=dumb
 * and --no-color; text from events never reaches a terminal with control characters in it.
 */

export interface Terminal {
  readonly color: boolean;
  readonly columns: number;
  readonly interactive: boolean;
  /** Data, to stdout; resolves when it is taken, so that a slow pipe slows the command and not its memory. */
  data(text: string): Promise<void>;
  /** A message to people, on stderr; nothing with --quiet. */
  say(text: string): void;
  /**
   * Replaces the current progress line on a terminal; elsewhere a plain line, at most every ten seconds. As JSON: a line
   * with the text and `facts`, at most once a second.
   */
  progress(text: string, facts?: Readonly<Record<string, string | number>>): void;
  /** Ends the progress line. */
  progressDone(): void;
}

export interface TerminalOptions {
  readonly quiet: boolean;
  /** Progress for programs, on stderr. */
  readonly progressJson?: boolean;
  readonly color: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const PLAIN_PROGRESS_MS = 10_000;
const JSON_PROGRESS_MS = 1_000;
const DEFAULT_COLUMNS = 100;

export function openTerminal(options: TerminalOptions): Terminal {
  const { stdout, stderr, quiet } = options;
  const interactive = stderr.isTTY === true;
  let lastPlain = Number.NEGATIVE_INFINITY;
  let onLine = false;
  const clearLine = () => {
    if (onLine) stderr.write('\r\u001b[K');
    onLine = false;
  };
  return {
    color: colorWanted(options),
    columns: stdout.columns ?? DEFAULT_COLUMNS,
    interactive,
    data: (text) => write(stdout, text),
    say: (text) => {
      if (quiet) return;
      clearLine();
      stderr.write(`${text}\n`);
    },
    progress: (text, facts = {}) => {
      if (quiet) return;
      if (options.progressJson) {
        if (performance.now() - lastPlain < JSON_PROGRESS_MS) return;
        stderr.write(`${JSON.stringify({ progress: { text, ...facts } })}\n`);
        lastPlain = performance.now();
        return;
      }
      if (interactive) {
        stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? DEFAULT_COLUMNS) - 1)}`);
        onLine = true;
      } else if (performance.now() - lastPlain >= PLAIN_PROGRESS_MS) {
        stderr.write(`${text}\n`);
        lastPlain = performance.now();
      }
    },
    progressDone: clearLine,
  };
}

function colorWanted({ color, env, stdout }: TerminalOptions): boolean {
  if (color === false) return false;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stdout.isTTY === true && env.TERM !== 'dumb';
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Tint = keyof typeof CODES;

/** Text in a colour, or as it is where colours are off. */
export function tint(terminal: Pick<Terminal, 'color'>, name: Tint, text: string): string {
  return terminal.color && text !== '' ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text;
}

/** Control characters shown as escapes: an audit value cannot move the cursor or forge a line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Cuts to a width, with an ellipsis. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
