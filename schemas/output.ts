/** Output topics of a run: what a caller asks for, what the job is bound to, what the plan says. */
import { type Static, Type } from 'typebox';

export const OutputName = Type.Union([
  Type.Literal('snapshots'),
  Type.Literal('diffs'),
  Type.Literal('decisions'),
  Type.Literal('events'),
]);
export type OutputName = Static<typeof OutputName>;

export const OutputsSpec = Type.Object(
  {
    topics: Type.Array(OutputName, { minItems: 1, maxItems: 4, uniqueItems: true }),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]{1,200}$',
        description: 'Topics are <prefix>.snapshots, …; left out: the configured prefix',
      }),
    ),
  },
  { additionalProperties: false },
);
export type OutputsSpec = Static<typeof OutputsSpec>;

export interface FrozenOutput {
  readonly output: OutputName;
  readonly topic: string;
}

/** What a job would write to one topic. Numbers are decimal text; rows and bytes are estimates, bytes before packing. */
export interface OutputPlan {
  readonly output: OutputName;
  readonly topic: string;
  readonly exists: boolean;
  readonly partitions: number;
  /** Records that the topic holds already, of other runs. */
  readonly recordsBefore: string;
  readonly rows: string;
  readonly bytes: string;
  readonly warnings: readonly string[];
}

/** How far one partition of an output topic is. Offsets and counts are decimal text. */
export interface OutputPartition {
  readonly partition: number;
  /** No record of the run stands before it. */
  readonly startOffset: string;
  /** Offset of the run's end marker; null: not written yet. */
  readonly endOffset: string | null;
  readonly rows: string;
  /** See the field `digest` of the end marker; null: not written yet. */
  readonly digest: string | null;
}

export interface OutputState {
  readonly output: OutputName;
  readonly topic: string;
  readonly rows: string;
  readonly partitions: readonly OutputPartition[];
}
