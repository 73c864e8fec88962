/**
 * `rewind ingest FILE|-`: sends a file of events to a running server, as fast as it takes them. After each request that
 * was answered the place is noted; an interrupted ingest goes on from there.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { RewindError } from '../../../schemas/errors.js';
import { lineBatches } from '../../json/lines.js';
import { type Checkpoint, readCheckpoint, removeCheckpoint, START, writeCheckpoint } from '../checkpoint.js';
import { type EventLine, eventLine, type LineFailure, type LineRules } from '../event-lines.js';
import { EXIT } from '../exit-codes.js';
import type { ForeignReader } from '../foreign.js';
import { rowOf } from '../rows.js';
import { type Cli, type GlobalOptions, openSession, type Session } from '../session.js';
import { renderFacts } from '../table.js';
import { count, duration } from '../values.js';

interface IngestOptions {
  readonly encoding?: string;
  readonly checkpoint?: string;
  readonly restart?: boolean;
  readonly allowFailures?: boolean;
}

const LINE_MAX_BYTES = 4 << 20;
const REQUEST_BYTES = 2 << 20;
const TRIES = 6;
const FIRST_RETRY_MS = 250;
const FAILURES_SHOWN = 20;

export function ingestCommand(cli: Cli): Command {
  return new Command('ingest')
    .description('Send a file of events (NDJSON, also .gz; - reads stdin)')
    .argument('<file>', 'file, or -')
    .option(
      '--encoding <file>',
      'encoding that reads foreign records, for example CloudTrail; saved for the tenant',
    )
    .option('--checkpoint <file>', 'where the place is kept (default: <file>.rewind-checkpoint)')
    .option('--restart', 'start over, whatever the checkpoint says')
    .option('--allow-failures', 'exit 0 although events were rejected')
    .addHelpText(
      'after',
      `
Without --tenant each line goes to its own tenant_id. With --encoding the whole record becomes the payload, the
encoding becomes a version of the tenant, and the version's number is printed: replay with it.

Examples:
  rewind ingest events.ndjson --tenant acme
  rewind ingest cloudtrail.ndjson.gz --encoding schemas/encodings/cloudtrail.json --tenant aws`,
    )
    .action(async (file: string, options: IngestOptions, command: Command) => {
      const session = openSession(cli, command);
      const ingest = new Ingest(cli, session, file, options);
      await ingest.run(command.optsWithGlobals<GlobalOptions>().tenant ?? cli.env.REWIND_TENANT);
    });
}

class Ingest {
  readonly #cli: Cli;
  readonly #session: Session;
  readonly #file: string;
  readonly #options: IngestOptions;
  /** null: the place is not kept. */
  #checkpointPath: string | null;
  readonly #started = performance.now();
  /** Version of the encoding by tenant, once it is saved there. */
  readonly #versions = new Map<string, number>();
  #foreign: ForeignReader | undefined;
  #at: Checkpoint = START;
  #sentLines = 0;
  #failuresShown = 0;

  constructor(cli: Cli, session: Session, file: string, options: IngestOptions) {
    this.#cli = cli;
    this.#session = session;
    this.#file = file;
    this.#options = options;
    this.#checkpointPath = options.checkpoint ?? (file === '-' ? null : `${file}.rewind-checkpoint`);
  }

  async run(tenant: string | undefined): Promise<void> {
    const path = this.#checkpointPath;
    if (path !== null && !this.#options.restart) this.#at = readCheckpoint(path);
    if (this.#at.lines > 0) this.#session.terminal.say(`Goes on behind line ${count(this.#at.lines)}.`);
    const { encoding } = this.#options;
    if (encoding !== undefined) {
      const { loadForeignReader } = await import('../foreign.js');
      this.#foreign = loadForeignReader(encoding, tenant, this.#session.tenant);
    }
    const rules: LineRules = {
      sourceName: basename(this.#file),
      tenant,
      defaultTenant: this.#session.tenant,
      convert: this.#foreign?.convert,
    };
    if (tenant !== undefined) await this.#saveEncoding(tenant);
    const stopped = await this.#sendAll(rules);
    this.#session.terminal.progressDone();
    if (!stopped && path !== null) removeCheckpoint(path);
    await this.#finish(stopped);
  }

  /** The tenant's replays need the encoding as a version of theirs; saving the same definition again changes nothing. */
  async #saveEncoding(tenantId: string): Promise<void> {
    if (this.#foreign === undefined || this.#versions.has(tenantId)) return;
    const { encoding } = this.#foreign;
    const body = Buffer.from(JSON.stringify({ definition: encoding }));
    const answer = await this.#session.connection.post('/tenants/{tenant_id}/encodings', {
      params: { path: { tenant_id: tenantId } },
      body,
    });
    const version = rowOf(answer.data).number('version');
    this.#versions.set(tenantId, version);
    this.#session.terminal.say(`Encoding ${encoding.name} is version ${version} of tenant ${tenantId}.`);
  }

  /** True when a signal stopped it between two requests. */
  async #sendAll(rules: LineRules): Promise<boolean> {
    const { offset: skip, lines: linesBefore } = this.#at;
    let group: EventLine[] = [];
    let bytes = 0;
    let place = { offset: skip, lines: linesBefore };
    for await (const lines of lineBatches(this.#open(skip), LINE_MAX_BYTES)) {
      for (const line of lines) {
        const numbered = { ...line, number: line.number + linesBefore };
        place = { offset: line.endOffset + skip, lines: numbered.number };
        const made = eventLine(numbered, rules);
        if ('text' in made) {
          group.push(made);
          bytes += made.text.length;
        } else this.#reject(made);
        if (bytes < REQUEST_BYTES) continue;
        await this.#send(group, place);
        group = [];
        bytes = 0;
        if (this.#cli.signal.aborted) return true;
      }
    }
    await this.#send(group, place);
    return false;
  }

  #open(skip: number): AsyncIterable<Buffer> {
    if (this.#file === '-') return skipBytes(this.#cli.stdin, skip);
    const packed = this.#file.endsWith('.gz');
    const read = createReadStream(this.#file, packed ? {} : { start: skip });
    return unreadable(this.#file, packed ? skipBytes(unpack(read), skip) : read);
  }

  /** One request per tenant, in the order of the lines; then the place is noted. */
  async #send(group: readonly EventLine[], place: { offset: number; lines: number }): Promise<void> {
    const tenants = new Map<string, EventLine[]>();
    for (const line of group) {
      const lines = tenants.get(line.tenantId);
      if (lines === undefined) tenants.set(line.tenantId, [line]);
      else lines.push(line);
    }
    for (const [tenantId, lines] of tenants) {
      await this.#saveEncoding(tenantId);
      await this.#sendTenant(tenantId, lines);
    }
    this.#sentLines += group.length;
    this.#at = { ...this.#at, ...place };
    if (place.offset > 0) this.#keepPlace();
    const perSecond = this.#sentLines / ((performance.now() - this.#started) / 1000);
    this.#session.terminal.progress(
      `${count(this.#at.accepted)} accepted  ${count(this.#at.rejected)} rejected  ${count(perSecond)}/s`,
    );
  }

  /** Beside a file that stands in a read-only directory no place can be kept; a path that was asked for must work. */
  #keepPlace(): void {
    const path = this.#checkpointPath;
    if (path === null) return;
    try {
      writeCheckpoint(path, this.#at);
    } catch (cause) {
      const reason = (cause as Error).message;
      if (this.#options.checkpoint !== undefined) {
        throw new RewindError('file_unreadable', `Checkpoint ${path}: ${reason}`, { cause });
      }
      this.#checkpointPath = null;
      this.#session.terminal.say(`The place cannot be kept (${reason}); --checkpoint names another file.`);
    }
  }

  /** Tries again while the server is unavailable; what it has stored already is not sent again. */
  async #sendTenant(tenantId: string, all: readonly EventLine[]): Promise<void> {
    let lines = all;
    for (let attempt = 1; ; attempt++) {
      const body = Buffer.concat(lines.flatMap((line) => [line.text, NEWLINE]));
      try {
        const answer = await this.#session.connection.post('/tenants/{tenant_id}/audit-events', {
          params: { path: { tenant_id: tenantId } },
          body,
          contentType: 'application/x-ndjson',
        });
        this.#count(answer.data, lines);
        return;
      } catch (error) {
        if (!(error instanceof RewindError)) throw error;
        if (error.facts.data !== undefined) {
          this.#count(Buffer.from(JSON.stringify(error.facts.data)), lines);
          return;
        }
        if (!error.retryable || attempt === TRIES || this.#cli.signal.aborted) throw error;
        const from = Number(error.facts.resumeFromLine ?? 1);
        this.#at = {
          ...this.#at,
          accepted: this.#at.accepted + Number(error.facts.linesStored ?? 0),
          rejected: this.#at.rejected + Number(error.facts.linesRejected ?? 0),
        };
        lines = lines.slice(from - 1);
        this.#session.terminal.say(`${error.code}: ${error.message}; trying again`);
        await wait(FIRST_RETRY_MS * 2 ** attempt);
      }
    }
  }

  #count(data: Buffer, lines: readonly EventLine[]): void {
    const summary = rowOf(data);
    this.#at = { ...this.#at, accepted: this.#at.accepted + summary.number('accepted') };
    const errors = summary.rows('errors');
    for (const error of errors) {
      const number = lines[error.number('index') - 1]?.number ?? 0;
      const where = error.text('pointer') === '' ? '' : ` at ${error.text('pointer')}`;
      this.#reject({ number, code: error.text('code'), message: `${error.text('message')}${where}` });
    }
    const unlisted = summary.number('rejected') - errors.length;
    this.#at = { ...this.#at, rejected: this.#at.rejected + unlisted };
  }

  #reject(failure: LineFailure): void {
    this.#at = { ...this.#at, rejected: this.#at.rejected + 1 };
    if (this.#failuresShown++ < FAILURES_SHOWN) {
      this.#session.terminal.say(`line ${failure.number}: ${failure.code}: ${failure.message}`);
    }
  }

  async #finish(stopped: boolean): Promise<void> {
    const { accepted, rejected, lines } = this.#at;
    const seconds = (performance.now() - this.#started) / 1000;
    const versions = Object.fromEntries(this.#versions);
    const encodings = this.#versions.size === 0 ? {} : { encoding_versions: versions };
    const data = Buffer.from(
      JSON.stringify({ lines, accepted, rejected, seconds: Number(seconds.toFixed(3)), ...encodings }),
    );
    await this.#session.print(data, (terminal) =>
      renderFacts(terminal, [
        ['lines', count(lines)],
        ['accepted', count(accepted)],
        ['rejected', count(rejected)],
        ['took', `${duration(seconds)}, ${count(this.#sentLines / seconds)} events/s`],
        ...[...this.#versions].map(
          ([tenantId, version]) => ['encoding', `version ${version} of tenant ${tenantId}`] as const,
        ),
      ]),
    );
    if (stopped) {
      this.#session.terminal.say('Stopped; the same command goes on from here.');
      this.#cli.exitCode = EXIT.interrupted;
    } else if (rejected > 0 && !this.#options.allowFailures) this.#cli.exitCode = EXIT.failedEvents;
  }
}

const NEWLINE = Buffer.from('\n');

function unpack(read: Readable): Readable {
  const unpacked = createGunzip();
  read.once('error', (error) => unpacked.destroy(error));
  return read.pipe(unpacked);
}

async function* skipBytes(source: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip;
  for await (const chunk of source) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}

/** Names the file in the error; the rest of the run's errors pass as they are. */
async function* unreadable(file: string, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  for (;;) {
    const step = await chunks.next().catch((cause: Error) => {
      throw new RewindError('file_unreadable', `${file}: ${cause.message}`, { cause });
    });
    if (step.done) return;
    yield step.value;
  }
}
