/**
 * Answers as CSV (RFC 4180 quoting, a line feed after each row): one row an object, a column for each member in the
 * order in which it is first seen. Text that a spreadsheet would run as a formula gets an apostrophe before it; objects,
 * lists and numbers are their JSON text, with every digit.
 */
import { isArrayText, splitArray, splitObject } from '../json/split.js';

const FORMULA = /^[=+\-@\t\r]/;

/** @param data an object, or an array of objects; anything else is one column named value */
export function csvOf(data: Buffer): string {
  const items = isArrayText(data) ? splitArray(data) : [data];
  const rows = items.map(membersOf);
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const lines = [names, ...rows.map((row) => names.map((name) => cellOf(row.get(name))))];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

function membersOf(item: Buffer): ReadonlyMap<string, string> {
  const text = item.toString().trim();
  if (!text.startsWith('{')) return new Map([['value', text]]);
  return new Map(splitObject(item).map(([name, value]) => [name, value.toString()]));
}

function cellOf(json: string | undefined): string {
  if (json === undefined || json === 'null') return '';
  if (!json.startsWith('"')) return json;
  const text = JSON.parse(json) as string;
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
