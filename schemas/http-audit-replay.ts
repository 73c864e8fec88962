/** What the audit replay engine's own routes answer: camelCase, as its document writes them. */
import { Type } from 'typebox';
import { AnyJson, answerOf, Count, orNull, pageOf, strict, Time, words } from './http-answer.js';

const RunStatus = words('queued', 'running', 'success', 'failed');
const Words = Type.Array(Type.String());

const AuditRun = strict(
  {
    id: Type.String(),
    status: RunStatus,
    eventCount: Count,
    snapshotCount: Count,
    progress: Type.Number({ minimum: 0, maximum: 100 }),
    filters: strict({
      startDate: Time,
      endDate: Time,
      eventType: Type.Optional(Words),
      severity: Type.Optional(Words),
    }),
    result: AnyJson,
    error: orNull(Type.String()),
    createdBy: Type.String(),
    createdAt: Time,
    startedAt: orNull(Time),
    completedAt: orNull(Time),
  },
  { title: 'AuditRun' },
);

const AuditTimelineEntry = strict({
  index: Count,
  eventId: Type.String(),
  eventType: Type.String(),
  timestamp: Time,
  entityType: Type.String(),
  entityId: Type.String(),
  changes: Count,
});

const AuditSnapshot = strict(
  {
    id: Type.String(),
    replayRunId: Type.String(),
    snapshotIndex: orNull(Count),
    eventId: orNull(Type.String()),
    eventType: Type.String(),
    timestamp: Time,
    stateBefore: AnyJson,
    stateAfter: AnyJson,
    diff: AnyJson,
    entityType: Type.String(),
    entityId: Type.String(),
    createdAt: Time,
  },
  { title: 'AuditSnapshot' },
);

export const AuditCreatedAnswer = answerOf(strict({ jobId: Type.String(), status: RunStatus }));
export const AuditRunAnswer = strict({
  success: Type.Literal(true),
  data: strict({ run: AuditRun, timeline: Type.Array(AuditTimelineEntry) }),
  page: strict({ next: orNull(Count) }),
});
export const AuditSnapshotAnswer = answerOf(AuditSnapshot);
export const AuditRunListAnswer = pageOf(AuditRun);
