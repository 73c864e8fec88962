/**
 * Logs: one pino logger per process, and the one list of what is logged. Level by consequence: info = a step of the
 * work, warn = surprising, nothing lost, error = data at risk or a person needed. Lines are JSON on stderr, so that
 * stdout stays data.
 */
import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** Every log event: its level and the fields that a line carries. Names are stable: people alert on them. */
export interface LogEvents {
  'server.listening': { url: string };
  'server.draining': { reason: string };
  'server.stopped': { drainedMs: number };
  'request.failed': {
    method: string;
    route: string;
    status: number;
    code: string;
    traceId: string;
    err: Error;
  };
  'stream.failed': { jobId: string; err: Error };
  'process.failed': { err: Error };
  'engine.started': { pid: number; url: string };
  'engine.restarted': { pid: number; exitCode: number | null };
  'engine.output': { line: string };
  'store.retry': { code: string; attempt: number };
  'migration.applied': { file: string };
  'kafka.client': { namespace: string; message: string };
  'kafka.rebalanced': { group: string; partitions: number };
  'collect.stored': { unit: string; rows: number; bytes: number; position: string };
  'collect.waiting': { unit: string; code: string };
  'job.created': { jobId: string; tenantId: string };
  'job.planned': { jobId: string; partitions: number; toCollect: string };
  'job.stage': { jobId: string; stage: string };
  'job.finished': { jobId: string; status: string; seconds: number };
  'job.failed': { jobId: string; code: string; err: Error };
  'unit.claimed': { jobId: string; unit: string; epoch: number };
  'unit.sealed': { jobId: string; unit: string; rows: number; seconds: number };
  'unit.lost': { jobId: string; unit: string };
  'unit.retry': { jobId: string; unit: string; attempt: number; code: string };
  'webhook.retry': { unit: string; err: Error };
  'follow.retry': { tenantId: string; jobId: string; err: Error };
  'signin.none': { url: string };
  'audit.anchored': { writer: string; seq: string; hash: string; entries: string };
  'audit.unanchored': { entries: number; err: Error };
  'audit.failed': { entries: number; chain: string; err: Error };
  'worker.started': { workerId: string };
  'worker.stopped': { workerId: string };
  'worker.died': { workerId: string; exitCode: number | null };
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: Readonly<Record<keyof LogEvents, Level>> = {
  'server.listening': 'info',
  'server.draining': 'info',
  'server.stopped': 'info',
  'request.failed': 'error',
  'stream.failed': 'warn',
  'process.failed': 'error',
  'engine.started': 'info',
  'engine.restarted': 'warn',
  'engine.output': 'debug',
  'store.retry': 'warn',
  'migration.applied': 'info',
  'kafka.client': 'warn',
  'kafka.rebalanced': 'info',
  'collect.stored': 'debug',
  'collect.waiting': 'warn',
  'job.created': 'info',
  'job.planned': 'info',
  'job.stage': 'info',
  'job.finished': 'info',
  'job.failed': 'error',
  'unit.claimed': 'debug',
  'unit.sealed': 'debug',
  'unit.lost': 'warn',
  'unit.retry': 'warn',
  'webhook.retry': 'warn',
  'follow.retry': 'warn',
  'signin.none': 'warn',
  'audit.anchored': 'info',
  'audit.unanchored': 'warn',
  'audit.failed': 'error',
  'worker.started': 'info',
  'worker.stopped': 'info',
  'worker.died': 'warn',
};

export interface Telemetry {
  /** Writes one listed event at its level. */
  event<Name extends keyof LogEvents>(name: Name, fields: LogEvents[Name]): void;
  /** The same log with fields on every line (job id, worker id). */
  with(fields: Readonly<Record<string, string | number>>): Telemetry;
  /** Level in force, for child processes. */
  readonly level: string;
}

export interface TelemetryOptions {
  /** `log.level` of the configuration; REWIND_LOG wins, and under test the level is silent without it. */
  readonly level: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly destination?: DestinationStream;
}

/** Paths that never reach a log line, wherever a caller puts them. */
const SECRETS = [
  'password',
  '*.password',
  'readerPassword',
  '*.readerPassword',
  '*.authorization',
  'authorization',
  'cookie',
  '*.cookie',
];

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const env = options.env ?? process.env;
  const level = env.REWIND_LOG || (env.VITEST ? 'silent' : options.level);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: '(secret)' },
    },
    options.destination ?? destination(2),
  );
  return telemetryOver(logger);
}

function telemetryOver(logger: Logger): Telemetry {
  return {
    event: (name, fields) => logger[LEVELS[name]](fields as object, name),
    with: (fields) => telemetryOver(logger.child(fields)),
    level: logger.level,
  };
}
