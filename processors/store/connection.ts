/** Where a store is and under which limits it is used: plain data, so that it can be handed to threads and processes. */
import type { Config } from '../../schemas/config.js';
import type { EngineAddress } from './embedded.js';

export interface StoreConnection {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Default `rewind`. */
  readonly database?: string;
  /** Prefix of table names; default empty. */
  readonly prefix?: string;
  /** A reader refuses to write. Default `writer`. */
  readonly role?: 'writer' | 'reader';
  /**
   * Whether a reader sends `readonly=2` with each statement. Off where it logs in as a user of its own whose profile is
   * readonly already: such a user may not send the setting. Default true.
   */
  readonly sendReadonly?: boolean;
  readonly queryMaxSeconds?: number;
  readonly queryMaxMemoryBytes?: number;
  /** The longest that any statement may be given. */
  readonly statementMaxSeconds?: number;
  readonly insertTimeoutMs?: number;
  /** Requests at once, reads and writes apart. */
  readonly maxInFlight?: number;
  /** How often a read is repeated while the store is busy or away; 8 tries last about four seconds. */
  readonly readRetries?: number;
}

export type ResolvedConnection = Required<StoreConnection>;

export function resolveConnection(connection: StoreConnection): ResolvedConnection {
  const role = connection.role ?? 'writer';
  return {
    username: 'default',
    password: '',
    database: 'rewind',
    prefix: '',
    queryMaxSeconds: 60,
    queryMaxMemoryBytes: 2 ** 30,
    statementMaxSeconds: 3600,
    insertTimeoutMs: 120_000,
    maxInFlight: 8,
    readRetries: 8,
    ...connection,
    role,
    sendReadonly: role === 'reader' && (connection.sendReadonly ?? true),
  };
}

/** The connection that the configuration describes. `engine`: the running engine, where no store.url is set. */
export function connectionFromConfig(
  config: Config['store'],
  engine: EngineAddress | null,
  role: 'writer' | 'reader',
): StoreConnection {
  const ownReader = engine === null && role === 'reader' && config.readerUsername !== '';
  return {
    url: engine?.url ?? config.url,
    username: engine?.username ?? (ownReader ? config.readerUsername : config.username),
    password: engine?.password ?? (ownReader ? config.readerPassword : config.password),
    database: config.database,
    prefix: config.prefix,
    role,
    sendReadonly: !ownReader,
    queryMaxSeconds: config.queryMaxSeconds,
    queryMaxMemoryBytes: config.queryMaxMemoryBytes,
    statementMaxSeconds: config.statementMaxSeconds,
    insertTimeoutMs: config.insertTimeoutMs,
    maxInFlight: config.maxInFlight,
  };
}
