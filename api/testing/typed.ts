/** A command line as somebody types it, run in this process against a server of the test's. */
import { Readable, Writable } from 'node:stream';
import { run } from '../cli/main.js';
import type { Cli } from '../cli/session.js';

export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param change of what the command sees: by default no input, the tenant acme and the version 1.2.3 */
export async function typed(
  argv: readonly string[],
  { url, ...change }: { readonly url: string; readonly cwd: string } & Partial<Cli>,
): Promise<Typed> {
  const [out, err] = [sink(), sink()];
  const cli: Cli = {
    env: { REWIND_URL: url, REWIND_TENANT: 'acme' },
    stdin: Readable.from([]),
    stdout: out.stream,
    stderr: err.stream,
    version: '1.2.3',
    signal: new AbortController().signal,
    exitCode: 0,
    ...change,
  };
  const code = await run(cli, argv);
  return { code, out: out.text(), err: err.text() };
}

function sink(): { readonly stream: NodeJS.WriteStream; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  // No terminal: of the rest of a WriteStream no command asks anything.
  return { stream: stream as never, text: () => Buffer.concat(chunks).toString() };
}
