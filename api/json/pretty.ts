/** JSON text laid out over lines without parsing it: every number keeps its digits. */

const SPACE = /\s/;

/** @param json well-formed JSON text */
export function prettyJson(json: string): string {
  let out = '';
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at] ?? '';
    if (char === '"') {
      const end = stringEnd(json, at);
      out += json.slice(at, end);
      at = end - 1;
    } else if (char === '{' || char === '[') {
      const close = nextSolid(json, at + 1);
      if (json[close] === '}' || json[close] === ']') {
        out += char + json[close];
        at = close;
      } else {
        depth++;
        out += `${char}\n${'  '.repeat(depth)}`;
      }
    } else if (char === '}' || char === ']') {
      depth--;
      out += `\n${'  '.repeat(depth)}${char}`;
    } else if (char === ',') out += `,\n${'  '.repeat(depth)}`;
    else if (char === ':') out += ': ';
    else if (!SPACE.test(char)) out += char;
  }
  return out;
}

function stringEnd(json: string, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

function nextSolid(json: string, from: number): number {
  let at = from;
  while (at < json.length && SPACE.test(json[at] ?? '')) at++;
  return at;
}
