/**
 * Lines of events on their way to the server: cut into requests, sorted by tenant, each with an event_id. An id that is
 * missing is derived from the source's name, the line's number and its bytes, so that sending a line twice (a lost
 * answer, a resumed or repeated ingest) makes a duplicate that replay leaves out, never a second event.
 */
import { createHash } from 'node:crypto';
import { RewindError } from '../../schemas/errors.js';
import type { Line } from '../json/lines.js';
import { splitObject } from '../json/split.js';

export interface EventLine {
  readonly number: number;
  readonly tenantId: string;
  /** One JSON object without a line break. */
  readonly text: Buffer;
}

export interface LineFailure {
  readonly number: number;
  readonly code: string;
  readonly message: string;
}

export interface LineRules {
  /** Stands for the file; ids that are made up depend on it. */
  readonly sourceName: string;
  /** All lines belong to this tenant; left out: each line's own tenant_id, or the default. */
  readonly tenant: string | undefined;
  readonly defaultTenant: string;
  /** Turns a foreign record into one of our events; left out: lines are events already. */
  readonly convert: ((text: Buffer) => Buffer) | undefined;
}

/** Checks no more than it must: the server judges the event itself. */
export function eventLine(line: Line, rules: LineRules): EventLine | LineFailure {
  const { number } = line;
  if (line.text === null) return { number, code: 'record_too_large', message: 'The line is too long.' };
  try {
    const text = rules.convert === undefined ? line.text : rules.convert(line.text);
    const members = splitObject(text);
    const own = textMember(members, 'tenant_id');
    const tenantId = rules.tenant ?? own ?? rules.defaultTenant;
    const hasId = textMember(members, 'event_id') !== undefined;
    return { number, tenantId, text: hasId ? text : withId(text, members, line, rules.sourceName) };
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    return { number, code: error.code, message: error.message };
  }
}

function textMember(members: readonly (readonly [string, Buffer])[], name: string): string | undefined {
  const found = members.find(([member]) => member === name)?.[1].toString();
  return found?.startsWith('"') ? (JSON.parse(found) as string) : undefined;
}

function withId(
  text: Buffer,
  members: readonly (readonly [string, Buffer])[],
  line: Line,
  sourceName: string,
): Buffer {
  // Something else than text stands there (null, a number): the server says what is wrong with it.
  if (members.some(([name]) => name === 'event_id')) return text;
  const hash = createHash('sha256')
    .update(`${sourceName}\n${line.number}\n`)
    .update(line.text ?? '');
  const id = `"event_id":"${hash.digest('hex').slice(0, 32)}"${members.length === 0 ? '' : ','}`;
  const at = text.indexOf('{') + 1;
  return Buffer.concat([text.subarray(0, at), Buffer.from(id), text.subarray(at)]);
}
