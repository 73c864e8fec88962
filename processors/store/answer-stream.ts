/**
 * The bytes of an answer, without the error that a server writes behind them when a statement fails half-way: an end
 * that is no end becomes an error of the stream, whatever the format.
 */
import { Readable } from 'node:stream';
import { parseError } from '@clickhouse/client';
import { RewindError } from '../../schemas/errors.js';

/** Servers keep the mark, the message and its length within 16 KiB. */
const TRAILER_MAX_BYTES = (16 << 10) + 256;
const MARK = '__exception__';
/** Answers up to this size are held in memory as rows; larger ones are to be streamed. */
const ROWS_MAX_BYTES = 256 << 20;

export interface AnswerStreamOptions {
  readonly source: Readable;
  /** X-ClickHouse-Exception-Tag; null: a server before 25.11, which only breaks the transfer off. */
  readonly tag: string | null;
  readonly toError: (error: unknown) => Error;
  /** Called once, when the answer has ended in whatever way. */
  readonly onSettled: () => void;
}

export class AnswerStream extends Readable {
  readonly #options: AnswerStreamOptions;
  /** The last bytes stay here until it is known that they are data. */
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #settled = false;

  constructor(options: AnswerStreamOptions) {
    super({ highWaterMark: 1 << 20 });
    this.#options = options;
    const { source } = options;
    source.pause();
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => this.#finish(null));
    source.on('error', (error) => this.#finish(error));
    source.on('close', () => this.#finish(new Error('the answer broke off')));
  }

  override _read(): void {
    this.#options.source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#settle();
    this.#tail = [];
    this.#options.source.destroy();
    callback(error);
  }

  #take(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    let ready = true;
    while (this.#tailBytes - this.#tail[0]!.length >= TRAILER_MAX_BYTES) {
      const sure = this.#tail.shift()!;
      this.#tailBytes -= sure.length;
      ready = this.push(sure);
    }
    if (!ready) this.#options.source.pause();
  }

  #finish(error: Error | null): void {
    if (this.#settled || this.destroyed) return;
    this.#settle();
    const tail = Buffer.concat(this.#tail);
    this.#tail = [];
    const failure = trailerError(tail, this.#options.tag) ?? error;
    if (failure !== null) {
      this.destroy(this.#options.toError(failure));
      return;
    }
    this.push(tail);
    this.push(null);
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.onSettled();
  }
}

/** The error written behind the data: \r\n__exception__\r\nTAG\r\n<message>\n<bytes> TAG\r\n__exception__\r\n */
function trailerError(tail: Buffer, tag: string | null): Error | null {
  if (tag === null) return null;
  const end = `${tag}\r\n${MARK}\r\n`;
  if (tail.length < end.length || tail.toString('latin1', tail.length - end.length) !== end) return null;
  const begin = Buffer.from(`${MARK}\r\n${tag}\r\n`);
  const at = tail.lastIndexOf(begin);
  const text = tail.toString('utf8', at < 0 ? 0 : at + begin.length, tail.length - end.length);
  return parseError(text.replace(/\n\d+ *$/, ''));
}

/** The rows of an answer in JSONEachRow. Rejects with store_memory_limit where they are too many to hold. */
export async function readRows<Row>(stream: Readable): Promise<Row[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > ROWS_MAX_BYTES)
      throw new RewindError('store_memory_limit', `an answer is larger than ${ROWS_MAX_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  // Line breaks inside values are escaped, so each one ends a row.
  const text = Buffer.concat(chunks).toString('utf8').trimEnd();
  return JSON.parse(`[${text.replaceAll('\n', ',')}]`) as Row[];
}
