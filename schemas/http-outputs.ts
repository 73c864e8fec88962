/** What the routes of output topics answer. */
import { Type } from 'typebox';
import { answerOf, Digits, orNull, strict } from './http-answer.js';
import { OutputName } from './output.js';

export const OutputTopicRow = strict({ output: OutputName, topic: Type.String() });

export const OutputPlanRow = strict(
  {
    output: OutputName,
    topic: Type.String(),
    exists: Type.Boolean({ description: 'False: it is created when the first record is due' }),
    partitions: Type.Integer({ minimum: 1 }),
    records_before: Digits,
    rows: Digits,
    bytes: Digits,
    warnings: Type.Array(Type.String()),
  },
  { title: 'OutputPlan' },
);

const OutputRow = strict(
  {
    output: OutputName,
    topic: Type.String(),
    rows: Digits,
    partitions: Type.Array(
      strict({
        partition: Type.Integer({ minimum: 0 }),
        start_offset: Digits,
        end_offset: orNull(
          Type.String({
            pattern: '^[0-9]+$',
            description: 'Offset of the end marker; null: not written yet',
          }),
        ),
        rows: Digits,
        digest: orNull(Type.String({ description: 'As in the end marker; null: not written yet' })),
      }),
    ),
  },
  { title: 'OutputTopic' },
);

export const OutputsAnswer = answerOf(Type.Array(OutputRow));
