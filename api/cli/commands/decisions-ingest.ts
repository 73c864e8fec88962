/**
 * `rewind decisions ingest FILE|-`: decision logs from a file, as OPA writes them to the console or uploads them: one
 * decision a line, or a JSON array, also gzipped. Sent again after an interruption they count as duplicates.
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { RewindError } from '../../../schemas/errors.js';
import { lineBatches } from '../../json/lines.js';
import { isArrayText, splitArray } from '../../json/split.js';
import { EXIT } from '../exit-codes.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { renderFacts } from '../table.js';
import { count } from '../values.js';

const LINE_MAX_BYTES = 4 << 20;
const REQUEST_BYTES = 2 << 20;
/** An array is cut as a whole, so it is held as a whole. */
const ARRAY_MAX_BYTES = 256 << 20;
const TRIES = 6;
const FIRST_RETRY_MS = 250;
const FAILURES_SHOWN = 20;

interface IngestOptions {
  readonly partition?: string;
}

interface Decision {
  /** Line, or place in the array, from 1. */
  readonly number: number;
  readonly text: Buffer;
}

export function ingestDecisionsCommand(cli: Cli): Command {
  return new Command('ingest')
    .description('Send decision logs: NDJSON or a JSON array, also gzipped; - reads standard input')
    .argument('<file>', 'file, or -')
    .option('--partition <name>', 'name that the decisions keep as partition_name')
    .addHelpText('after', '\nExample:\n  rewind decisions ingest decisions.ndjson --tenant acme')
    .action(async (file: string, options: IngestOptions, command: Command) => {
      const session = openSession(cli, command);
      const sender = new Sender(session, options.partition);
      let group: Decision[] = [];
      let bytes = 0;
      for await (const decision of decisionsOf(cli, file)) {
        group.push(decision);
        bytes += decision.text.length;
        if (bytes < REQUEST_BYTES) continue;
        await sender.send(group);
        group = [];
        bytes = 0;
      }
      await sender.send(group);
      session.terminal.progressDone();
      const { accepted, rejected } = sender;
      await session.print(Buffer.from(JSON.stringify({ accepted, rejected })), (terminal) =>
        renderFacts(terminal, [
          ['accepted', count(accepted)],
          ['rejected', count(rejected)],
        ]),
      );
      if (rejected > 0) cli.exitCode = EXIT.failedEvents;
    });
}

class Sender {
  readonly #session: Session;
  readonly #partition: string | undefined;
  accepted = 0;
  rejected = 0;

  constructor(session: Session, partition: string | undefined) {
    this.#session = session;
    this.#partition = partition;
  }

  /** Tries again while the server is unavailable: decisions that it has already count once, by their ids. */
  async send(group: readonly Decision[]): Promise<void> {
    if (group.length === 0) return;
    const body = Buffer.concat(
      group.flatMap(({ text }, i) => [i === 0 ? OPEN : COMMA, text]).concat([CLOSE]),
    );
    for (let attempt = 1; ; attempt++) {
      try {
        this.#note(await this.#post(body), group);
        break;
      } catch (error) {
        if (!(error instanceof RewindError)) throw error;
        const { errors } = error.facts;
        // None of them was taken: their reasons are in the problem.
        if (Array.isArray(errors) && errors.length > 0 && 'index' in errors[0]) {
          this.#note(Buffer.from(JSON.stringify({ accepted: 0, rejected: group.length, errors })), group);
          break;
        }
        if (!error.retryable || attempt === TRIES) throw error;
        this.#session.terminal.say(`${error.code}: ${error.message}; trying again`);
        await wait(FIRST_RETRY_MS * 2 ** attempt);
      }
    }
    this.#session.terminal.progress(`${count(this.accepted)} accepted  ${count(this.rejected)} rejected`);
  }

  async #post(body: Buffer): Promise<Buffer> {
    const { connection, tenant } = this.#session;
    const header = { 'x-tenant-id': tenant };
    const answer =
      this.#partition === undefined
        ? await connection.post('/logs', { params: { header }, body })
        : await connection.post('/logs/{partition}', {
            params: { header, path: { partition: this.#partition } },
            body,
          });
    return answer.data;
  }

  #note(data: Buffer, group: readonly Decision[]): void {
    const answer = rowOf(data);
    for (const error of answer.rows('errors').slice(0, Math.max(0, FAILURES_SHOWN - this.rejected))) {
      const number = group[error.number('index')]?.number ?? 0;
      const at = error.text('pointer') === '' ? '' : ` at ${error.text('pointer')}`;
      this.#session.terminal.say(`decision ${number}: ${error.text('code')}: ${error.text('message')}${at}`);
    }
    this.accepted += answer.number('accepted');
    this.rejected += answer.number('rejected');
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

async function* decisionsOf(cli: Cli, file: string): AsyncGenerator<Decision> {
  const source = file === '-' ? cli.stdin : createReadStream(resolve(cli.cwd, file));
  try {
    const [first, chunks] = await begun(source);
    const plain = first[0] === 0x1f && first[1] === 0x8b ? await begun(chunks.pipe(createGunzip())) : null;
    const [head, text] = plain ?? [first, chunks];
    if (isArrayText(head)) yield* itemsOf(text);
    else yield* linesOf(text);
  } catch (cause) {
    if (cause instanceof RewindError) throw cause;
    throw new RewindError('file_unreadable', `${file}: ${(cause as Error).message}`, { cause });
  }
}

/** The first bytes of a stream, and the stream with them still in it. */
async function begun(source: Readable): Promise<[Buffer, Readable]> {
  await new Promise<void>((resolve, reject) => {
    source.once('readable', resolve);
    source.once('end', resolve);
    source.once('error', reject);
  });
  const first = source.read() as Buffer | null;
  if (first !== null) source.unshift(first);
  return [first ?? Buffer.alloc(0), source];
}

async function* itemsOf(source: AsyncIterable<Buffer>): AsyncGenerator<Decision> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ARRAY_MAX_BYTES)
      throw new RewindError('body_too_large', `an array of more than ${ARRAY_MAX_BYTES} bytes: send lines`);
  }
  for (const [i, text] of splitArray(Buffer.concat(chunks)).entries()) yield { number: i + 1, text };
}

async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Decision> {
  for await (const lines of lineBatches(source, LINE_MAX_BYTES)) {
    for (const { number, text } of lines) {
      if (text === null) throw new RewindError('record_too_large', `line ${number} is too long`);
      yield { number, text };
    }
  }
}
