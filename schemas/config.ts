/**
 * The one schema of the configuration: types, defaults, validation, `rewind config show` and the docs come from it.
 * Environment names are derived: `store.queryMaxSeconds` → REWIND_STORE_QUERY_MAX_SECONDS (list values as JSON).
 * Further names that people know: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, ENABLE_AUDIT_REPLAY.
 * Sizes are bytes, times are in the unit that ends the name. Defaults suit 2 cores and a laptop.
 */
import { type Static, Type } from 'typebox';
import { AuthConfig } from './config-auth.js';
import { DecisionLogsConfig, LogReplayConfig } from './config-decisions.js';
import { WebhooksConfig } from './config-webhooks.js';
import { EnvelopeMapping } from './encoding.js';

const int = (value: number, description: string, minimum = 1, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ default: value, minimum, maximum, description });
const text = (value: string, description: string) => Type.String({ default: value, description });
const flag = (value: boolean, description: string) => Type.Boolean({ default: value, description });
const secret = (description: string) => Type.String({ default: '', description, secret: true });

export const SourceConfig = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    topics: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    decoder: Type.Union([Type.Literal('rewind-avro'), Type.Literal('avro'), Type.Literal('json')], {
      description:
        'rewind-avro: our AuditEvent by registry id; avro, json: any record, read through `mapping` or `encoding`',
    }),
    tenantId: Type.Optional(
      Type.String({ description: 'Tenant of all records, where they do not say it themselves' }),
    ),
    encoding: Type.Optional(
      Type.String({ description: 'Encoding file whose envelope and entity rules read the records' }),
    ),
    mapping: Type.Optional(EnvelopeMapping),
  },
  { additionalProperties: false },
);
export type SourceConfig = Static<typeof SourceConfig>;

export const SourceTopics = Type.Object(
  {
    tenantId: Type.String({ minLength: 1, maxLength: 200 }),
    topics: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
  },
  { additionalProperties: false },
);

const section = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {} });

