/** Bookmarks: names that people give to snapshots, and that lead back to them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Note } from '../../processors/notes/contract.js';
import { TenantParams } from '../../schemas/http.js';
import {
  BookmarkAnswer,
  BookmarkBody,
  BookmarkChangeBody,
  BookmarkedAnswer,
  BookmarkParams,
  BookmarksAnswer,
  BookmarksQuery,
} from '../../schemas/http-notes.js';
import type { RouteContext } from '../context.js';
import { entered, placeRow, userOf, writtenRow } from '../note-rows.js';
import { snapshotRow } from '../views.js';

const tags = ['notes'];
const BOOKMARKS = '/tenants/:tenant_id/bookmarks';

export const bookmarkRoutes =
  ({ notes }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      BOOKMARKS,
      {
        config: { access: 'annotate', audit: 'bookmark.added' },
        schema: {
          summary: 'Bookmark a snapshot, for oneself or for all of the tenant',
          tags,
          params: TenantParams,
          body: BookmarkBody,
          response: { 201: BookmarkAnswer },
        },
      },
      async (request, reply) => {
        const { name, job_id, snapshot_index, shared = false } = request.body;
        const note = await notes.addBookmark(
          request.params.tenant_id,
          { jobId: job_id, index: snapshot_index },
          { name, shared },
          request.identity.actor,
        );
        entered(request, note);
        reply.code(201);
        return { success: true as const, data: bookmarkRow(note) };
      },
    );

    app.get(
      BOOKMARKS,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Bookmarks that are shared and those of the caller, the newest first',
          tags,
          params: TenantParams,
          querystring: BookmarksQuery,
          response: { 200: BookmarksAnswer },
        },
      },
      async (request) => {
        const { job_id, which, ...page } = request.query;
        const { items, next } = await notes.bookmarks(request.params.tenant_id, userOf(request), {
          ...page,
          ...(job_id === undefined ? {} : { jobId: job_id }),
          ...(which === undefined ? {} : { which }),
        });
        return { success: true as const, data: items.map(bookmarkRow), page: { next } };
      },
    );

    app.get(
      `${BOOKMARKS}/:bookmark_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'A bookmark, with the snapshot that it leads to',
          tags,
          params: BookmarkParams,
          response: { 200: BookmarkedAnswer },
        },
      },
      async (request) => {
        const { tenant_id, bookmark_id } = request.params;
        const { note, snapshot } = await notes.bookmark(tenant_id, bookmark_id, userOf(request));
        const data = { ...bookmarkRow(note), snapshot: snapshotRow(snapshot) };
        return { success: true as const, data };
      },
    );

    app.patch(
      `${BOOKMARKS}/:bookmark_id`,
      {
        config: { access: 'annotate', audit: 'bookmark.edited' },
        schema: {
          summary: 'Rename a bookmark, share it or take it back: its author, or an admin',
          tags,
          params: BookmarkParams,
          body: BookmarkChangeBody,
          response: { 200: BookmarkAnswer },
        },
      },
      async (request) => {
        const { tenant_id, bookmark_id } = request.params;
        const note = await notes.editBookmark(tenant_id, bookmark_id, request.body, userOf(request));
        entered(request, note);
        return { success: true as const, data: bookmarkRow(note) };
      },
    );

    app.delete(
      `${BOOKMARKS}/:bookmark_id`,
      {
        config: { access: 'annotate', audit: 'bookmark.deleted' },
        schema: {
          summary: 'Delete a bookmark: its author, or an admin',
          tags,
          params: BookmarkParams,
          response: { 200: BookmarkAnswer },
        },
      },
      async (request) => {
        const { tenant_id, bookmark_id } = request.params;
        const note = await notes.deleteBookmark(tenant_id, bookmark_id, userOf(request));
        entered(request, note);
        return { success: true as const, data: bookmarkRow(note) };
      },
    );
  };

function bookmarkRow(note: Note) {
  return {
    bookmark_id: note.noteId,
    name: note.text,
    ...placeRow(note),
    shared: note.shared,
    ...writtenRow(note),
  };
}
