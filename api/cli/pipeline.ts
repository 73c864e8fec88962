/**
 * The seam to the composition root. Commands that only talk to a server never load it, so they start at once and need
 * no engine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedConfig, loadConfig } from '../../processors/config/load.js';
import { packageRoot } from '../../processors/package-root.js';
import { createTelemetry, type Telemetry } from '../../processors/telemetry.js';
import type { Cli } from './session.js';

export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export interface ProcessStart extends LoadedConfig {
  readonly telemetry: Telemetry;
}

/** Configuration and log of a process that runs a part of the pipeline. */
export function startProcess(
  cli: Cli,
  configFile: string | undefined,
  flags: Readonly<Record<string, unknown>> = {},
): ProcessStart {
  const loaded = loadConfig({
    env: cli.env,
    cwd: cli.cwd,
    flags,
    ...(configFile === undefined ? {} : { file: configFile }),
  });
  return { ...loaded, telemetry: createTelemetry({ level: loaded.config.log.level, env: cli.env }) };
}

/** Resolves with the signal's name once the process is asked to stop. */
export function untilSignal(cli: Cli): Promise<string> {
  if (cli.signal.aborted) return Promise.resolve(String(cli.signal.reason));
  return new Promise((resolve) => {
    cli.signal.addEventListener('abort', () => resolve(String(cli.signal.reason)), { once: true });
  });
}
