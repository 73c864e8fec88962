/** Following a tenant's current state: the switch, and how far it has come. */
import { type Static, Type } from 'typebox';
import { answerOf, orNull, strict, Time } from './http-answer.js';

export const FollowBody = Type.Object(
  {
    on: Type.Boolean({
      description: 'true: fold what arrives onto the current state; false: leave it as it is',
    }),
  },
  { additionalProperties: false },
);
export type FollowBody = Static<typeof FollowBody>;

const Count = Type.String({ pattern: '^\\d+$' });

export const FollowAnswer = answerOf(
  strict(
    {
      on: Type.Boolean({ description: 'Asked for; holds for whatever run is current' }),
      actor: orNull(Type.String({ description: 'Who turned it last' })),
      since: orNull(Time),
      job_id: orNull(Type.String({ description: 'The run whose states are current; null: none' })),
      step: orNull(Type.String({ pattern: '^\\d+$', description: 'The last step that was made' })),
      step_at: orNull(Time),
      lag_records: orNull(Count),
      lag_seconds: orNull(
        Type.Number({ description: "Age of the oldest of the tenant's events that is not in the state yet" }),
      ),
      told_step: orNull(
        Type.String({
          pattern: '^\\d+$',
          description: 'The last step that the output topics of the run have; null: none, or it has none',
        }),
      ),
      untold_steps: orNull(
        Type.Integer({
          minimum: 0,
          description: 'Steps that they do not have yet; null: there are no topics',
        }),
      ),
      error: orNull(strict({ code: Type.String(), message: Type.String(), at: Time })),
    },
    { title: 'Following' },
  ),
);

export const CurrentStreamQuery = strict({
  entities: Type.Optional(
    Type.Union([Type.Literal('sampled'), Type.Literal('all')], {
      description: 'sampled (default): some of the entities that a step changed; all: each of them',
    }),
  ),
  entity_type: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
});

export const CurrentStreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ maxLength: 8192, description: 'Id of the last event seen; the stream goes on behind it' }),
  ),
});

export const CurrentStreamAnswer = {
  content: {
    'text/event-stream': {
      schema: Type.Unknown({
        description:
          'state.current (read the state anew from here), state.changed, state.step; resync: connect again',
      }),
    },
  },
};
