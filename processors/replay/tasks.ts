/**
 * What a worker thread is asked to do: plain data, so that it crosses threads. A task knows its claim; the claim and the
 * manifest around it are the unit runner's job.
 */
import type { Encoding } from '../../schemas/encoding.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import type { RulesToOpen } from '../rules/rule-set.js';
import type { InputRows } from '../store/selection.js';

/** InputRows with offsets as text: the form in job events and across threads. */
export interface StoredInput {
  readonly table: InputRows['table'];
  readonly jobId: string;
  readonly stage: InputRows['stage'];
  readonly ranges: readonly { readonly claim: string; readonly from: string; readonly to: string }[];
}

export function storeInput(input: InputRows): StoredInput {
  return {
    ...input,
    ranges: input.ranges.map((range) => ({
      claim: range.claim,
      from: range.from.toString(),
      to: range.to.toString(),
    })),
  };
}

export function loadInput(stored: StoredInput): InputRows {
  return {
    ...stored,
    ranges: stored.ranges.map((range) => ({
      claim: range.claim,
      from: BigInt(range.from),
      to: BigInt(range.to),
    })),
  };
}

export interface TaskLimits {
  readonly batchBytes: number;
  readonly maxFailures: number;
  readonly maxEventsPerEntity: number;
  readonly statementMaxSeconds: number;
  /** Of a report: samples of each kind of change, and the longest value that they show. */
  readonly samples: number;
  readonly sampleMaxBytes: number;
}

/** The rules that each event is put to, and those whose decisions are compared with; null: the recorded ones are. */
export interface TaskRules {
  readonly rules: RulesToOpen;
  readonly baseline: RulesToOpen | null;
}

export interface UnitTask {
  readonly kind: 'fold' | 'map';
  readonly jobId: string;
  readonly unit: string;
  readonly claim: string;
  readonly spec: FrozenSpec;
  readonly encoding: Encoding;
  readonly input: StoredInput;
  readonly range: { readonly lo: string; readonly hi: string };
  /** See FoldUnit: event ids whose first occurrence belongs to another entity. */
  readonly losers: readonly string[];
  /** cityHash64 of the event ids that occur more than once in the job's input; null: any may. */
  readonly repeated: readonly string[] | null;
  /** Set where the job decides about events. */
  readonly rules: TaskRules | null;
  /** Where the plan has the fold done; see fold-sql.ts. */
  readonly foldIn: ReplayPlan['foldIn'];
  readonly limits: TaskLimits;
  /** The fold that a dry run is compared with. */
  readonly baseline?: { readonly encoding: Encoding; readonly foldIn: ReplayPlan['foldIn'] };
  /** The stored run that is folded again, with the claims of its fold units. */
  readonly verifies?: { readonly jobId: string; readonly claims: readonly string[] };
  /** Set for a fold whose rows are only looked at: they go to the scratch table, under a claim of their own. */
  readonly scratch?: { readonly claim: string; readonly keepsLetters: boolean };
}

/** Where the snapshots of a fold go, and under which claim. */
export function snapshotTarget(task: UnitTask): { table: 'snapshots' | 'fold_scratch'; claim: string } {
  const { scratch } = task;
  return scratch === undefined
    ? { table: 'snapshots', claim: task.claim }
    : { table: 'fold_scratch', claim: scratch.claim };
}

export type TaskCounters = Readonly<Record<string, number>>;
