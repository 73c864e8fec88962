/**
 * What a set was made of: the run whose states it holds, and what follow makes of it: the same encoding, filters and
 * topics, with no end in time.
 */
import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import type { FoldingBody, Pipeline } from '../replay/pipeline.js';
import { plannedRanges } from '../replay/plan.js';
import type { ClaimRange } from '../replay/segments.js';
import { loadInput } from '../replay/tasks.js';
import { toldBySteps } from '../sinks/emitting.js';
import { historyStartNs } from '../store/selection.js';
import { addOffsets, type Offsets } from './consumed.js';

export interface BaseRun {
  readonly jobId: string;
  readonly spec: FrozenSpec;
  readonly encoding: Encoding;
  readonly startNs: string;
  readonly endNs: string;
  /** What the run read. */
  readonly ranges: readonly ClaimRange[];
  readonly offsets: Offsets;
  /** The first offset of each partition that can matter, by `topicId/partition`. */
  readonly starts: ReadonlyMap<string, bigint>;
  readonly topicIds: readonly string[];
  /** The run has output topics that its steps are told to. */
  readonly tells: boolean;
  /** An entity's state says which of its events was the last: the run kept a snapshot of each, and none failed. */
  readonly statesAreLast: boolean;
}

/** The latest time that the store keeps. */
const FOREVER_NS = (2n ** 63n - 1n).toString();

type Context = Pick<Pipeline, 'jobLog' | 'encodings'>;

/** Rejects with follow_unsupported where the run's states cannot be folded on. */
export async function openBaseRun(context: Context, tenantId: string, jobId: string): Promise<BaseRun> {
  const job = await context.jobLog.read(tenantId, jobId);
  const plan = job?.state.plan as ReplayPlan | null | undefined;
  const folding = job?.state.folding as FoldingBody | null | undefined;
  if (job?.state.status !== 'Complete' || !plan || !folding)
    throw new RewindError('follow_unsupported', `${jobId} is not there any more`);
  const of = job.state.spec as FrozenSpec;
  const { definition: encoding } = await context.encodings.get(tenantId, of.encodingVersion);
  const reason = whyNot(of, encoding, folding);
  if (reason !== null)
    throw new RewindError('follow_unsupported', `${jobId} cannot be followed: ${reason}`, {
      facts: { jobId },
    });
  const startNs = historyStartNs(of);
  const { base: _, outputs, ...own } = of;
  const { ranges } = loadInput(folding.input);
  return {
    jobId,
    spec: { ...own, startNs, endNs: FOREVER_NS, snapshots: 'all' },
    encoding,
    startNs,
    endNs: of.endNs,
    ranges,
    offsets: readOffsets(plan),
    starts: new Map(plan.partitions.map((one) => [`${one.topicId}/${one.partition}`, BigInt(one.from)])),
    statesAreLast: of.snapshots === 'all' && of.base === undefined && failedOf(job.state.result) === 0,
    tells: outputs?.some(toldBySteps) ?? false,
    topicIds: [...new Set(plan.partitions.map(({ topicId }) => topicId))],
  };
}

function failedOf(result: unknown): number {
  return (result as { counters: { failed: number } }).counters.failed;
}

/** In words; null: it can be followed. */
function whyNot(of: FrozenSpec, encoding: Encoding, { input }: FoldingBody): string | null {
  if (of.jobType !== 'StateRebuild') return `it is a ${of.jobType} and has no states`;
  if (encoding.entity !== 'envelope') return 'its encoding derives entities from the payload';
  if (of.ordering === 'log') return 'it is in log order';
  if (input.table !== 'audit_events')
    return 'it read the log into rows of its own, and not through the archive';
  if (of.onFailure === 'stop_entity') return 'with on_failure stop_entity a failure ends an entity for good';
  return null;
}

/** The offsets that the run looked at. */
function readOffsets(plan: ReplayPlan): Offsets {
  const planned = plan.partitions.map(
    (one) => [`${one.topicId}/${one.partition}`, plannedRanges(one)] as const,
  );
  return addOffsets(new Map(), new Map(planned));
}
