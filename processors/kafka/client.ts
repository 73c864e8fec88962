/**
 * The one place that makes a kafkajs client from the configuration, and the one that turns its errors into ours.
 */
import kafkajs, { CompressionTypes, Kafka, type logCreator, logLevel } from 'kafkajs';
import type { Config } from '../../schemas/config.js';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { packLz4, packSnappy, unpack } from './codecs.js';

export interface KafkaSettings {
  readonly kafka: Config['kafka'];
  /** limits.batchMaxBytes */
  readonly batchMaxBytes: number;
  /** Receives kafkajs' warnings and errors. */
  readonly log?: (entry: KafkaLogEntry) => void;
}

export interface KafkaLogEntry {
  readonly level: 'warn' | 'error';
  readonly namespace: string;
  readonly message: string;
}

/** A client; connections are made by what is built from it (openAdmin, openProducer, openGroupReader). */
export function createKafka(settings: KafkaSettings): Kafka {
  if (settings.kafka.brokers.length === 0)
    throw new RewindError('log_required', 'kafka.brokers is empty: there is no log to read');
  registerCodecs(settings.batchMaxBytes);
  const creator: logCreator = () => (entry) => {
    settings.log?.({
      level: entry.level === logLevel.ERROR ? 'error' : 'warn',
      namespace: entry.namespace,
      message: excerpt(entry.log.message),
    });
  };
  return new Kafka({
    clientId: settings.kafka.clientId,
    brokers: [...settings.kafka.brokers],
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    // About half a minute of a broker that is away; the reader goes on beyond it until stallTimeoutMs.
    retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 12 },
    logLevel: settings.log === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: creator,
  });
}

// A CommonJS getter that Node's ESM loader does not see as a named export.
const { CompressionCodecs } = kafkajs;

interface KafkajsEncoder {
  readonly buffer: Buffer;
}

/** For what kafkajs itself packs and unpacks (producing); our own reading calls codecs.ts. */
function registerCodecs(batchMaxBytes: number): void {
  const codec = (id: number, pack: (plain: Buffer) => Buffer) => () => ({
    compress: async (encoder: KafkajsEncoder) => pack(encoder.buffer),
    decompress: async (packed: Buffer) => unpack(id, packed, batchMaxBytes),
  });
  CompressionCodecs[CompressionTypes.Snappy] = codec(2, packSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec(3, packLz4);
}

/**
 * Any error of the log as a RewindError: what is one stays, authorisation and unknown topics are named, the rest is
 * log_unavailable (retryable).
 */
export function toLogError(error: unknown, what: string): RewindError {
  if (error instanceof RewindError) return error;
  // A mistake of ours must not be waited out like a broker that is away.
  if (error instanceof TypeError || error instanceof RangeError)
    return new RewindError('internal', `${what}: ${error.message}`, { cause: error });
  const type = rootType(error);
  const message = error instanceof Error ? error.message : String(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'TOPIC_AUTHORIZATION_FAILED')
    return new RewindError('topic_not_found', `${what}: ${excerpt(message)}`, { cause: error });
  return new RewindError('log_unavailable', `${what}: ${excerpt(message)}`, { cause: error });
}

/** kafkajs wraps protocol errors in retry errors; the type sits at the bottom. */
export function rootType(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { type } = at as Error & { type?: unknown };
    if (typeof type === 'string' && type !== '') return type;
  }
  return '';
}
