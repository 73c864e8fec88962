/**
 * What a worker thread is asked to do: plain data, so that it crosses threads. A task knows its claim; the claim and the
 * manifest around it are the unit runner's job.
 */
import type { Encoding } from '../../schemas/encoding.js';
import type { FrozenSpec, ReplayPlan } from '../../schemas/job.js';
import type { RulesToOpen } from '../rules/rule-set.js';
import type { InputRows, RedrivenRows } from '../store/selection.js';
import type { ClaimRange } from './segments.js';

/** InputRows with offsets as text: the form in job events and across threads. */
export interface StoredInput {
  readonly table: InputRows['table'];
  readonly jobId: string;
  readonly stage: InputRows['stage'];
  readonly ranges: readonly StoredRange[];
  readonly redriven?: RedrivenRows;
  readonly without?: readonly string[];
  readonly behind?: {
    readonly startNs: string;
    readonly endNs: string;
    readonly ranges: readonly StoredRange[];
  };
}

export interface StoredRange {
  readonly claim: string;
  readonly from: string;
  readonly to: string;
}

export function storeInput(input: InputRows): StoredInput {
  const { ranges, behind, ...rest } = input;
  const stored = { ...rest, ranges: ranges.map(storeRange) };
  return behind === undefined
    ? stored
    : { ...stored, behind: { ...behind, ranges: behind.ranges.map(storeRange) } };
}

export function loadInput(stored: StoredInput): InputRows {
  const { ranges, behind, ...rest } = stored;
  const input = { ...rest, ranges: ranges.map(loadRange) };
  return behind === undefined
    ? input
    : { ...input, behind: { ...behind, ranges: behind.ranges.map(loadRange) } };
}

function storeRange({ claim, from, to }: ClaimRange): StoredRange {
  return { claim, from: from.toString(), to: to.toString() };
}

export function loadRange({ claim, from, to }: StoredRange): ClaimRange {
  return { claim, from: BigInt(from), to: BigInt(to) };
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
  /** The finished run that is folded again, with the claims of its fold units. */
  readonly verifies?: { readonly jobId: string; readonly claims: readonly string[] };
  /** Set for a fold whose rows are only looked at: they go to the scratch table, under a claim of their own. */
  readonly scratch?: { readonly claim: string; readonly keepsLetters: boolean };
  /** Set in incremental runs. */
  readonly base?: TaskBase;
  /** Set for a step of a followed set: its snapshots are no run's. */
  readonly live?: true;
}

/** Where the snapshots of a fold go, and under which claim. */
export function snapshotTarget(task: UnitTask): {
  table: 'snapshots' | 'fold_scratch' | 'live_snapshots';
  claim: string;
} {
  const { scratch, live } = task;
  if (live === true) return { table: 'live_snapshots', claim: task.claim };
  return scratch === undefined
    ? { table: 'snapshots', claim: task.claim }
    : { table: 'fold_scratch', claim: scratch.claim };
}

/** Where a fold unit's entities begin: with the last states of another run, but for those that are folded again. */
export interface TaskBase {
  readonly jobId: string;
  /** Claims of the base's sealed fold units: its snapshots, and the states that it began with itself. */
  readonly claims: readonly string[];
  /** Hashes of the entities that are folded from their first event on; null: all. */
  readonly anew: readonly string[] | null;
}

export type TaskCounters = Readonly<Record<string, number>>;
