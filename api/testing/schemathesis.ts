/**
 * `npm run test:schemathesis`: a running server against its own description. Schemathesis (PyPI, in a Python environment
 * of its own that is gone afterwards) makes requests of every shape, right and wrong, from docs/openapi.json; none may
 * be answered with a server error, or in another shape than described. SCHEMATHESIS names a program that is there already.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../processors/package-root.js';
import { startRewind } from '../../processors/testing/rewind-process.js';
import { fillStore } from './schemathesis-store.js';

const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];
const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? '30';
const DESCRIPTION = join(packageRoot(), 'docs', 'openapi.json');

function run(command: string, args: readonly string[], cwd?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...(cwd === undefined ? {} : { cwd }) });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function installed(directory: string): Promise<string> {
  if (process.env.SCHEMATHESIS) return process.env.SCHEMATHESIS;
  const venv = join(directory, 'venv');
  await must('python3', ['-m', 'venv', venv]);
  await must(join(venv, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
  return join(venv, 'bin', 'schemathesis');
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const code = await run(command, args);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

/** Operations that answer with a stream that has no end: nothing waits for those. */
function endless(): string[] {
  const { paths } = JSON.parse(readFileSync(DESCRIPTION, 'utf8')) as {
    paths: Record<
      string,
      Record<string, { operationId: string; responses: Record<string, { content?: object }> }>
    >;
  };
  return Object.values(paths)
    .flatMap((path) => Object.values(path))
    .filter(({ responses }) =>
      Object.values(responses).some(({ content }) => 'text/event-stream' in (content ?? {})),
    )
    .map(({ operationId }) => operationId);
}

/** What it keeps of failures belongs to the run: its directory is ours, too. */
function options(url: string, directory: string, known: boolean): string[] {
  return [
    DESCRIPTION,
    ...['--url', url, '--checks', CHECKS.join(','), '--max-examples', EXAMPLES],
    ...['--request-timeout', '30', '--continue-on-failure', '--no-color', '--report-dir', directory],
    ...['--generation-database', ':memory:'],
    ...endless().flatMap((id) => ['--exclude-operation-id', id]),
    ...(known ? ['--include-path-regex', '\\{', '--exclude-method', 'DELETE'] : []),
    ...process.argv.slice(2),
  ];
}

async function main(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'rewind-schemathesis-'));
  try {
    const program = await installed(directory);
    const server = await startRewind(['--data-dir', join(directory, 'data')], {
      cwd: directory,
      env: { REWIND_HTTP_CHECK_ANSWERS: 'true', REWIND_LOG: 'error' },
    });
    try {
      const filled = await fillStore(server.url, directory);
      // First of every shape; then along what is there, where only wrong values would end at the first look-up.
      const passes = [[], ...filled.map((config) => ['--config-file', config])];
      for (const [index, config] of passes.entries()) {
        const code = await run(
          program,
          [...config, 'run', ...options(server.url, directory, index > 0)],
          directory,
        );
        if (code !== 0) return code;
      }
      return 0;
    } finally {
      process.stderr.write(server.output().err);
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

process.exitCode = await main();
