/**
 * The real OPA: built once by Go's own client and kept in the user's cache, so that later runs start at once. Tests use
 * it as the sender of decision logs and as the judge of evaluations.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../deploy/local/child.js';

const VERSION = 'v1.22.2';
const BUILD_MAX_MS = 600_000;
const START_MAX_MS = 30_000;

/** The path of the binary. The first call on a machine takes about a minute; needs Go and the module proxy. */
export async function opaBinary(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const directory = join(cache, 'rewind-tests');
  const binary = join(directory, `opa-${VERSION}`);
  if (existsSync(binary)) return binary;
  await mkdir(directory, { recursive: true });
  // Built beside its place and moved there: two who build at once, or a build that is ended, leave no half binary.
  const building = await mkdtemp(join(directory, 'building-'));
  try {
    await promisify(execFile)('go', ['install', '-trimpath', `github.com/open-policy-agent/opa@${VERSION}`], {
      env: { ...process.env, GOBIN: building },
      timeout: BUILD_MAX_MS,
    });
    await rename(join(building, 'opa'), binary);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return binary;
}

export interface RunningOpa {
  readonly url: string;
  /** The decision at a path, as its data API answers: undefined where there is no result. */
  decide(path: string, input: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** `opa run --server` on a free port. `files`: policies and data by name; `config`: as its configuration file. */
export async function startOpa(options: {
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: unknown;
}): Promise<RunningOpa> {
  const binary = await opaBinary();
  const directory = await mkdtemp(join(tmpdir(), 'rewind-opa-'));
  const policies = join(directory, 'policies');
  await mkdir(policies);
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(policies, name)), { recursive: true });
    await writeFile(join(policies, name), text);
  }
  const config = join(directory, 'config.json');
  await writeFile(config, JSON.stringify(options.config ?? {}));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    binary,
    [
      'run',
      '--server',
      '--addr',
      url.slice('http://'.length),
      '--config-file',
      config,
      '--disable-telemetry',
      policies,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_MAX_MS;
  while (
    !(await fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`OPA did not start: ${said}`);
    }
    await sleep(50);
  }
  const decide = async (path: string, input: unknown) => {
    const answer = await fetch(`${url}/v1/data/${path}`, { method: 'POST', body: JSON.stringify({ input }) });
    return ((await answer.json()) as { result?: unknown }).result;
  };
  return { url, decide, stop };
}
