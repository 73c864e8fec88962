/** The real pipeline on a data directory of its own, set up so that small inputs cross many limits: slots, batches, units. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../schemas/config.js';
import type { Encoding } from '../../../schemas/encoding.js';
import type { JobSpec } from '../../../schemas/job.js';
import { RANDOM_JOB_END_NS, RANDOM_JOB_START_NS, RANDOM_TENANTS } from '../../generate/random-events.js';
import { openRegistry } from '../../kafka/registry.js';
import type { JobView } from '../../replay/service.js';
import { formatRfc3339Ns } from '../../sources/time.js';
import type { Store } from '../../store/store.js';
import type { Rewind } from '../../topology.js';
import { builtIn } from '../oracle/cases.js';
import type { OracleJob } from '../oracle/types.js';
import { openTestRewind } from '../test-rewind.js';
import { registerVersions, type SchemaIds } from './outgoing.js';

export const TENANT = RANDOM_TENANTS[0];

export interface Rig {
  readonly config: Config;
  readonly rewind: Rewind;
  readonly schemaIds: SchemaIds;
  /** On the engine of the rig, for reading the views as people do. */
  readonly store: Store;
  stop(): Promise<void>;
}

export async function openRig(
  topic: string,
  flags: Readonly<Record<string, unknown>>,
  workers: number,
): Promise<Rig> {
  const world = await openTestRewind({
    workers,
    flags: {
      'kafka.eventsTopic': topic,
      'collect.slotOffsets': 4096,
      'collect.batchRows': 7000,
      'collect.flushIntervalMs': 250,
      'replay.unitEvents': 3000,
      'replay.batchBytes': 1 << 20,
      'replay.pollMs': 150,
      ...flags,
    },
    prepare: (config) => registerVersions(openRegistry(config), topic),
  });
  const { config, rewind, store, prepared, close } = world;
  return { config, rewind, store, schemaIds: prepared, stop: close };
}

export interface JobChoice {
  readonly encoding: Encoding;
  readonly ordering: OracleJob['ordering'];
  readonly snapshots: OracleJob['snapshots'];
  readonly onFailure?: OracleJob['onFailure'];
  readonly filters?: OracleJob['filters'];
  readonly source?: NonNullable<JobSpec['source']>;
}

/** Runs a StateRebuild to its end. Rejects with the job's error unless it is complete. */
export async function runJob(
  rig: Pick<Rig, 'rewind'>,
  choice: JobChoice,
  changed: Partial<JobSpec> = {},
): Promise<JobView> {
  const { replay } = rig.rewind;
  const spec = { ...(await specOf(rig, choice)), ...changed };
  const { jobId } = await replay.create(TENANT, spec, 'oracle');
  for (;;) {
    const job = await replay.get(TENANT, jobId);
    if (job.status === 'Complete') return job;
    if (job.status === 'Failed' || job.status === 'Cancelled')
      throw new Error(`${jobId} is ${job.status}: ${JSON.stringify(job.error)}`);
    await sleep(200);
  }
}

export async function specOf(rig: Pick<Rig, 'rewind'>, choice: JobChoice): Promise<JobSpec> {
  const version =
    choice.encoding === builtIn
      ? 1
      : (await rig.rewind.encodings.save(TENANT, choice.encoding, 'oracle')).version;
  return {
    job_type: 'StateRebuild',
    encoding_version: version,
    rule_version: 1,
    time_range_start: formatRfc3339Ns(RANDOM_JOB_START_NS),
    time_range_end: formatRfc3339Ns(RANDOM_JOB_END_NS),
    // Record times are off event times by days here: a sample cannot promise where to start.
    start_offsets: 'full',
    ordering: choice.ordering,
    snapshots: choice.snapshots,
    on_failure: choice.onFailure ?? 'skip',
    filters: choice.filters ?? {},
    ...(choice.source === undefined ? {} : { source: choice.source }),
  };
}

/** The same job for the oracle. */
export function oracleJob(choice: JobChoice): OracleJob {
  return {
    tenantId: TENANT,
    startNs: RANDOM_JOB_START_NS,
    endNs: RANDOM_JOB_END_NS,
    filters: choice.filters ?? {},
    ordering: choice.ordering,
    snapshots: choice.snapshots,
    onFailure: choice.onFailure ?? 'skip',
    encoding: choice.encoding,
    builtIn,
  };
}
