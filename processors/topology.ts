/**
 * The composition root: reads which log and which store the configuration names, and wires the pipeline. Nothing else
 * knows both ends. `openRewind` is what `serve`, `worker`, `archive` and the demo start from.
 */
import { hostname } from 'node:os';
import type { Config } from '../schemas/config.js';
import type { FrozenSpec } from '../schemas/job.js';

import { type AccessParts, openAccess } from './access/open.js';
import { ArchiveReplayLog } from './collect/archive-replay-log.js';
import { EmbeddedLog } from './collect/embedded-log.js';
import { jobDecoder } from './collect/job-decoder.js';
import { KafkaReplayLog } from './collect/kafka-replay-log.js';
import { archiveLayout } from './collect/layout.js';
import { LiveArchiver } from './collect/live-archiver.js';
import { auditEventSchemaId, KafkaAppender } from './collect/producing.js';
import { fixSlotOffsets } from './collect/slot-size.js';
import { configuredSources, sourceDecoder } from './collect/source-decoder.js';
import type { CompareServices } from './compare/contract.js';
import { openCompare } from './compare/open.js';
import type { CurrentServices } from './current/contract.js';
import { openCurrentState } from './current/open.js';
import { EvidenceArchives } from './evidence/archives.js';
import type { Evidence } from './evidence/contract.js';
import { type FollowParts, openFollowing } from './follow/open.js';
import type { Instance } from './instance/instance.js';
import { openInstance } from './instance/open.js';
import { type LogAdmin, openAdmin } from './kafka/admin.js';
import { withOptionalTopics } from './kafka/optional-topics.js';
import { openRegistry } from './kafka/registry.js';
import { type LogReplayParts, openLogReplay } from './logreplay/open.js';
import type { Notes } from './notes/contract.js';
import { StoredNotes } from './notes/notes.js';
import type { Policies } from './policy/contract.js';
import { openPolicies } from './policy/open.js';
import type { DeadLetters } from './redrive/contract.js';
import { Redriver } from './redrive/redriver.js';
import { Beats } from './replay/beats.js';
import { processIsGone } from './replay/claim-holder.js';
import type { InstanceSwitch, JobLifecycle } from './replay/lifecycle-contract.js';
import type { Pipeline, ReplayLog } from './replay/pipeline.js';
import { loggedRetries } from './replay/retry-events.js';
import { Runs } from './replay/runs.js';
import type { LogAppender, ReplayService } from './replay/service.js';
import { LeaseWatch } from './replay/unit-protocol.js';
import type { UnitState } from './replay/units.js';
import { Wake } from './replay/wake.js';
import type { Results } from './results/contract.js';
import { openResults } from './results/open.js';
import type { Decisions } from './rules/decisions.js';
import { OutputTopics } from './sinks/output-topics.js';
import type { Outputs } from './sinks/outputs-contract.js';
import { RunOutputs } from './sinks/run-outputs.js';
import { type IngestResult, NO_EVENT_SCHEMA, parseIngestEvent } from './sources/ingest-event.js';
import { ArchiveSamples } from './store/archive-samples.js';
import { openStore } from './store/client.js';
import { connectStore } from './store/connect.js';
import { DecisionResults } from './store/decision-results.js';
import { InstanceLog } from './store/instance-log.js';
import { JobLog } from './store/job-log.js';
import { type MigrateMode, migrate, requireMigrated } from './store/migrate.js';
import { NoteLog } from './store/note-log.js';
import { PromotionLog } from './store/promotion-log.js';
import { RunResults } from './store/run-results.js';
import { UnitLog } from './store/unit-log.js';
import type { Telemetry } from './telemetry.js';
import { type Catalogs, openCatalogs } from './versions/open.js';
import { DefinitionPreviews, type Previews } from './versions/previews.js';
import type { Webhooks } from './webhooks/contract.js';
import { openWebhooks } from './webhooks/open.js';
import { startWorkerLoops } from './worker-loops.js';

