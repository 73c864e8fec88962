/** What the routes of a run's results and of entities answer. */
import { Type } from 'typebox';
import { AnyJson, answerOf, Count, Digits, orNull, pageOf, strict, Time } from './http-answer.js';

const Diff = Type.Unknown({
  description: 'Array of {field, before, after, operation: added | removed | modified}',
});

export const TimelineRow = strict(
  {
    index: Count,
    event_id: Type.String(),
    event_type: Type.String(),
    timestamp: Time,
    entity_type: Type.String(),
    entity_id: Type.String(),
    changes: Count,
  },
  { title: 'TimelineEntry' },
);

export const SnapshotRow = strict(
  {
    id: Type.String(),
    job_id: Type.String(),
    snapshot_index: orNull(Count),
    fold_seq: Digits,
    event_id: Type.String(),
    event_type: Type.String(),
    timestamp: Time,
    entity_type: Type.String(),
    entity_id: Type.String(),
    exists: Type.Boolean(),
    state_before: AnyJson,
    state_after: AnyJson,
    diff: Diff,
    topic: Type.String(),
    partition: Count,
    offset: Digits,
    created_at: Time,
  },
  { title: 'Snapshot' },
);

/** The index is gap-free: the next page starts at a number, not at a cursor. */
export const TimelineAnswer = strict({
  success: Type.Literal(true),
  data: Type.Array(TimelineRow),
  page: strict({ next: orNull(Count) }),
});
export const SnapshotAnswer = answerOf(SnapshotRow);
export const HistoryAnswer = pageOf(SnapshotRow);
