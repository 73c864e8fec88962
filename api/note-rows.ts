/** What the routes of annotations and of bookmarks have in common. */
import type { FastifyRequest } from 'fastify';
import type { Note, NoteUser } from '../processors/notes/contract.js';
import { mayDo } from '../schemas/access.js';

export function userOf({ identity }: FastifyRequest): NoteUser {
  return { actor: identity.actor, changesAll: mayDo(identity.role, 'write') };
}

/** The trail names the note; where it hangs stands beside it. */
export function entered(request: FastifyRequest, note: Note): void {
  request.auditTarget = note.noteId;
  request.auditDetail = { job_id: note.jobId, snapshot_index: note.snapshotIndex };
}

export function placeRow(note: Note) {
  return {
    job_id: note.jobId,
    snapshot_index: note.snapshotIndex,
    entity_type: note.entityType,
    entity_id: note.entityId,
    event_id: note.eventId,
    fold_seq: note.foldSeq,
  };
}

export function writtenRow({ author, createdAt, editedAt }: Note) {
  return { author, created_at: createdAt, edited_at: editedAt };
}
