/**
 * Members of the server's JSON, read as text: a number is shown with the digits it came with. Nothing is parsed but
 * strings.
 */
import { splitArray, splitObject } from '../json/split.js';

export interface Row {
  /** JSON text of a member; empty where it is absent. */
  raw(name: string): string;
  /** For people: strings without quotes, null and absent as empty text, anything else as its JSON text. */
  text(name: string): string;
  /** A member that is an object, or an empty row. */
  row(name: string): Row;
  /** The items of a member that is an array of objects. */
  rows(name: string): Row[];
  /** A member that is a number, or digits in quotes, for showing; 0 where it is absent. */
  number(name: string): number;
  names(): string[];
}

export function rowOf(json: Buffer): Row {
  const members = new Map(splitObject(json));
  const raw = (name: string) => members.get(name)?.toString() ?? '';
  return {
    raw,
    text: (name) => plain(raw(name)),
    row: (name) => rowOf(raw(name).startsWith('{') ? Buffer.from(raw(name)) : Buffer.from('{}')),
    rows: (name) => (raw(name).startsWith('[') ? rowsOf(Buffer.from(raw(name))) : []),
    number: (name) => Number(plain(raw(name)) || 0),
    names: () => [...members.keys()],
  };
}

export function rowsOf(json: Buffer): Row[] {
  return splitArray(json).map(rowOf);
}

/** A JSON value for people. */
export function plain(json: string): string {
  if (json === '' || json === 'null') return '';
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
