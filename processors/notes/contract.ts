/**
 * Annotations and bookmarks: what people note about single snapshots. A note is bound to the snapshot itself (entity,
 * event, place in the fold order), and shows the timeline index only for convenience. Methods reject with RewindError.
 */
import type { Page, SnapshotView } from '../replay/service.js';

export interface Note {
  readonly noteId: string;
  readonly jobId: string;
  readonly snapshotIndex: number;
  readonly entityType: string;
  readonly entityId: string;
  readonly eventId: string;
  /** Decimal text. */
  readonly foldSeq: string;
  /** Of an annotation what it says, of a bookmark its name. */
  readonly text: string;
  readonly author: string;
  /** True: all of the tenant see it. Annotations always are. */
  readonly shared: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly editedAt: string | null;
}

/** Who asks: own notes may be changed, those of others only by who may change all. */
export interface NoteUser {
  readonly actor: string;
  readonly changesAll: boolean;
}

export interface NotePage {
  readonly limit: number;
  readonly cursor?: string;
}

export interface Notes {
  /** Errors: job_not_found, snapshot_not_found, rows_dropped, body_too_large, notes_full. */
  annotate(
    tenantId: string,
    snapshot: { readonly jobId: string; readonly index: number },
    text: string,
    actor: string,
  ): Promise<Note>;
  /** Of a job, or of one of its snapshots; the newest first. */
  annotations(
    tenantId: string,
    jobId: string,
    filter: NotePage & { readonly index?: number; readonly author?: string },
  ): Promise<Page<Note>>;
  /** Rejects with note_not_found. */
  annotation(tenantId: string, jobId: string, noteId: string): Promise<Note>;
  editAnnotation(
    tenantId: string,
    jobId: string,
    noteId: string,
    text: string,
    user: NoteUser,
  ): Promise<Note>;
  deleteAnnotation(tenantId: string, jobId: string, noteId: string, user: NoteUser): Promise<Note>;

  addBookmark(
    tenantId: string,
    snapshot: { readonly jobId: string; readonly index: number },
    bookmark: { readonly name: string; readonly shared: boolean },
    actor: string,
  ): Promise<Note>;
  /** Shared ones and the caller's own; the newest first. */
  bookmarks(
    tenantId: string,
    user: NoteUser,
    filter: NotePage & { readonly jobId?: string; readonly which?: 'own' | 'shared' },
  ): Promise<Page<Note>>;
  /** With the snapshot that it leads to. */
  bookmark(
    tenantId: string,
    noteId: string,
    user: NoteUser,
  ): Promise<{ readonly note: Note; readonly snapshot: SnapshotView }>;
  editBookmark(
    tenantId: string,
    noteId: string,
    change: { readonly name?: string; readonly shared?: boolean },
    user: NoteUser,
  ): Promise<Note>;
  deleteBookmark(tenantId: string, noteId: string, user: NoteUser): Promise<Note>;
}
