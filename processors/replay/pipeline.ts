/**
 * What the parts of the pipeline share in one worker process, and the bodies of the job events that bind every worker to
 * the same input.
 */
import type { Config } from '../../schemas/config.js';
import type { FrozenSpec, PartitionPlan, ReplayPlan } from '../../schemas/job.js';
import type { OutputPlan } from '../../schemas/output.js';
import type { Policies } from '../policy/contract.js';
import type { EmittedTopic, EmittingBody, SealedUnit, StepMarker } from '../sinks/emitting.js';
import type { JobLog } from '../store/job-log.js';
import type { Store } from '../store/store.js';
import type { UnitLog } from '../store/unit-log.js';
import type { Catalogs } from '../versions/open.js';
import type { Beats } from './beats.js';
import type { InputCounts } from './job-input.js';
import type { JobPace } from './pace.js';
import type { StoredInput, TaskBase, TaskCounters } from './tasks.js';
import type { UnitState } from './units.js';
import type { Wake } from './wake.js';

export interface Pipeline extends Catalogs {
  readonly config: Config;
  readonly store: Store;
  readonly unitLog: UnitLog;
  readonly jobLog: JobLog;
  readonly policies: Policies;
  /** The switch over all reading. */
  readonly instance: { isPaused(): Promise<boolean> };
  readonly beats: Beats;
  readonly log: ReplayLog;
  /** Null: there are no brokers to write to. */
  readonly outputs: OutputStage | null;
  /** Rings when this process changed something that its loops poll for. */
  readonly wake: Wake;
  /** `host/pid/start`: who writes claims. */
  readonly worker: string;
  /** True when the holder of a unit shows no life: its lease ran out by our clock, or its process on this host is gone. */
  readonly holderSilent: (scope: string, unit: string, state: UnitState) => boolean;
}

export interface BoundJob {
  readonly jobId: string;
  readonly tenantId: string;
  readonly spec: FrozenSpec;
}

export interface PlannedJob extends BoundJob {
  readonly plan: ReplayPlan;
}

/** The log a job reads: Kafka, or the embedded log whose records are in the archive already. */
export interface ReplayLog {
  /** The plan of every partition the job looks at; without effect. */
  planPartitions(spec: FrozenSpec): Promise<{ partitions: PartitionPlan[]; bytesPerRecord: number }>;
  /** Sets the job's group to the plan's offsets, before anyone joins. */
  prepare(job: PlannedJob): Promise<void>;
  /** Takes part in collecting until nothing is left for this process now; to be called again while input is missing. */
  collect(job: PlannedJob, pace: JobPace, signal: AbortSignal): Promise<void>;
  /** Removes what `prepare` made. */
  cleanUp(job: PlannedJob): Promise<void>;
}

/** The topics that runs are written to. */
export interface OutputStage {
  /** What the job would write; without effect. */
  plan(spec: FrozenSpec, rows: bigint): Promise<OutputPlan[]>;
  /** Topics made, schemas registered, where each partition ends now. Errors: output_topic_missing, schema_unknown. */
  prepare(job: PlannedJob, foldUnits: readonly UnitRange[]): Promise<EmittingBody>;
  /** The same topics while the run is followed. */
  readonly steps: StepTopics;
  /** Writes the end markers; the counters say where each stands. Written twice they say the same twice. */
  writeEnds(
    job: BoundJob,
    body: EmittingBody,
    units: readonly SealedUnit[],
    time: string,
  ): Promise<TaskCounters>;
}

/** The topics of a run whose states are followed. */
export interface StepTopics {
  /** Those that steps are told to, with the schema of their markers. Errors: schema_unknown. */
  prepare(topics: readonly EmittedTopic[]): Promise<EmittedTopic[]>;
  /** Writes the markers of a step. Written twice they say the same twice. */
  mark(topics: readonly EmittedTopic[], marker: StepMarker): Promise<void>;
}

/** A range of the entity-hash space, both ends inclusive, decimal text. */
export interface UnitRange {
  readonly unit: string;
  readonly lo: string;
  readonly hi: string;
}

/** Body of a `mapping` job event. */
export interface MappingBody {
  readonly input: StoredInput;
  readonly counts: InputCounts;
  readonly units: readonly UnitRange[];
}

/** Body of a `folding` job event. */
export interface FoldingBody {
  readonly input: StoredInput;
  readonly counts: InputCounts;
  readonly losers: readonly string[];
  readonly repeated: readonly string[] | null;
  readonly units: readonly UnitRange[];
  /** Set for incremental runs. */
  readonly base?: BaseBody;
}

/** What the fold units of an incremental run begin with. */
export interface BaseBody extends TaskBase {
  /** Entities that the base has a state of. */
  readonly states: number;
  /** Events that the base folded and this run folds again. */
  readonly anewEvents: number;
}
