/**
 * Makes the plan of a job: asks the log for its partitions and the store for what it holds, and adds up what the run
 * will cost. Without effect; `rewind replay plan` and the coordinator both come here.
 */
import type { FrozenSpec, PartitionPlan, ReplayPlan } from '../../schemas/job.js';
import { withRedriven } from '../redrive/redrive-log.js';
import { estimateReads } from '../store/read-estimate.js';
import { historyStartNs, type InputRows, selectedClause } from '../store/selection.js';
import { behindBase } from './base.js';
import { archiveUnitsByPartition, readInputState } from './coverage.js';
import { needsWorkers } from './fold-sql.js';
import type { Pipeline } from './pipeline.js';
import { planAgain } from './plan.js';
import { clipSegments, coveredRanges } from './segments.js';
import { decides } from './spec.js';

/** Rough cost of a run: bytes of a snapshot row on disk before merges, and events a second over all stages. */
const SNAPSHOT_BYTES = 160;
export const COLLECT_EVENTS_PER_SECOND = 80_000;
export const FOLD_EVENTS_PER_SECOND = 120_000;

export type PlanContext = Pick<
  Pipeline,
  'store' | 'unitLog' | 'jobLog' | 'log' | 'outputs' | 'config' | 'encodings'
>;

export async function makePlan(
  context: PlanContext,
  spec: FrozenSpec,
  jobId: string | null,
  /** The plan of the job that this one runs again with the same bounds. */
  parent: ReplayPlan | null = null,
): Promise<ReplayPlan> {
  // An incremental run is planned as the whole history: it looks for what came late to its base, too.
  const { partitions, bytesPerRecord } =
    parent === null
      ? await context.log.planPartitions({ ...spec, startNs: historyStartNs(spec) })
      : await planPartitionsAgain(context.unitLog, spec, parent);
  let toCollect = 0n;
  for (const partition of partitions) {
    for (const [from, to] of partition.toCollect) toCollect += BigInt(to) - BigInt(from);
  }
  const state = await readInputState(context.unitLog, { jobId: jobId ?? '', spec, partitions });
  const input = await behindBase(context, spec, await withRedriven(context, partitions, state.input));
  const selected = selectedClause(spec, input);
  const archived = await context.store.query<{ count: string }>(
    `SELECT toString(count()) AS count FROM ${context.store.t(input.table)} WHERE ${selected.sql}`,
    selected.params,
  );
  const disks = await context.store.query<{ free: string }>(
    'SELECT toString(min(free_space)) AS free FROM system.disks',
  );
  const eventsInArchive = BigInt(archived[0]!.count);
  const rows = eventsInArchive + toCollect;
  const needed = rows * BigInt(SNAPSHOT_BYTES) + toCollect * BigInt(Math.ceil(bytesPerRecord));
  const free = BigInt(disks[0]!.free);
  const warnings = partitions.flatMap((partition) =>
    partition.warnings.map((warning) => `${partition.topic}/${partition.partition}: ${warning}`),
  );
  if (needed + BigInt(context.config.jobs.diskReserveBytes) > free && needed > 0n)
    warnings.push(`disk: about ${needed} bytes needed, ${free} free: such a job is refused`);
  return {
    partitions,
    group: toCollect > 0n && jobId !== null ? `${context.config.kafka.groupPrefix}.${jobId}` : null,
    recordsToCollect: toCollect.toString(),
    bytesToRead: (toCollect * BigInt(Math.ceil(bytesPerRecord))).toString(),
    eventsInArchive: eventsInArchive.toString(),
    ...(await archiveReads(context, spec, input)),
    rowsToWrite: rows.toString(),
    diskFreeBytes: free.toString(),
    diskNeededBytes: needed.toString(),
    estimatedSeconds: Math.ceil(
      Number(toCollect) / COLLECT_EVENTS_PER_SECOND + Number(rows) / FOLD_EVENTS_PER_SECOND,
    ),
    ...(await foldChoice(context, spec)),
    ...(context.outputs === null || spec.outputs === undefined
      ? {}
      : { outputs: await context.outputs.plan(spec, rows) }),
    warnings,
  };
}

/** How much of the archive the filters leave to be opened. */
async function archiveReads(
  { store, encodings }: PlanContext,
  spec: FrozenSpec,
  input: InputRows,
): Promise<Pick<ReplayPlan, 'archiveReads'>> {
  if (input.table !== 'audit_events') return {};
  const { definition: encoding } = await encodings.get(spec.tenantId, spec.encodingVersion);
  // Entities that are derived are not known by the archive: such a run reads those of all.
  const filtered = selectedClause(spec, input, encoding.entity === 'envelope');
  const whole = selectedClause({ ...spec, filters: {} }, input);
  const [toRead, inRange] = await estimateReads(store, input.table, [filtered, whole]);
  return {
    archiveReads: {
      rowsInRange: inRange!.rows.toString(),
      rowsToRead: toRead!.rows.toString(),
      bytesInRange: inRange!.bytes.toString(),
      bytesToRead: toRead!.bytes.toString(),
    },
  };
}

async function planPartitionsAgain(
  unitLog: PlanContext['unitLog'],
  spec: FrozenSpec,
  parent: ReplayPlan,
): Promise<{ partitions: PartitionPlan[]; bytesPerRecord: number }> {
  const topicIds = parent.partitions.map(({ topicId }) => topicId);
  const archive = spec.source === 'kafka' ? null : await archiveUnitsByPartition(unitLog, topicIds);
  const partitions = parent.partitions.map((plan) => {
    const units = archive?.get(`${plan.topicId}/${plan.partition}`) ?? [];
    return planAgain(plan, coveredRanges(clipSegments(units, { from: 0n, to: 1n << 63n })));
  });
  const records = Number(parent.recordsToCollect);
  return { partitions, bytesPerRecord: records === 0 ? 0 : Number(parent.bytesToRead) / records };
}

/** One statement for each unit where the encoding allows it. */
async function foldChoice(
  context: PlanContext,
  spec: FrozenSpec,
): Promise<Pick<ReplayPlan, 'foldIn' | 'foldReason'>> {
  if (decides(spec))
    return { foldIn: 'worker', foldReason: 'rules decide about each event, with the states around it' };
  if (!context.config.replay.foldInStore)
    return { foldIn: 'worker', foldReason: 'replay.foldInStore is off' };
  const { definition: encoding } = await context.encodings.get(spec.tenantId, spec.encodingVersion);
  const reason = needsWorkers(encoding);
  return reason === null
    ? { foldIn: 'store', foldReason: 'the encoding needs no code' }
    : { foldIn: 'worker', foldReason: reason };
}
