/**
 * Answers that hold JSON text from the store. A number of 64 bits or a long decimal would lose digits in
 * JSON.parse, so such text is spliced into the answer as it is.
 */

/** JSON text that is already right; it is written out unchanged. */
export class RawJson {
  readonly text: string;

  /** @param text well-formed JSON */
  constructor(text: string) {
    this.text = text;
  }
}

export function jsonOrNull(json: string | null): RawJson | null {
  return json === null ? null : new RawJson(json);
}

/** JSON text of a value whose parts may be RawJson. As JSON.stringify otherwise: undefined members are left out. */
export function toJsonText(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (typeof value === 'bigint') return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map((item) => toJsonText(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null && !('toJSON' in value)) {
    const members: string[] = [];
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined) members.push(`${JSON.stringify(name)}:${toJsonText(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
