/** Notes in the store: a row when one is added, edited or deleted; `standing_notes` says which of them stand. */
import type { Note } from '../notes/contract.js';
import type { Page } from '../replay/service.js';
import { formatRfc3339Ns } from '../sources/time.js';
import { parseLogPlace } from './page-cursor.js';
import type { Store } from './store.js';

export type NoteType = 'annotation' | 'bookmark';
export type NoteKind = 'added' | 'edited' | 'deleted';

export interface NoteFilter {
  readonly type: NoteType;
  readonly noteId?: string;
  readonly jobId?: string;
  readonly index?: number;
  readonly author?: string;
  /** Shared ones, and those of this person. */
  readonly seenBy?: string;
}

interface Row {
  note_id: string;
  job_id: string;
  entity_type: string;
  entity_id: string;
  event_id: string;
  fold_seq: string;
  snapshot_index: string;
  text: string;
  shared: number;
  author: string;
  created_ms: string;
  edited_ms: string;
  block: string;
  block_offset: string;
}

const COLUMNS = `note_id, job_id, entity_type, entity_id, event_id, toString(fold_seq) AS fold_seq,
  toString(snapshot_index) AS snapshot_index, text, shared, author,
  toString(toUnixTimestamp64Milli(created_at)) AS created_ms,
  if(edited, toString(toUnixTimestamp64Milli(changed_at)), '') AS edited_ms,
  toString(tupleElement(at, 1)) AS block, toString(tupleElement(at, 2)) AS block_offset`;

const FILTERS: Readonly<Record<Exclude<keyof NoteFilter, 'type'>, string>> = {
  noteId: 's.note_id = {noteId:String}',
  jobId: 's.job_id = {jobId:String}',
  index: 's.snapshot_index = {index:UInt64}',
  author: 's.author = {author:String}',
  seenBy: '(s.shared = 1 OR s.author = {seenBy:String})',
};

export class NoteLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(tenantId: string, type: NoteType, kind: NoteKind, note: Note, actor: string): Promise<void> {
    await this.#store.insertRows('notes', [
      {
        note_id: note.noteId,
        type,
        kind,
        tenant_id: tenantId,
        job_id: note.jobId,
        entity_type: note.entityType,
        entity_id: note.entityId,
        event_id: note.eventId,
        fold_seq: note.foldSeq,
        snapshot_index: note.snapshotIndex,
        text: note.text,
        shared: note.shared ? 1 : 0,
        actor,
      },
    ]);
  }

  async count(tenantId: string, filter: NoteFilter): Promise<number> {
    const rows = await this.#store.query<{ notes: string }>(
      `SELECT toString(count()) AS notes FROM ${this.#standing(filter)}`,
      { tenantId, ...filter },
    );
    return Number(rows[0]?.notes ?? 0);
  }

  async find(tenantId: string, filter: NoteFilter & { readonly noteId: string }): Promise<Note | null> {
    return (await this.list(tenantId, filter, { limit: 1 })).items[0] ?? null;
  }

  /** The newest first; the order is that in which they were added. */
  async list(
    tenantId: string,
    filter: NoteFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Note>> {
    const before = parseLogPlace(page.cursor);
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#standing(filter)} AND s.at < ({block:UInt64}, {blockOffset:UInt64})
       ORDER BY s.at DESC LIMIT {limit:UInt32}`,
      { tenantId, ...filter, ...before, limit: page.limit },
    );
    const last = rows.length < page.limit ? undefined : rows.at(-1);
    const next = last === undefined ? null : `${last.block}-${last.block_offset}`;
    return { items: rows.map(noteOf), next };
  }

  #standing(filter: NoteFilter): string {
    const given = (Object.keys(FILTERS) as (keyof typeof FILTERS)[]).filter(
      (name) => filter[name] !== undefined,
    );
    const more = given.map((name) => ` AND ${FILTERS[name]}`).join('');
    return `${this.#store.t('standing_notes')} AS s
      WHERE s.tenant_id = {tenantId:String} AND s.type = {type:String}${more}`;
  }
}

function noteOf(row: Row): Note {
  return {
    noteId: row.note_id,
    jobId: row.job_id,
    snapshotIndex: Number(row.snapshot_index),
    entityType: row.entity_type,
    entityId: row.entity_id,
    eventId: row.event_id,
    foldSeq: row.fold_seq,
    text: row.text,
    author: row.author,
    shared: row.shared === 1,
    createdAt: timeOf(row.created_ms),
    editedAt: row.edited_ms === '' ? null : timeOf(row.edited_ms),
  };
}

function timeOf(ms: string): string {
  return formatRfc3339Ns(BigInt(ms) * 1_000_000n);
}