export const Config = Type.Object(
  {
    dataDir: text('.rewind', 'Directory of the embedded engine, caches and checkpoints'),
    log: section({ level: text('info', 'pino level: trace, debug, info, warn, error, fatal, silent') }),
    http: section({
      host: text('127.0.0.1', 'Address to listen on'),
      port: int(8080, 'Port to listen on', 0, 65_535),
      bodyMaxBytes: int(8 << 20, 'Largest JSON body; NDJSON streams are not bound by it'),
      enableAuditReplay: flag(true, 'ENABLE_AUDIT_REPLAY: off answers 404 under /api/v1/audit'),
      tenantId: text('demo', 'Tenant of requests that name none, where nobody signs in'),
      checkAnswers: flag(
        false,
        'Check every answer against the API description and fail those that differ: for development',
      ),
      docs: flag(true, 'Show the API description at /docs'),
      exportsMax: int(2, 'Exports that a server makes at once'),
      streamsPerTenant: int(64, 'Event streams of a tenant that a server keeps open'),
      streamPollMs: int(
        250,
        'How often a job that somebody follows is looked at; least time between progress events',
        250,
      ),
      streamHeartbeatMs: int(15_000, 'A stream without news sends a comment so often', 100),
      streamStallMs: int(30_000, 'A client that takes nothing for so long is cut', 100),
      basePath: Type.String({
        default: '',
        pattern: '^(/[A-Za-z0-9._~-]+)*$',
        description: 'Path of the proxy below which the API is reached, as /rewind',
      }),
      secret: secret(
        'Signs cursors; empty: a random one kept in dataDir. Several API processes need the same',
      ),
    }),
    metrics: section({
      enabled: flag(true, 'Answer /metrics'),
      token: secret('Bearer token that /metrics asks for; empty: anyone who reaches the port'),
    }),
    kafka: section({
      brokers: Type.Array(Type.String(), { default: [], description: 'host:port list; empty: embedded log' }),
      clientId: text('rewind', 'Client id'),
      groupPrefix: text('rewind', 'Consumer groups are <prefix>.<job id>'),
      eventsTopic: text('audit-events', 'Topic that POST audit-events and ingest write to'),
      eventsTopicPartitions: int(8, 'Partitions when Rewind creates the topic', 1, 10_000),
      replicationFactor: int(1, 'Replication when Rewind creates a topic', 1, 10),
      sessionTimeoutMs: int(30_000, 'Group session timeout'),
      fetchMaxBytes: int(8 << 20, 'Largest fetch answer'),
      stallTimeoutMs: int(120_000, 'A partition without progress for so long fails with log_stalled'),
    }),
    registry: section({
      url: text('', 'Confluent-compatible schema registry; empty: file registry in dataDir'),
      username: text('', 'Basic auth user'),
      password: secret('Basic auth password'),
      registerSchemas: flag(false, 'Register our schemas here (always done on clusters that Rewind starts)'),
      timeoutMs: int(10_000, 'Limit of one request'),
      schemaMaxBytes: int(256 << 10, 'Largest schema accepted'),
    }),
    sources: Type.Array(SourceConfig, {
      default: [],
      description: 'Topics to read; empty: kafka.eventsTopic as rewind-avro',
    }),
    sourceTopics: Type.Array(SourceTopics, {
      default: [],
      description:
        "Topics that a tenant's own source versions may read, all records of them; empty: none. The configured sources are not bound by it",
    }),
    versions: section({
      perTenantMax: int(10_000, 'Saved versions of a tenant, of encodings, rules and sources each'),
      definitionMaxBytes: int(4 << 20, 'Largest definition'),
      previewEventsMax: int(500, 'Sample events or records of one preview', 1, 10_000),
    }),
    store: section({
      url: text('', 'ClickHouse HTTP URL; empty: embedded engine'),
      username: text('default', 'User that writes'),
      password: secret('Password of the writing user'),
      readerUsername: text('', 'User for reads of the API; empty: the writing user with readonly settings'),
      readerPassword: secret('Password of the reading user'),
      database: Type.String({
        default: 'rewind',
        pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$',
        description: 'Database',
      }),
      prefix: Type.String({
        default: '',
        pattern: '^[A-Za-z0-9_]{0,32}$',
        description: 'Prefix of table names',
      }),
      queryMaxSeconds: int(60, 'Time limit of a read'),
      queryMaxMemoryBytes: int(1 << 30, 'Memory limit of a read'),
      exportMaxSeconds: int(3600, 'Time limit of an export, at the pace of whoever reads it'),
      statementMaxSeconds: int(3600, 'Time limit of a fold read or a seal'),
      insertTimeoutMs: int(120_000, 'After so long the outcome of an insert counts as unknown'),
      maxInFlight: int(8, 'Requests at once per process'),
      engineMaxMemoryBytes: int(3 * 2 ** 30, 'Memory limit of the embedded engine over all queries'),
      engineSessions: int(
        12,
        'Queries at once in the embedded engine; more are answered 503 with Retry-After',
      ),
    }),
    collect: section({
      batchRows: int(100_000, 'Rows of one archive insert'),
      batchBytes: int(16 << 20, 'Bytes of one archive insert'),
      flushIntervalMs: int(500, 'A batch is stored no later than this after its first record'),
      groupIntervalMs: int(
        250,
        'Embedded log: while several producers append at once, what they send is stored together this often',
        0,
        10_000,
      ),
      slotOffsets: int(262_144, 'Offsets of one archive unit; fixed once a database holds an archive', 1024),
      keepRaw: flag(
        true,
        'Keep the raw bytes of decoded records too, where the columns do not give them again (those that did not decode are always kept)',
      ),
    }),
    outputs: section({
      topicPrefix: text(
        'rewind.{tenant}',
        'Output topics are <prefix>.snapshots, .diffs, .decisions and .events; {tenant} stands for the tenant',
      ),
      otherPrefixes: Type.Array(Type.String(), {
        default: [],
        description: 'Further prefixes that jobs may name; one that ends in * allows all that begin so',
      }),
      createTopics: flag(true, 'Create output topics that are missing'),
      partitions: int(8, 'Partitions of an output topic that Rewind creates', 1, 10_000),
      compression: Type.Union([Type.Literal('lz4'), Type.Literal('snappy'), Type.Literal('none')], {
        default: 'lz4',
        description: 'How batches of output topics are packed: lz4, snappy or none',
      }),
      batchBytes: int(
        512 << 10,
        'Bytes of one batch for a partition of an output topic, before it is packed',
      ),
      windowOffsets: int(1_000_000, 'Offsets of one read when events are written again'),
    }),
    auth: AuthConfig,
    decisionLogs: DecisionLogsConfig,
    logReplay: LogReplayConfig,
    audit: section({
      anchorEntries: int(1_000, 'Entries of the audit trail after which its chains are anchored'),
      anchorSeconds: int(60, 'An entry is anchored no later than this', 1, 86_400),
      signingKey: secret('Ed25519 private key (PEM, PKCS #8) that signs anchors; empty: not signed'),
      headFile: text(
        '',
        'File outside the store to which each anchor is appended; empty: only the log has it',
      ),
    }),
    notes: section({
      textMaxBytes: int(8192, 'Largest annotation', 1, 1 << 20),
      annotationsPerJob: int(10_000, 'Annotations on the snapshots of a job'),
      bookmarksPerTenant: int(10_000, 'Bookmarks of a tenant, private ones included'),
    }),
    webhooks: WebhooksConfig,
    evidence: section({
      keyFile: text(
        '',
        'Ed25519 private key (PEM, PKCS #8) that signs archives for auditors; empty: one in dataDir, made at first use',
      ),
      atOnce: int(2, 'Archives for auditors that one server makes at the same time', 1, 100),
    }),
    limits: section({
      recordMaxBytes: int(1 << 20, 'Larger records become dead letters'),
      batchMaxBytes: int(64 << 20, 'Largest record batch after unpacking'),
      arrayMaxItems: int(100_000, 'Items of an Avro array or map'),
      depthMax: int(64, 'Nesting of JSON and Avro values'),
    }),
    replay: section({
      workers: int(2, 'Fold workers in the server process; 0: none', 0, 256),
      foldInStore: flag(true, 'Fold inside the store where the encoding needs no code; off: in workers'),
      unitEvents: int(200_000, 'Events of a fold unit, about'),
      unitsMax: int(1024, 'Most fold units of a job', 1, 4096),
      leaseMs: int(15_000, 'A claim whose holder is silent for so long may be taken over'),
      pollMs: int(250, 'How often idle workers look for work'),
      batchBytes: int(32 << 20, 'Bytes of one snapshot insert'),
      maxFailures: int(100_000, 'Dead letters before the breaker fails the job', 0),
      maxConflicts: int(100_000, 'Event ids shared by different entities before a job fails'),
      maxEventsPerEntity: int(5_000_000, 'Events of one entity'),
      retries: int(5, 'Tries of a unit before the job fails', 1, 100),
      sweepSeconds: int(300, 'How often rows that came after their job was dropped go', 1, 86_400),
      skewSampleRecords: int(200, 'Records per partition that the planner samples for time skew'),
    }),
    follow: section({
      intervalMs: int(1000, 'Steps of a followed current state follow each other no sooner', 10, 60_000),
      maxStepEvents: int(200_000, 'Records of the archive that one step looks at', 1),
      firstStepMaxEvents: int(
        5_000_000,
        'Events since the end of a run beyond which it is to be continued before it is followed',
      ),
      compactRows: int(100_000, 'Rows that steps wrote after which a set is written together', 1),
      compactSteps: int(1_000, 'Steps after which a set is written together', 1, 100_000),
      untoldGenerations: int(
        32,
        'Generations of a set that are kept for output topics that do not have their steps yet; what is older is left out there',
        1,
        1_000,
      ),
      idFilterBytes: int(
        64 << 20,
        'Memory for the event ids of a followed set; good for a third of so many ids, slower beyond',
        4096,
        512 << 20,
      ),
      maxSets: int(4, 'Tenants whose current state one worker process follows at once', 1, 1000),
    }),
    compare: section({
      samples: int(5, 'Samples that a dry run keeps of each kind of change', 0, 100),
      sampleMaxBytes: int(4096, 'Longer values are not shown in samples'),
      groupsMax: int(1000, 'Groups of each kind in a report', 1, 100_000),
      unitRows: int(
        500_000,
        'Snapshots of both runs together that a comparison looks at in one statement',
        1,
      ),
      unitsMax: int(4096, 'Parts of a comparison', 1, 1_000_000),
      waitingMax: int(16, 'Comparisons that a process works off or keeps waiting', 1, 10_000),
    }),
    search: section({
      rowsMax: int(1_000_000, 'Snapshots that a search for the first match looks at one by one'),
    }),
    deadLetters: section({
      redriveMax: int(10_000, 'Dead letters that one redrive looks at', 1, 1_000_000),
    }),
    policies: section({
      threads: int(2, 'Threads that evaluate policies in a process', 1, 256),
      sourceMaxBytes: int(256 << 10, 'Largest Rego of one policy, all modules together'),
      compileMaxMs: int(20_000, 'Time limit of a compilation'),
      compileMaxMemoryBytes: int(768 << 20, 'Memory limit of the process that compiles'),
      compilesWaiting: int(64, 'Compilations that wait; more are refused with policy_compiler_busy'),
      cachedPolicies: int(256, 'Compiled policies kept in memory'),
      decisionMaxMs: int(500, 'Time limit of one decision', 1, 600_000),
      memoryMaxBytes: int(64 << 20, 'Memory limit of one policy in a thread, its data included', 1 << 20),
      resultMaxBytes: int(1 << 20, 'Largest result of a decision'),
      instanceDecisions: int(10_000, 'Decisions after which an instance is made anew, for its memory'),
    }),
    current: section({
      keepSets: int(
        3,
        'Sets of current states that a tenant keeps, the current one included: reverting to one of them is immediate',
        2,
        100,
      ),
      copyRows: int(1_000_000, 'Rows of a run that one step of a promotion copies, about', 1000),
      waitMs: int(
        5_000,
        'A request to promote or revert waits so long for its end before it is answered',
        0,
        60_000,
      ),
      reviewsMax: int(50, 'Reviews of promotions that a server remembers', 1, 10_000),
    }),
    jobs: section({
      max: int(8, 'Jobs that run at once; more wait for their turn', 1, 1000),
      perTenant: int(4, 'Jobs of one tenant that run at once', 1, 1000),
      maxEvents: int(0, 'Most events of a job; 0: no limit. A job can ask for less, never for more', 0),
      maxBytes: int(0, 'Most bytes that a job reads from the log, by its plan; 0: no limit', 0),
      maxRows: int(0, 'Most snapshots of a job; 0: no limit', 0),
      maxDurationMs: int(0, 'How long a job may run, without the time it waits or is paused; 0: no limit', 0),
      diskReserveBytes: int(1 << 30, 'Disk space that no plan may use', 0),
      eventsPerSecond: int(
        1_000_000,
        'Pace of a job that names none, where brokers are configured; 0: no limit',
        0,
      ),
      bytesPerSecond: int(256 << 20, 'Bytes a second from the log of a job that names none; 0: no limit', 0),
    }),
  },
  { additionalProperties: false },
);
export type Config = Static<typeof Config>;
