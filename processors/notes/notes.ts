/** Annotations and bookmarks over the store. Notes are added to snapshots that are there, and read with them. */
import { uuidv7 } from 'uuidv7';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Page, SnapshotView } from '../replay/service.js';
import type { NoteFilter, NoteLog, NoteType } from '../store/note-log.js';
import type { RunFacts } from '../store/run-results.js';
import type { Note, NotePage, Notes, NoteUser } from './contract.js';

/** What of the runs the notes need. */
export interface NotedRuns {
  facts(tenantId: string, jobId: string): Promise<RunFacts>;
  snapshot(tenantId: string, jobId: string, index: number): Promise<SnapshotView>;
}

export interface NotedSnapshots {
  snapshotAt(
    run: RunFacts,
    entity: { readonly type: string; readonly id: string },
    seq: string,
    index: number | null,
  ): Promise<SnapshotView>;
}

interface Place {
  readonly jobId: string;
  readonly index: number;
}

export class StoredNotes implements Notes {
  readonly #log: NoteLog;
  readonly #runs: NotedRuns;
  readonly #snapshots: NotedSnapshots;
  readonly #limits: Config['notes'];

  constructor(log: NoteLog, runs: NotedRuns, snapshots: NotedSnapshots, limits: Config['notes']) {
    this.#log = log;
    this.#runs = runs;
    this.#snapshots = snapshots;
    this.#limits = limits;
  }

  async annotate(tenantId: string, place: Place, text: string, actor: string): Promise<Note> {
    this.#checkText(text);
    const { jobId } = place;
    await this.#room(tenantId, { type: 'annotation', jobId }, 'annotationsPerJob');
    return this.#add(tenantId, 'annotation', place, { text, shared: true }, actor);
  }

  async annotations(
    tenantId: string,
    jobId: string,
    { limit, cursor, ...filter }: NotePage & { index?: number; author?: string },
  ): Promise<Page<Note>> {
    await this.#runs.facts(tenantId, jobId);
    return this.#log.list(tenantId, { type: 'annotation', jobId, ...filter }, pageOf(limit, cursor));
  }

  async annotation(tenantId: string, jobId: string, noteId: string): Promise<Note> {
    await this.#runs.facts(tenantId, jobId);
    return this.#find(tenantId, { type: 'annotation', jobId, noteId });
  }

  async editAnnotation(
    tenantId: string,
    jobId: string,
    noteId: string,
    text: string,
    user: NoteUser,
  ): Promise<Note> {
    this.#checkText(text);
    const note = await this.annotation(tenantId, jobId, noteId);
    return this.#edit(tenantId, 'annotation', { ...note, text }, user);
  }

  async deleteAnnotation(tenantId: string, jobId: string, noteId: string, user: NoteUser): Promise<Note> {
    return this.#delete(tenantId, 'annotation', await this.annotation(tenantId, jobId, noteId), user);
  }

  async addBookmark(
    tenantId: string,
    place: Place,
    { name, shared }: { name: string; shared: boolean },
    actor: string,
  ): Promise<Note> {
    await this.#room(tenantId, { type: 'bookmark' }, 'bookmarksPerTenant');
    return this.#add(tenantId, 'bookmark', place, { text: name, shared }, actor);
  }

  async bookmarks(
    tenantId: string,
    { actor }: NoteUser,
    { limit, cursor, jobId, which }: NotePage & { jobId?: string; which?: 'own' | 'shared' },
  ): Promise<Page<Note>> {
    return this.#log.list(
      tenantId,
      {
        type: 'bookmark',
        ...(which === 'own' ? { author: actor } : { seenBy: which === 'shared' ? '' : actor }),
        ...(jobId === undefined ? {} : { jobId }),
      },
      pageOf(limit, cursor),
    );
  }

  async bookmark(
    tenantId: string,
    noteId: string,
    user: NoteUser,
  ): Promise<{ note: Note; snapshot: SnapshotView }> {
    const note = await this.#seen(tenantId, noteId, user);
    const run = await this.#runs.facts(tenantId, note.jobId);
    const entity = { type: note.entityType, id: note.entityId };
    return {
      note,
      snapshot: await this.#snapshots.snapshotAt(run, entity, note.foldSeq, note.snapshotIndex),
    };
  }

  async editBookmark(
    tenantId: string,
    noteId: string,
    { name, shared }: { name?: string; shared?: boolean },
    user: NoteUser,
  ): Promise<Note> {
    const note = await this.#seen(tenantId, noteId, user);
    const changed = { ...note, text: name ?? note.text, shared: shared ?? note.shared };
    return this.#edit(tenantId, 'bookmark', changed, user);
  }

  async deleteBookmark(tenantId: string, noteId: string, user: NoteUser): Promise<Note> {
    return this.#delete(tenantId, 'bookmark', await this.#seen(tenantId, noteId, user), user);
  }

  async #add(
    tenantId: string,
    type: NoteType,
    { jobId, index }: Place,
    said: { text: string; shared: boolean },
    actor: string,
  ): Promise<Note> {
    const snapshot = await this.#runs.snapshot(tenantId, jobId, index);
    const note: Note = {
      noteId: uuidv7(),
      jobId,
      snapshotIndex: index,
      entityType: snapshot.entityType,
      entityId: snapshot.entityId,
      eventId: snapshot.eventId,
      foldSeq: snapshot.foldSeq,
      ...said,
      author: actor,
      createdAt: '',
      editedAt: null,
    };
    await this.#log.append(tenantId, type, 'added', note, actor);
    return this.#find(tenantId, { type, noteId: note.noteId });
  }

  async #edit(tenantId: string, type: NoteType, note: Note, user: NoteUser): Promise<Note> {
    requireOwn(note, user);
    await this.#log.append(tenantId, type, 'edited', note, user.actor);
    return this.#find(tenantId, { type, noteId: note.noteId });
  }

  async #delete(tenantId: string, type: NoteType, note: Note, user: NoteUser): Promise<Note> {
    requireOwn(note, user);
    await this.#log.append(tenantId, type, 'deleted', note, user.actor);
    return note;
  }

  #seen(tenantId: string, noteId: string, { actor }: NoteUser): Promise<Note> {
    return this.#find(tenantId, { type: 'bookmark', noteId, seenBy: actor });
  }

  async #find(tenantId: string, filter: NoteFilter & { noteId: string }): Promise<Note> {
    const note = await this.#log.find(tenantId, filter);
    if (note === null) throw new RewindError('note_not_found', `there is no such ${filter.type} here`);
    return note;
  }

  async #room(
    tenantId: string,
    filter: NoteFilter,
    limit: 'annotationsPerJob' | 'bookmarksPerTenant',
  ): Promise<void> {
    const most = this.#limits[limit];
    if ((await this.#log.count(tenantId, filter)) < most) return;
    throw new RewindError('notes_full', `there are ${most}, as many as notes.${limit} allows`);
  }

  #checkText(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.#limits.textMaxBytes) return;
    throw new RewindError(
      'body_too_large',
      `the text has ${bytes} bytes, more than notes.textMaxBytes (${this.#limits.textMaxBytes})`,
      { pointer: '/text' },
    );
  }
}

function requireOwn(note: Note, { actor, changesAll }: NoteUser): void {
  if (note.author === actor || changesAll) return;
  throw new RewindError('forbidden', `this is ${note.author}'s; its author or an admin may change it`);
}

function pageOf(limit: number, cursor: string | undefined): { limit: number; cursor?: string } {
  return { limit, ...(cursor === undefined ? {} : { cursor }) };
}
