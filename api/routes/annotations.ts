/** Annotations: texts of people about snapshots of a run. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Note } from '../../processors/notes/contract.js';
import { JobParams, SnapshotParams } from '../../schemas/http.js';
import {
  AnnotationAnswer,
  AnnotationBody,
  AnnotationParams,
  AnnotationsAnswer,
  AnnotationsQuery,
  SnapshotAnnotationsQuery,
} from '../../schemas/http-notes.js';
import type { RouteContext } from '../context.js';
import { entered, placeRow, userOf, writtenRow } from '../note-rows.js';

const tags = ['notes'];
const JOB = '/tenants/:tenant_id/replay-jobs/:job_id';

export const annotationRoutes =
  ({ notes }: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      `${JOB}/snapshots/:index/annotations`,
      {
        config: { access: 'annotate', audit: 'annotation.added' },
        schema: {
          summary: 'Annotate a snapshot of a finished run',
          tags,
          params: SnapshotParams,
          body: AnnotationBody,
          response: { 201: AnnotationAnswer },
        },
      },
      async (request, reply) => {
        const { tenant_id, job_id, index } = request.params;
        const note = await notes.annotate(
          tenant_id,
          { jobId: job_id, index },
          request.body.text,
          request.identity.actor,
        );
        entered(request, note);
        reply.code(201);
        return { success: true as const, data: annotationRow(note) };
      },
    );

    app.get(
      `${JOB}/snapshots/:index/annotations`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Annotations on a snapshot, the newest first',
          tags,
          params: SnapshotParams,
          querystring: SnapshotAnnotationsQuery,
          response: { 200: AnnotationsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, index } = request.params;
        const { items, next } = await notes.annotations(tenant_id, job_id, { ...request.query, index });
        return { success: true as const, data: items.map(annotationRow), page: { next } };
      },
    );

    app.get(
      `${JOB}/annotations`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Annotations on all snapshots of a run, the newest first',
          tags,
          params: JobParams,
          querystring: AnnotationsQuery,
          response: { 200: AnnotationsAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { items, next } = await notes.annotations(tenant_id, job_id, request.query);
        return { success: true as const, data: items.map(annotationRow), page: { next } };
      },
    );

    app.get(
      `${JOB}/annotations/:annotation_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One annotation',
          tags,
          params: AnnotationParams,
          response: { 200: AnnotationAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, annotation_id } = request.params;
        const note = await notes.annotation(tenant_id, job_id, annotation_id);
        return { success: true as const, data: annotationRow(note) };
      },
    );

    app.patch(
      `${JOB}/annotations/:annotation_id`,
      {
        config: { access: 'annotate', audit: 'annotation.edited' },
        schema: {
          summary: 'Change an annotation: its author, or an admin',
          tags,
          params: AnnotationParams,
          body: AnnotationBody,
          response: { 200: AnnotationAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, annotation_id } = request.params;
        const { text } = request.body;
        const note = await notes.editAnnotation(tenant_id, job_id, annotation_id, text, userOf(request));
        entered(request, note);
        return { success: true as const, data: annotationRow(note) };
      },
    );

    app.delete(
      `${JOB}/annotations/:annotation_id`,
      {
        config: { access: 'annotate', audit: 'annotation.deleted' },
        schema: {
          summary: 'Delete an annotation: its author, or an admin',
          tags,
          params: AnnotationParams,
          response: { 200: AnnotationAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, annotation_id } = request.params;
        const note = await notes.deleteAnnotation(tenant_id, job_id, annotation_id, userOf(request));
        entered(request, note);
        return { success: true as const, data: annotationRow(note) };
      },
    );
  };

function annotationRow(note: Note) {
  return { annotation_id: note.noteId, ...placeRow(note), text: note.text, ...writtenRow(note) };
}
