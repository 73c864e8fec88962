/** What POST /v1/logreplay takes and answers: log-replay's own document, and what goes beyond it. */
import { type Static, Type } from 'typebox';
import { Outcome } from './decision.js';
import { AnyJson, Count, orNull, strict, Time, words } from './http-answer.js';
import { TenantHeaders } from './http-decision-logs.js';

const Pointer = Type.String({
  pattern: '^(/([^~/]|~[01])*)*$',
  maxLength: 1024,
  description: 'JSON pointer',
});

const PatchOperations = (what: string) =>
  Type.Array(
    strict({
      op: words('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: Pointer,
      from: Type.Optional(Pointer),
      value: Type.Optional(Type.Unknown()),
    }),
    {
      maxItems: 1000,
      description: `JSON Patch (RFC 6902) for ${what}; \`add\` makes objects that are missing`,
    },
  );

const When = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });

const Scope = strict({
  path: Type.Optional(
    Type.String({
      maxLength: 1024,
      description: 'Decisions below this path, or above it: then their results are narrowed to it',
    }),
  ),
  max_revisions: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Revisions [current - max_revisions .. current], by when decisions named them last',
    }),
  ),
  max_age: Type.Optional(When('Not older: relative (30s) or RFC 3339')),
  min_age: Type.Optional(When('Not newer: relative (30s) or RFC 3339')),
});

export const LogReplayQuery = strict({
  async: Type.Optional(
    Type.Enum(['true', 'false'], {
      description: 'true: all of the log, as a job that Location names; duration does not count',
    }),
  ),
});

export const LogReplayHeaders = Type.Object({
  ...TenantHeaders.properties,
  'idempotency-key': Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'With async: the same key makes one job' }),
  ),
});

export const LogReplayBody = strict({
  duration: Type.Optional(When('Time of the analysis, as 10s; left out or below zero: the default')),
  max_samples: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Samples of changes to return, at most' }),
  ),
  skip_batches: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
      maxItems: 1_000_000,
      description: 'analyzed_batches of former answers',
    }),
  ),
  policies: Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 1024 }), Type.String(), {
      description: 'Rego by the path of the file or package that it replaces',
    }),
  ),
  data_patches: Type.Optional(PatchOperations('the data')),
  decision_patches: Type.Optional(PatchOperations('each decision, before it is replayed')),
  compare_full_results: Type.Optional(
    Type.Boolean({ description: 'Compare whole results, not only logReplay.significantFields' }),
  ),
  deterministic_policies: Type.Optional(
    Type.Boolean({ description: 'Evaluate equal inputs once (default true)' }),
  ),
  scope: Type.Optional(Type.Array(Scope, { maxItems: 100, description: 'Empty: all decisions' })),
  rego_version: Type.Optional(
    Type.Union([Type.Literal(0), Type.Literal(1)], { description: "Default: the bundle's" }),
  ),
  affected_by: Type.Optional(
    Type.Array(Pointer, {
      maxItems: 10,
      description: 'Places in decisions, as /input/user: changes are counted by value',
    }),
  ),
});

const Word = Type.Exclude(Outcome, Type.Literal('none'));
/** `stats` and the rest of `result` that log-replay has too keep its names and its bounds. */
const Stats = strict({
  batches_scheduled: Count,
  batches_downloaded: Count,
  batches_download_errors: Count,
  batches_skipped: Count,
  batches_from_cache: Count,
  batches_observed: Count,
  batches_analyzed: Count,
  entries_observed: Count,
  entries_scheduled: Count,
  entries_evaluated: Count,
  results_changed: Count,
  entries_failed: Count,
  analysis_errors: Count,
});

export const LogReplayResult = strict(
  {
    started: Time,
    samples: Type.Array(AnyJson, { description: 'Decisions as logged, with new_result or error' }),
    stats: Stats,
    analyzed_batches: Type.Array(Type.String()),
    duration: Type.Integer({ minimum: 0, description: 'Nanoseconds' }),
    complete: Type.Boolean({ description: 'All that was scheduled was analysed' }),
    classes: strict(
      { unchanged: Count, changed: Count, failed: Count, not_reproduced: Count, not_replayable: Count },
      { title: 'DecisionClasses' },
    ),
    reasons: Type.Array(
      strict({ class: words('not_reproduced', 'not_replayable'), reason: Type.String(), count: Count }),
      { description: 'Why decisions were not compared' },
    ),
    baselines: Type.Array(strict({ baseline: words('logged', 'current', 'none'), count: Count }), {
      description:
        'Compared with: the logged revision, the bundle saved last in its place, or the logged result alone',
    }),
    transitions: Type.Array(strict({ from: Word, to: Word, count: Count })),
    groups: Type.Array(
      strict(
        {
          path: Type.String(),
          from: Word,
          to: Word,
          result: AnyJson,
          new_result: AnyJson,
          error: orNull(Type.String()),
          count: Count,
          first_seen: Time,
          last_seen: Time,
          sample: AnyJson,
        },
        { title: 'ChangeGroup' },
      ),
      {
        description: 'Alike changes: path, results, revision and form of the input; the most frequent first',
      },
    ),
    ungrouped: Count,
    affected: Type.Array(
      strict({
        path: Type.String(),
        values: Type.Array(strict({ value: AnyJson, count: Count })),
        others: Count,
      }),
    ),
    errors: Type.Array(strict({ code: Type.String(), message: Type.String(), count: Count }), {
      description: 'What analysis_errors are of',
    }),
  },
  { title: 'LogReplayResult' },
);

export type LogReplayResult = Static<typeof LogReplayResult>;

export const LogReplayAnswer = strict({ result: LogReplayResult });