export interface Rewind extends Catalogs, AccessParts, FollowParts, LogReplayParts {
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
  readonly policies: Policies;
  readonly notes: Notes;
  readonly webhooks: Webhooks;
  readonly parseEvent: (text: Buffer, tenantId: string) => IngestResult;
  /** Registry id of our AuditEvent, for those who encode records themselves; null: the registry does not have it. */
  readonly schemaId: number | null;
  readonly instance: Instance;
  /** Looks for jobs in this process from now on, with so many threads for fold and map units. */
  startWorkers(threads: number): Promise<void>;
  /** Copies the log into the archive until the signal; resolves once what was read is stored. */
  archive(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export async function openRewind(
  config: Config,
  options: {
    readonly telemetry: Telemetry;
    /** False: use the embedded engine that runs, and never start one. Default true. */
    readonly startsEngine?: boolean;
  },
): Promise<Rewind> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await wire(config, options.telemetry, closers, options.startsEngine ?? true);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** The statements (print), what is not applied yet (check), or what was applied now (apply). */
export async function migrateStore(
  config: Config,
  mode: MigrateMode,
  options: { readonly telemetry: Telemetry },
): Promise<readonly string[]> {
  const { writer, engine } = await connectStore(config, options.telemetry);
  const store = openStore(writer);
  try {
    return await migrate(store, { mode });
  } finally {
    await store.close();
    await engine?.stop();
  }
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close().catch(() => undefined);
}

async function wire(
  config: Config,
  telemetry: Telemetry,
  closers: (() => Promise<void>)[],
  startsEngine: boolean,
): Promise<Rewind> {
  const {
    writer: connection,
    reader: readerConnection,
    engine,
  } = await connectStore(config, telemetry, startsEngine);
  if (engine !== null) closers.push(() => engine.stop());
  const store = openStore(connection);
  closers.push(() => store.close());
  const reader = openStore(readerConnection);
  closers.push(() => reader.close());
  // Our own engine is brought up to date; a database that others own only when asked (`rewind migrate`).
  if (engine === null) await requireMigrated(store);
  else await migrate(store, { mode: 'apply' });

  const worker = `${hostname()}/${process.pid}/${Date.now().toString(36)}`;
  const unitLog = new UnitLog(store);
  const beats = new Beats(unitLog, worker, config.replay.leaseMs);
  closers.push(async () => beats.close());
  const watch = new LeaseWatch(config.replay.leaseMs);
  const holderSilent = (scope: string, unit: string, state: UnitState): boolean =>
    watch.isSilent(`${scope}/${unit}`, state.activity, performance.now()) ||
    processIsGone(state.holderWorker);

  const instance = new InstanceLog(store);
  const registry = openRegistry(config);
  const sources = configuredSources(config);
  const topics = [...new Set(sources.flatMap((source) => source.topics))];
  const limits = { ...config.limits };
  const decoder = () => sourceDecoder(sources, registry, limits);
  const writer = {
    store,
    unitLog,
    worker,
    layout: archiveLayout(config.collect.slotOffsets),
    batchRows: config.collect.batchRows,
    batchBytes: config.collect.batchBytes,
  };

  const policies = openPolicies(config.policies);
  closers.push(() => policies.close());
  const catalogs = openCatalogs(config, store, sources, policies);
  const usesKafka = config.kafka.brokers.length > 0;
  const settings = { kafka: config.kafka, batchMaxBytes: config.limits.batchMaxBytes };
  const archiveLog = new ArchiveReplayLog(store, unitLog);
  let log: ReplayLog = archiveLog;
  let appender: LogAppender;
  let decisionAppender: LogAppender;
  let archiver: LiveArchiver | null = null;
  let logAdmin: LogAdmin | null = null;
  let outputs: OutputTopics | null = null;
  if (usesKafka) {
    const admin = withOptionalTopics(await openAdmin(settings), [config.decisionLogs.topic]);
    logAdmin = admin;
    closers.push(() => admin.close());
    const collect = {
      ...writer,
      config,
      admin,
      settings,
      decoder,
      beats,
      holderSilent,
      keepRaw: config.collect.keepRaw,
    };
    const decoderFor = (spec: FrozenSpec) => jobDecoder({ config, registry, decoder, ...catalogs }, spec);
    log = new KafkaReplayLog({ ...collect, archiveLog, decoderFor });
    archiver = new LiveArchiver({ ...collect, topics, instance });
    appender = new KafkaAppender(config, settings, admin, config.kafka.eventsTopic);
    decisionAppender = new KafkaAppender(config, settings, admin, config.decisionLogs.topic);
    outputs = new OutputTopics({ config, settings, admin, registry });
  } else {
    appender = new EmbeddedLog({
      writer: { ...writer, decoder: decoder(), keepRaw: false },
      topic: config.kafka.eventsTopic,
      slotOffsets: config.collect.slotOffsets,
      retries: config.replay.retries,
      groupIntervalMs: config.collect.groupIntervalMs,
    });
    decisionAppender = appender;
  }
  closers.push(() => Promise.all([appender.close(), decisionAppender.close()]).then(() => undefined));
  const schemaId = await auditEventSchemaId(config, registry);
  await fixSlotOffsets(unitLog, config.collect.slotOffsets, worker);

  const access = openAccess({ store, reader }, { config, worker, telemetry }, closers);
  const pipeline: Pipeline = {
    config,
    store,
    unitLog,
    jobLog: new JobLog(store),
    ...catalogs,
    instance,
    policies,
    beats,
    log,
    outputs,
    wake: new Wake(),
    worker,
    holderSilent,
  };
  const deadLetters = new Redriver({ ...pipeline, reader, decoder });
  const { webhooks, deliverer } = openWebhooks({ ...pipeline, telemetry });
  const runResults = new RunResults(reader);
  const promotions = new PromotionLog(store);
  const runs = new Runs({ ...pipeline, promotions, topics }, runResults);
  const results = openResults({ config, runs, reader, results: runResults });
  const decisions = new DecisionResults(reader, pipeline.jobLog, unitLog);
  const onRetry = loggedRetries(telemetry);
  const replayed = {
    ...pipeline,
    reader,
    policies,
    appender: decisionAppender,
    schemaId,
    decisions,
    onRetry,
  };
  const { logReplayHost, ...logReplay } = openLogReplay(replayed);
  return {
    replay: runs,
    life: runs.lifecycle(),
    instanceSwitch: instance,
    appender,
    ...catalogs,
    previews: new DefinitionPreviews({
      ...catalogs,
      config,
      policies,
      registry,
      samples: new ArchiveSamples(reader, unitLog),
    }),
    encodings: pipeline.encodings,
    ...openFollowing(pipeline, reader),
    ...access,
    results,
    current: openCurrentState({ ...pipeline, promotions, reader, results, jobs: runs }),
    decisions,
    compare: openCompare({ ...pipeline, runs, reader }, closers),
    deadLetters,
    outputs: new RunOutputs(pipeline.jobLog, unitLog),
    evidence: new EvidenceArchives({ ...pipeline, ...access, reader }),
    ...logReplay,
    policies,
    webhooks,
    notes: new StoredNotes(new NoteLog(store), runs, runResults, config.notes),
    schemaId,
    parseEvent: (text, tenantId) =>
      schemaId === null
        ? NO_EVENT_SCHEMA
        : parseIngestEvent(text, tenantId, {
            schemaId,
            recordMaxBytes: config.limits.recordMaxBytes,
            depthMax: config.limits.depthMax,
          }),
    instance: openInstance({ config, store, reader, unitLog, admin: logAdmin, topics }),
    startWorkers: async (threads) => {
      const threadData = {
        connection,
        policies: config.policies,
        log: usesKafka ? { ...settings, registry: config.registry, dataDir: config.dataDir } : null,
      };
      const worked = { ...pipeline, promotions };
      closers.push(startWorkerLoops(worked, threads, threadData, telemetry, [deliverer, logReplayHost]));
      telemetry.event('worker.started', { workerId: worker });
    },
    archive: async (signal) => {
      if (archiver !== null) await archiver.run(signal);
    },
    close: () => closeAll(closers),
  };
}
