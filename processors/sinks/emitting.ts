/**
 * What every worker is bound to while a run writes to its output topics: frozen in the job log once all units of the fold
 * are sealed. Plain data, so that it crosses threads and processes.
 */
import type { Config } from '../../schemas/config.js';
import type { FrozenSpec } from '../../schemas/job.js';
import type { FrozenOutput } from '../../schemas/output.js';
import type { ProducingOptions } from '../kafka/output-producer.js';
import type { StoredInput } from '../replay/tasks.js';
import type { LiveSet } from '../store/set-states.js';
import type { RunHeaders, StepHeaders } from './headers.js';

export const OUTPUT_PREFIX = 'out/';
export const END_UNIT = 'output-ends';

export interface EmittedTopic extends FrozenOutput {
  readonly topicId: string;
  readonly partitions: number;
  /** End of each partition before the run wrote anything. */
  readonly startOffsets: readonly string[];
  /** Registry id of the records' schema; -1: their bytes are not ours. */
  readonly schemaId: number;
  readonly endSchemaId: number;
}

/** A range of entity hashes whose rows are written; with `source`: offsets (hi exclusive) of a partition of events. */
export interface EmitUnit {
  readonly unit: string;
  readonly lo: string;
  readonly hi: string;
  readonly source?: { readonly topicId: string; readonly partition: number };
}

/** Body of an `emitting` job event. */
export interface EmittingBody {
  readonly topics: readonly EmittedTopic[];
  readonly units: readonly EmitUnit[];
}

/** A unit of the output stage whose records count under its claim. */
export interface SealedUnit {
  readonly unit: string;
  readonly claim: string;
  readonly counters: Readonly<Record<string, number>>;
}

/** Whose rows they are, and where they go. */
export interface LaneTask {
  readonly jobId: string;
  readonly unit: string;
  readonly claim: string;
  readonly spec: { readonly tenantId: string; readonly jobType: string };
  readonly topics: readonly EmittedTopic[];
  /** Names of source topics by topic id. */
  readonly sourceTopics: readonly (readonly [string, string])[];
  /** Set where the rows are those of a step of a followed set. */
  readonly step?: StepHeaders;
}

export interface EmitTask extends LaneTask {
  readonly kind: 'emit';
  readonly spec: FrozenSpec;
  readonly range: EmitUnit;
  /** Where the run's events stand; read only for the events themselves. */
  readonly input: StoredInput;
  /** Where the encoding derives entities: the derived ones. */
  readonly mapped: StoredInput | null;
  /** True where one record may touch several entities: then the first of its rows has its bytes. */
  readonly fansOut: boolean;
  readonly producing: ProducingOptions;
  readonly windowOffsets: number;
  readonly statementMaxSeconds: number;
}

/** One sealed step of a followed set to the topics of its run. */
export interface EmitStepTask extends LaneTask {
  readonly kind: 'emit-step';
  readonly step: StepHeaders;
  /** Claim under which the step was sealed, `job_id` of its rows in live_snapshots, and how many these are. */
  readonly stepClaim: string;
  readonly live: string;
  readonly rows: number;
  /** The set as it was before the step. */
  readonly states: LiveSet;
  readonly producing: ProducingOptions;
  readonly statementMaxSeconds: number;
}

/** What steps can tell: they write no events, and ask no rules. */
export function toldBySteps({ output }: FrozenOutput): boolean {
  return output === 'snapshots' || output === 'diffs';
}

export interface StepMarker {
  readonly run: RunHeaders;
  readonly step: StepHeaders;
  /** The sealed unit that wrote the step's records. */
  readonly unit: SealedUnit;
  readonly gap: boolean;
  readonly atMs: number;
}

/** What a worker thread needs to write to a log; null in ThreadData: there is none. */
export interface OutputLog {
  readonly kafka: Config['kafka'];
  readonly batchMaxBytes: number;
  readonly registry: Config['registry'];
  readonly dataDir: string;
}
