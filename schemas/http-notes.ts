/** What callers send to and get from the routes of annotations and bookmarks. */
import { Type } from 'typebox';
import { answerOf, Count, Digits, orNull, pageOf, strict, Time } from './http-answer.js';
import { SnapshotRow } from './http-results.js';

const TenantId = Type.String({ minLength: 1, maxLength: 200, description: 'Tenant' });
const JobId = Type.String({ minLength: 1, maxLength: 100, description: 'Replay job' });
const NoteId = Type.String({ minLength: 1, maxLength: 100 });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: '0-based' });
const Author = Type.String({ minLength: 1, maxLength: 512, description: 'Only those of this person' });
const page = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries of a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Opaque; from the previous page' }),
  ),
};

export const AnnotationBody = strict({
  text: Type.String({ minLength: 1, maxLength: 1 << 20, description: 'notes.textMaxBytes at most' }),
});
export const AnnotationParams = strict({ tenant_id: TenantId, job_id: JobId, annotation_id: NoteId });
export const SnapshotAnnotationsQuery = strict(page);
export const AnnotationsQuery = strict({ ...page, author: Type.Optional(Author) });

/** The snapshot that a note is about. */
const place = {
  job_id: Type.String(),
  snapshot_index: Count,
  entity_type: Type.String(),
  entity_id: Type.String(),
  event_id: Type.String(),
  fold_seq: Digits,
};
const written = { author: Type.String(), created_at: Time, edited_at: orNull(Time) };

export const AnnotationRow = strict(
  { annotation_id: Type.String(), ...place, text: Type.String(), ...written },
  { title: 'Annotation' },
);
export const AnnotationAnswer = answerOf(AnnotationRow);
export const AnnotationsAnswer = pageOf(AnnotationRow);

const Name = Type.String({ minLength: 1, maxLength: 200, description: 'What the place is called' });
const Shared = Type.Boolean({ description: 'true: all of the tenant see it; false: its author alone' });

export const BookmarkBody = strict({
  name: Name,
  job_id: JobId,
  snapshot_index: Index,
  shared: Type.Optional(Shared),
});
export const BookmarkChangeBody = Type.Object(
  { name: Type.Optional(Name), shared: Type.Optional(Shared) },
  { additionalProperties: false, minProperties: 1 },
);
export const BookmarkParams = strict({ tenant_id: TenantId, bookmark_id: NoteId });
export const BookmarksQuery = strict({
  ...page,
  job_id: Type.Optional(JobId),
  which: Type.Optional(
    Type.Union([Type.Literal('own'), Type.Literal('shared')], { description: 'Left out: both' }),
  ),
});

const bookmark = { bookmark_id: Type.String(), name: Type.String(), ...place, shared: Shared, ...written };
export const BookmarkRow = strict(bookmark, { title: 'Bookmark' });
export const BookmarkAnswer = answerOf(BookmarkRow);
export const BookmarksAnswer = pageOf(BookmarkRow);
export const BookmarkedAnswer = answerOf(strict({ ...bookmark, snapshot: SnapshotRow }));
