/**
 * The answer to one request. The first megabyte is held back, so that an error early in a statement still becomes an
 * HTTP error; a later one is written behind the data in the form that ClickHouse servers use, and the transfer is cut.
 */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type EngineError, httpStatus } from './engine-error.js';

const HELD_MAX_BYTES = 1 << 20;
/** Servers cut the message behind the data, too; readers look for the mark in the last 16 KiB. */
const TRAILER_MESSAGE_MAX_BYTES = 8 << 10;

export class Answer {
  readonly #response: ServerResponse;
  readonly #tag = randomBytes(8).toString('hex');
  readonly #headers: Record<string, string>;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(response: ServerResponse, queryId: string) {
    this.#response = response;
    this.#headers = { 'X-ClickHouse-Query-Id': queryId, 'X-ClickHouse-Exception-Tag': this.#tag };
  }

  format(name: string): void {
    this.#headers['X-ClickHouse-Format'] = name;
    this.#headers['Content-Type'] = name.startsWith('JSON')
      ? 'application/json; charset=UTF-8'
      : name.startsWith('TabSeparated')
        ? 'text/tab-separated-values; charset=UTF-8'
        : 'application/octet-stream';
  }

  /** False: the receiver is slow; go on at its next `drain`. */
  write(chunk: Buffer): boolean {
    if (this.#response.headersSent) return this.#response.write(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < HELD_MAX_BYTES) return true;
    return this.#sendHeld();
  }

  end(): void {
    if (!this.#response.headersSent && this.#heldBytes < HELD_MAX_BYTES) {
      const body = Buffer.concat(this.#held);
      this.#response.writeHead(200, { ...this.#headers, 'Content-Length': String(body.length) });
      this.#response.end(body);
      return;
    }
    this.#response.end();
  }

  fail(error: EngineError): void {
    if (!this.#response.headersSent) {
      const body = Buffer.from(`${error.message}\n`);
      this.#held = [];
      this.#response.writeHead(httpStatus(error.code), {
        ...this.#headers,
        'Content-Type': 'text/plain; charset=UTF-8',
        'Content-Length': String(body.length),
        'X-ClickHouse-Exception-Code': String(error.code),
        ...(error.code === 202 ? { 'Retry-After': '1' } : {}),
      });
      this.#response.end(body);
      return;
    }
    const message = Buffer.from(`${error.message.slice(0, TRAILER_MESSAGE_MAX_BYTES / 4)}\n`);
    this.#response.write(
      Buffer.concat([
        Buffer.from(`\r\n__exception__\r\n${this.#tag}\r\n`),
        message,
        Buffer.from(`${message.length} ${this.#tag}\r\n__exception__\r\n`),
      ]),
      // No last chunk: a reader that does not know the mark must not take the answer for complete.
      () => this.#response.socket?.end(),
    );
  }

  #sendHeld(): boolean {
    this.#response.writeHead(200, this.#headers);
    let ready = true;
    for (const chunk of this.#held) ready = this.#response.write(chunk);
    this.#held = [];
    return ready;
  }
}
