/** Dead letters of a run: listed, shown, the record behind one, and all of them read again. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { DeadLetter, DeadLetterFilters, LetterRecord } from '../../processors/redrive/contract.js';
import { RewindError } from '../../schemas/errors.js';
import { JobParams } from '../../schemas/http.js';
import {
  DeadLetterAnswer,
  DeadLetterListAnswer,
  DeadLetterParams,
  DeadLettersQuery,
  LetterRecordAnswer,
  RedriveAnswer,
  RedriveBody,
} from '../../schemas/http-dead-letters.js';
import type { RouteContext } from '../context.js';
import { jsonOrNull } from '../json/raw-json.js';
import { momentOf } from '../moment.js';
import { deadLetterRow } from '../views.js';

const BASE = '/tenants/:tenant_id/replay-jobs/:job_id/dead-letters';
const tags = ['dead letters'];

export const deadLetterRoutes =
  (context: RouteContext): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      BASE,
      {
        config: { access: 'read' },
        schema: {
          summary: 'Events that a run could not decode or fold, with coordinates',
          tags,
          params: JobParams,
          querystring: DeadLettersQuery,
          response: { 200: DeadLetterListAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        const { limit, cursor, kind, ...filters } = request.query;
        const page = await context.deadLetters.list(tenant_id, job_id, {
          ...filtersOf(filters),
          ...(kind === undefined ? {} : { kind }),
          ...(cursor === undefined ? {} : { cursor }),
          limit,
        });
        return { success: true as const, data: page.items.map(letterRow), page: { next: page.next } };
      },
    );

    app.get(
      `${BASE}/:dead_letter_id`,
      {
        config: { access: 'read' },
        schema: {
          summary: 'One dead letter',
          tags,
          params: DeadLetterParams,
          response: { 200: DeadLetterAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, dead_letter_id } = request.params;
        const letter = await context.deadLetters.get(tenant_id, job_id, dead_letter_id);
        return { success: true as const, data: letterRow(letter) };
      },
    );

    app.get(
      `${BASE}/:dead_letter_id/record`,
      {
        config: { access: 'manage', audit: 'dead_letter.record_read' },
        schema: {
          summary:
            'The record behind a dead letter, as it was produced; of one that did not decode, for operators',
          tags,
          params: DeadLetterParams,
          response: { 200: LetterRecordAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id, dead_letter_id } = request.params;
        request.auditTarget = `${job_id}/${dead_letter_id}`;
        const letter = await context.deadLetters.get(tenant_id, job_id, dead_letter_id);
        // A topic may hold records of all tenants.
        if (letter.stage === 'decode' && !request.identity.operator)
          throw new RewindError('record_of_nobody', `${dead_letter_id} did not decode: it names no tenant`);
        const record = await context.deadLetters.record(tenant_id, job_id, dead_letter_id);
        return { success: true as const, data: recordRow(record) };
      },
    );

    app.post(
      `${BASE}::redrive`,
      {
        config: { access: 'write', audit: 'dead_letters.redriven' },
        schema: {
          summary: 'Read records that did not decode again, with the schemas and sources of now',
          tags,
          params: JobParams,
          body: RedriveBody,
          response: { 200: RedriveAnswer },
        },
      },
      async (request) => {
        const { tenant_id, job_id } = request.params;
        request.auditTarget = job_id;
        const done = await context.deadLetters.redrive(tenant_id, job_id, filtersOf(request.body));
        const { needRerun, failures, ...counts } = done;
        return {
          success: true as const,
          data: {
            ...counts,
            need_rerun: needRerun,
            failures: failures.map(({ id, code, error }) => ({ dead_letter_id: id, code, error })),
          },
        };
      },
    );
  };

function filtersOf(given: {
  readonly stage?: string;
  readonly code?: string;
  readonly topic_id?: string;
  readonly partition?: number;
  readonly from?: string;
  readonly to?: string;
}): DeadLetterFilters {
  const { topic_id, from, to, ...rest } = given;
  return {
    ...rest,
    ...(topic_id === undefined ? {} : { topicId: topic_id }),
    ...(from === undefined ? {} : { fromNs: momentOf(from, '/from') }),
    ...(to === undefined ? {} : { toNs: momentOf(to, '/to') }),
  };
}

function letterRow(letter: DeadLetter) {
  const { id: dead_letter_id, schemaId: schema_id, redriven } = letter;
  return { dead_letter_id, ...deadLetterRow(letter), schema_id, redriven };
}

function recordRow(record: LetterRecord) {
  return {
    topic: record.topic,
    record_time: record.recordTime,
    schema_id: record.schemaId,
    key: record.key?.toString('base64') ?? null,
    key_kept: record.key !== undefined,
    value: record.value?.toString('base64') ?? null,
    value_kept: record.value !== undefined,
    headers: record.headers.map(([name, value]) => ({ name, value: value?.toString('base64') ?? null })),
    payload: jsonOrNull(record.payloadJson),
  };
}
