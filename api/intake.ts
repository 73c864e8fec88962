/**
 * From the text of events to durable records: parse each one apart, append the good ones together, and say for each
 * what became of it. Shared by the routes' JSON and NDJSON forms.
 */
import type { AppendResult } from '../processors/replay/service.js';
import { type ErrorCode, excerpt, RewindError } from '../schemas/errors.js';
import type { AppendRecord, GroupCommit } from './group-commit.js';
import type { Line } from './json/lines.js';

export type ParsedEvent =
  | { readonly ok: true; readonly record: AppendRecord & { readonly eventId: string } }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly pointer: string };

/** @param text the event's own bytes, so that no digit is lost @param tenantId from the path */
export type ParseEvent = (text: Buffer, tenantId: string) => ParsedEvent;

export interface Rejection {
  readonly index: number;
  readonly status: 'rejected';
  readonly code: ErrorCode;
  readonly message: string;
  readonly pointer: string;
}

export interface Acceptance extends AppendResult {
  readonly index: number;
  readonly status: 'accepted';
  readonly event_id: string;
}

export type EventResult = Acceptance | Rejection;

export interface IntakeOptions {
  readonly tenantId: string;
  readonly parseEvent: ParseEvent;
  readonly commits: GroupCommit;
  readonly recordMaxBytes: number;
}

interface Prepared {
  readonly records: readonly (AppendRecord & { readonly eventId: string })[];
  /** Index in the input of each record. */
  readonly indexes: readonly number[];
  readonly rejections: readonly Rejection[];
}

function prepare(texts: readonly (Buffer | null)[], firstIndex: number, options: IntakeOptions): Prepared {
  const records: (AppendRecord & { readonly eventId: string })[] = [];
  const indexes: number[] = [];
  const rejections: Rejection[] = [];
  texts.forEach((text, place) => {
    const index = firstIndex + place;
    const parsed = text === null ? tooLarge(options) : options.parseEvent(text, options.tenantId);
    const checked =
      parsed.ok && parsed.record.value.length > options.recordMaxBytes ? tooLarge(options) : parsed;
    if (checked.ok) {
      records.push(checked.record);
      indexes.push(index);
    } else {
      const { code, message, pointer } = checked;
      rejections.push({ index, status: 'rejected', code, message, pointer });
    }
  });
  return { records, indexes, rejections };
}

function tooLarge(options: IntakeOptions): Extract<ParsedEvent, { ok: false }> {
  const message = `The event is larger than ${options.recordMaxBytes} bytes.`;
  return { ok: false, code: 'record_too_large', message, pointer: '' };
}

/** Results in the order of the input. Accepted means durable. Rejects when the log does not take the records. */
export async function takeEvents(texts: readonly Buffer[], options: IntakeOptions): Promise<EventResult[]> {
  const { records, indexes, rejections } = prepare(texts, 0, options);
  const stored = await options.commits.append(records);
  const results: EventResult[] = [...rejections];
  stored.forEach(({ topic, partition, offset }, place) => {
    const event_id = records[place]?.eventId ?? '';
    results.push({ index: indexes[place] ?? 0, status: 'accepted', event_id, topic, partition, offset });
  });
  return results.sort((a, b) => a.index - b.index);
}

export interface StreamSummary {
  accepted: number;
  rejected: number;
  /** The first 1,000 rejections; `index` is the 1-based line. */
  readonly errors: Rejection[];
  errors_truncated: boolean;
  /** Lines of the stream, blank ones too. */
  lines: number;
}

const ERRORS_MAX = 1000;
/** Appends of one stream under way at once: enough to keep the log busy, few enough to bound memory. */
const STREAM_APPENDS_MAX = 16;

/**
 * Takes a stream of lines with backpressure: it reads on only while few of its appends are under way.
 * When the log fails, the error's `facts.resumeFromLine` is the first line that is not known to be durable; later
 * lines may be there all the same, so events that are sent again should carry an event_id.
 */
export async function takeEventLines(
  batches: AsyncIterable<readonly Line[]>,
  options: IntakeOptions,
): Promise<StreamSummary> {
  const summary: StreamSummary = { accepted: 0, rejected: 0, errors: [], errors_truncated: false, lines: 0 };
  const pending: { readonly firstLine: number; readonly done: Promise<number | RewindError> }[] = [];
  const settle = async () => {
    const next = pending.shift();
    if (next === undefined) return;
    const outcome = await next.done;
    if (typeof outcome !== 'number') throw stopped(outcome, next.firstLine, summary);
    summary.accepted += outcome;
  };
  for await (const lines of batches) {
    const [first] = lines;
    if (first === undefined) continue;
    const prepared = prepareLines(lines, options);
    for (const rejection of prepared.rejections) note(summary, rejection);
    summary.lines = lines.at(-1)?.number ?? summary.lines;
    await options.commits.room();
    const done = options.commits
      .append(prepared.records, options)
      .then((stored) => stored.length, asRewindError);
    pending.push({ firstLine: first.number, done });
    if (pending.length >= STREAM_APPENDS_MAX) await settle();
  }
  while (pending.length > 0) await settle();
  return summary;
}

/** Lines are told by number, since blank ones leave gaps. */
function prepareLines(lines: readonly Line[], options: IntakeOptions): Prepared {
  const prepared = prepare(
    lines.map((line) => line.text),
    0,
    options,
  );
  const rejections = prepared.rejections.map((rejection) => ({
    ...rejection,
    index: lines[rejection.index]?.number ?? 0,
  }));
  return { ...prepared, rejections };
}

function note(summary: StreamSummary, rejection: Rejection): void {
  summary.rejected++;
  if (summary.errors.length < ERRORS_MAX) summary.errors.push(rejection);
  else summary.errors_truncated = true;
}

function asRewindError(error: unknown): RewindError {
  if (error instanceof RewindError) return error;
  return new RewindError('internal', excerpt((error as Error).message), { cause: error });
}

function stopped(error: RewindError, line: number, summary: StreamSummary): RewindError {
  return new RewindError(error.code, `Line ${line} and later were not stored: ${error.message}`, {
    cause: error,
    facts: {
      resumeFromLine: line,
      linesStored: summary.accepted,
      linesRejected: summary.errors.filter((rejection) => rejection.index < line).length,
    },
  });
}
