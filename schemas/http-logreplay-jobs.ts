/** What HTTP callers send to and get from the routes of log replays that run as jobs. */
import { Type } from 'typebox';
import { answerOf, Count, Digits, orNull, pageOf, strict, Time, words } from './http-answer.js';
import { LogReplayResult } from './http-logreplay.js';

export const LogReplayParams = strict({
  replay_id: Type.String({ minLength: 1, maxLength: 100, description: 'Id of a log replay' }),
});

export const LogReplaysQuery = strict({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 8192, description: 'Opaque; from the previous page' }),
  ),
});

export const LogReplayJobRow = strict(
  {
    replay_id: Type.String(),
    status: words('Pending', 'Running', 'Complete', 'Failed', 'Cancelled'),
    percent: Type.Integer({ minimum: 0, maximum: 100, description: 'Of the offsets that were frozen' }),
    offsets_done: Digits,
    offsets_total: Digits,
    entries_observed: Count,
    entries_scheduled: Count,
    results_changed: Count,
    entries_failed: Count,
    held_by: orNull(words('pause', 'turn')),
    error: orNull(strict({ code: Type.String(), message: Type.String() })),
    created_by: Type.String(),
    created_at: Time,
    ended_at: orNull(Time),
  },
  { title: 'LogReplayJob' },
);

export const LogReplayJobAnswer = answerOf(LogReplayJobRow);
export const LogReplayJobsAnswer = pageOf(LogReplayJobRow);
/** With what was found, once it is complete. */
export const LogReplayFoundAnswer = answerOf(
  strict({ ...LogReplayJobRow.properties, result: orNull(LogReplayResult) }),
);

export const LogReplayStream = {
  content: {
    'text/event-stream': {
      schema: Type.Unknown({
        description:
          'logreplay.progress, logreplay.completed, logreplay.failed, logreplay.cancelled; resync: connect again',
      }),
    },
  },
};
