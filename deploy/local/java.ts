/**
 * Java and the jars of the local cluster: Kafka and the registry come from Maven Central into a cache outside the
 * tree, once per version, and are started from there. Used by start.ts and tools.ts.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../processors/package-root.js';
import { excerpt, RewindError } from '../../schemas/errors.js';

const REGISTRY_ARTIFACT = 'io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all';
const REGISTRY_JAR = 'apicurio-registry-app-3.0.9-runner.jar';
/** 2.8 reads the archive alone; later ones insist on the descriptor of its parent, which not every mirror serves. */
const UNPACK_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:unpack';
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Rejects with ENOENT when it does not exist; a non-zero code is a result. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { stdin?: string | Buffer; timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
      env: options.env ?? process.env,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({
        code: code ?? 137,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

export function javaCommand(): string {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', 'java') : 'java';
}

/** Rejects with preflight_failed when there is no Java 17 or later; the message says what to install. */
export async function requireJava(): Promise<void> {
  const advice =
    'install a Java runtime, version 17 or later (Debian: apt-get install openjdk-17-jre-headless)';
  const result = await runCommand(javaCommand(), ['-version']).catch(() => null);
  if (result === null || result.code !== 0)
    throw new RewindError('preflight_failed', `Java was not found: ${advice}`);
  const major = Number(/version "(\d+)/.exec(result.stderr)?.[1] ?? 0);
  if (major < 17) throw new RewindError('preflight_failed', `Java ${major} is too old: ${advice}`);
}

/** Where jars are kept: REWIND_CACHE_DIR, else rewind/ in the user's cache directory. */
export function cacheDirectory(): string {
  if (process.env.REWIND_CACHE_DIR) return process.env.REWIND_CACHE_DIR;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rewind');
}

/** Directory with the jars of Kafka and its tools. Downloads them on first use (about 55 MB). */
export function kafkaJars(log: (line: string) => void = () => {}): Promise<string> {
  const pom = join(packageRoot(), 'deploy', 'local', 'kafka', 'pom.xml');
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  return cached(`kafka-${version}`, log, (directory) => ({
    args: ['-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${directory}`],
    proof: () => readdirSync(directory).some((name) => name.startsWith('kafka_')),
  }));
}

/** Path of the registry's jar, its libraries beside it. Downloads about 105 MB on first use. */
export async function registryJar(log: (line: string) => void = () => {}): Promise<string> {
  const version = createHash('sha256').update(REGISTRY_ARTIFACT).digest('hex').slice(0, 12);
  const directory = await cached(`registry-${version}`, log, (target) => ({
    args: [UNPACK_GOAL, `-Dartifact=${REGISTRY_ARTIFACT}`, `-DoutputDirectory=${target}`],
    proof: () => existsSync(join(target, REGISTRY_JAR)),
  }));
  return join(directory, REGISTRY_JAR);
}

interface Download {
  readonly args: readonly string[];
  readonly proof: () => boolean;
}

/**
 * A directory appears under its final name only when it is complete (download beside it, then rename). The lock keeps
 * two processes from downloading at once: Maven's own repository is not safe for that.
 */
export async function cached(
  name: string,
  log: (line: string) => void,
  download: (directory: string) => Download,
): Promise<string> {
  const root = cacheDirectory();
  const target = join(root, name);
  if (existsSync(target)) return target;
  await mkdir(root, { recursive: true });
  const unlock = await lock(join(root, 'download.lock'));
  try {
    if (existsSync(target)) return target;
    const partial = `${target}.${randomUUID()}`;
    await mkdir(partial, { recursive: true });
    try {
      log(`downloading ${name} from Maven Central into ${root}`);
      await runMaven(download(partial));
      await rename(partial, target);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return target;
  } finally {
    await unlock();
  }
}

async function runMaven({ args, proof }: Download): Promise<void> {
  // Twice: Maven Central drops a connection now and then, and a second run goes on where the first one stopped.
  for (let attempt = 1; ; attempt++) {
    const result = await runCommand('mvn', ['-q', '-B', ...(attempt > 1 ? ['-U'] : []), ...args], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    }).catch(() => null);
    if (result === null) {
      throw new RewindError(
        'preflight_failed',
        'Maven was not found: install Maven 3.6 or later (Debian: apt-get install maven), or set KAFKA_BROKERS to a cluster of your own',
      );
    }
    if (result.code === 0 && proof()) return;
    if (attempt === 2) {
      throw new RewindError(
        'preflight_failed',
        `Maven could not download the jars of the local cluster: ${excerpt(firstError(result))}`,
      );
    }
  }
}

function firstError(result: CommandResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n');
  return lines.find((line) => line.includes('ERROR')) ?? lines.join(' ');
}

/** A lock file with the holder's pid; one whose holder is gone is taken over. Returns the release. */
export async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await holderIsGone(path)) await rm(path, { force: true });
    else await sleep(200);
  }
}

async function holderIsGone(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) {
    // Empty: its holder is between creating and writing the file, or died there.
    const age = await stat(path).then(
      (s) => Date.now() - s.mtimeMs,
      () => 0,
    );
    return age > 5_000;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
