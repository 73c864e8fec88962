/** Reads exact numbers of bytes from a stream of chunks cut anywhere. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes, or null where the stream ends before. For small numbers only. */
  async read(size: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let left = size;
    for await (const part of this.parts(size)) {
      parts.push(part);
      left -= part.length;
    }
    return left === 0 ? Buffer.concat(parts) : null;
  }

  /** The next bytes in parts as they come; fewer in all where the stream ends before. */
  async *parts(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) return;
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** True when nothing is left. */
  async ended(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#more())) return true;
    return false;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = next.value;
    return true;
  }
}
