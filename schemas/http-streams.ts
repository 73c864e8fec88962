/** Streams of a run, as they are asked for. */
import { Type } from 'typebox';
import { strict } from './http-answer.js';

export const StreamQuery = strict({
  snapshots: Type.Optional(Type.Union([Type.Literal('sampled'), Type.Literal('all')])),
});

export const StreamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ maxLength: 200, description: 'Id of the last event seen; the stream goes on behind it' }),
  ),
});

export const StreamAnswer = {
  content: {
    'text/event-stream': {
      schema: Type.Unknown({
        description:
          'replay.started, replay.progress, replay.snapshot, replay.completed, replay.failed; resync: connect again',
      }),
    },
  },
};
export const NothingNew = {
  ...Type.Null(),
  description: 'The client has seen the end: no need to connect again',
};
