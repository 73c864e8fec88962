/**
 * The seam to the composition root. Commands that only talk to a server never load it, so they start at once and need
 * no engine.
 */
import type { AccessParts } from '../../processors/access/open.js';
import type { CompareServices } from '../../processors/compare/contract.js';
import { type LoadedConfig, loadConfig } from '../../processors/config/load.js';
import type { CurrentServices } from '../../processors/current/contract.js';
import type { Evidence } from '../../processors/evidence/contract.js';
import type { CurrentChanges } from '../../processors/follow/changes.js';
import type { Following } from '../../processors/follow/contract.js';
import type { Instance } from '../../processors/instance/instance.js';
import type { LogReplayParts } from '../../processors/logreplay/open.js';
import type { Notes } from '../../processors/notes/contract.js';
import type { DeadLetters } from '../../processors/redrive/contract.js';
import type { InstanceSwitch, JobLifecycle } from '../../processors/replay/lifecycle-contract.js';
import type { LogAppender, ReplayService } from '../../processors/replay/service.js';
import type { Results } from '../../processors/results/contract.js';
import type { Decisions } from '../../processors/rules/decisions.js';
import type { Outputs } from '../../processors/sinks/outputs-contract.js';
import { createTelemetry, type Telemetry } from '../../processors/telemetry.js';
import type { Catalogs } from '../../processors/versions/open.js';
import type { Previews } from '../../processors/versions/previews.js';
import type { Webhooks } from '../../processors/webhooks/contract.js';
import type { Config } from '../../schemas/config.js';
import type { ParseEvent } from '../intake.js';
import type { Cli } from './session.js';

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

/** What the composition root opens: the parts that `serve`, `worker` and `archive` run. */
export interface Pipeline extends Catalogs, AccessParts, LogReplayParts {
  readonly replay: ReplayService;
  readonly life: JobLifecycle;
  readonly instanceSwitch: InstanceSwitch;
  readonly appender: LogAppender;
  readonly previews: Previews;
  readonly decisions: Decisions;
  readonly compare: CompareServices;
  readonly deadLetters: DeadLetters;
  readonly outputs: Outputs;
  readonly current: CurrentServices;
  readonly results: Results;
  readonly evidence: Evidence;
  readonly notes: Notes;
  readonly webhooks: Webhooks;
  readonly following: Following;
  readonly currentChanges: CurrentChanges;
  readonly parseEvent: ParseEvent;
  readonly instance: Instance;
  /** Starts fold workers and the coordinator in this process; resolves once they look for work. */
  startWorkers(count: number): Promise<void>;
  /** Copies the log into the archive until the signal; resolves once what was read is stored. */
  archive(signal: AbortSignal): Promise<void>;
  /** Stops workers at the next safe point, then closes store and log. */
  close(): Promise<void>;
}

export type MigrateMode = 'print' | 'check' | 'apply';

interface Topology {
  openRewind(
    config: Config,
    options: { readonly telemetry: Telemetry; readonly startsEngine?: boolean },
  ): Promise<Pipeline>;
  /** The statements (print), what is not applied yet (check), or what was applied now (apply), a text each. */
  migrateStore(
    config: Config,
    mode: MigrateMode,
    options: { readonly telemetry: Telemetry },
  ): Promise<readonly string[]>;
}

/** Loads the composition root, and with it the libraries of log and store. */
export async function loadTopology(): Promise<Topology> {
  return import('../../processors/topology.js');
}
