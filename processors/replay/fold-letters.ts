/** Records of what the fold could not take, made from the row at hand. Rare: here objects and texts are fine. */
import { type ErrorCode, excerpt, RewindError } from '../../schemas/errors.js';
import type { FoldRow } from './fold-row.js';
import type { FoldDeadLetter } from './fold-types.js';

export function letterOf(
  row: FoldRow,
  kind: FoldDeadLetter['kind'],
  code: ErrorCode,
  error: string,
): FoldDeadLetter {
  return {
    kind,
    stage: 'fold',
    code,
    error,
    eventId: row.text('event_id'),
    eventType: row.text('event_type'),
    entityType: row.ownEntityType,
    entityId: row.ownEntityId,
    occurredAtNs: row.occurredAtNs,
    topicId: row.topicText,
    partition: row.partition,
    offset: row.offset,
    n: row.n,
  };
}

export function tooLarge(row: FoldRow, maxEventsPerEntity: number): RewindError {
  const entity = `${excerpt(row.ownEntityType)} ${excerpt(row.ownEntityId)}`;
  return new RewindError('entity_too_large', `entity ${entity} has more than ${maxEventsPerEntity} events`, {
    facts: { ...letterOf(row, 'failed', 'entity_too_large', 'too many events of one entity') },
  });
}
