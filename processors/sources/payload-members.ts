/**
 * A payload as the archive stores it: the names of its top-level members (its shape, the same text for all events of a
 * kind) apart from their values. What a job tracks is then a place in a list, found without parsing JSON again.
 * Both texts are parts of the canonical JSON, which holds no line feed, so the payload is put together again from them.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

export interface PayloadMembers {
  /** `\n"name"\n"title"\n`: each name as a JSON string, a line feed around each; `\n` for `{}`. */
  readonly shape: string;
  /** The values in the same order, joined by line feeds. */
  readonly values: string;
}

/** Members of a canonical JSON object; an empty text (a record that did not decode) has an empty shape. */
export function payloadMembers(payload: string): PayloadMembers {
  if (payload === '') return { shape: '', values: '' };
  let shape = '\n';
  let values = '';
  for (let at = 1; payload.charCodeAt(at) !== CLOSE_OBJECT && at < payload.length; ) {
    const nameEnd = stringEnd(payload, at);
    const end = valueEnd(payload, nameEnd + 1);
    if (at > 1) values += '\n';
    shape += `${payload.slice(at, nameEnd)}\n`;
    values += payload.slice(nameEnd + 1, end);
    at = end + 1;
  }
  return { shape, values };
}

/** The payload again: canonical JSON from its members. */
export function payloadText(shape: string, values: string): string {
  if (shape === '' || shape === '\n') return shape === '' ? '' : '{}';
  const names = shape.slice(1, -1).split('\n');
  const parts = values.split('\n');
  return `{${names.map((name, i) => `${name}:${parts[i]}`).join(',')}}`;
}

/** Index after the string whose opening quote stands at `at`. */
function stringEnd(text: string, at: number): number {
  let i = at + 1;
  for (let code = text.charCodeAt(i); code !== QUOTE; code = text.charCodeAt(++i))
    if (code === BACKSLASH) i++;
  return i + 1;
}

/** Index of the comma or bracket after the value that begins at `at`. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; ; ) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = stringEnd(text, i);
      continue;
    }
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      if (depth === 0) return i;
      depth--;
    } else if (code === 0x2c && depth === 0) return i;
    i++;
  }
}
