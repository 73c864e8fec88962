/** What callers send to steer replay jobs; the answers are those of http-jobs.ts. */
import { type Static, Type } from 'typebox';
import { answerOf, orNull, strict, Time } from './http-answer.js';
import { JobSpec } from './job.js';

export const CancelBody = Type.Object(
  {
    rows: Type.Optional(
      Type.Union([Type.Literal('keep'), Type.Literal('drop')], {
        description:
          'drop (default): nobody sees the rows of the job from here on; keep: units sealed so far stay readable, as a partial run',
      }),
    ),
  },
  { additionalProperties: false },
);
export type CancelBody = Static<typeof CancelBody>;

/** Fields of the spec that change; none: the same spec over the same frozen bounds. */
export const RerunBody = Type.Object(
  {
    ...Type.Partial(JobSpec).properties,
    keep_bounds: Type.Optional(
      Type.Boolean({
        description: 'With changed fields: read exactly the offsets of the parent all the same',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RerunBody = Static<typeof RerunBody>;

export const SwitchBody = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { additionalProperties: false },
);

export const InstanceAnswer = answerOf(
  strict(
    {
      paused: Type.Boolean(),
      actor: orNull(Type.String({ description: 'Who switched last' })),
      reason: Type.String(),
      since: orNull(Time),
    },
    { title: 'Instance' },
  ),
);
