/**
 * The one table of errors. A code is a promise: it never changes its meaning. `fix` says what to do next.
 * HTTP status codes are mapped from `kind` in api/ and nowhere else.
 */
export type ErrorKind =
  | 'invalid'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unavailable'
  | 'limit'
  | 'internal';

interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly fix: string;
}

export const ERRORS = {
  // Requests and events that people send
  field_invalid: { kind: 'invalid', retryable: false, fix: 'Correct the field that the pointer names.' },
  field_missing: { kind: 'invalid', retryable: false, fix: 'Send the field that the pointer names.' },
  field_unknown: { kind: 'invalid', retryable: false, fix: 'Remove the field, or correct its spelling.' },
  json_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Send well-formed JSON; the position is in the message.',
  },
  json_duplicate_key: { kind: 'invalid', retryable: false, fix: 'Send every object key once.' },
  json_lone_surrogate: { kind: 'invalid', retryable: false, fix: 'Send valid Unicode text.' },
  json_number_invalid: { kind: 'invalid', retryable: false, fix: 'Send finite JSON numbers.' },
  json_too_deep: { kind: 'invalid', retryable: false, fix: 'Nest no deeper than 64 levels.' },
  payload_not_object: { kind: 'invalid', retryable: false, fix: 'Send payload as a JSON object.' },
  body_too_large: { kind: 'too_large', retryable: false, fix: 'Send smaller requests, or stream NDJSON.' },
  range_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Give a start that lies before the end; both ends are included.',
  },
  time_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Give an RFC 3339 time such as 2024-01-15T10:30:00Z, or a duration before now such as 7d.',
  },
  time_zone_missing: {
    kind: 'invalid',
    retryable: false,
    fix: 'Add Z or an offset such as +02:00 to the time.',
  },
  time_out_of_range: {
    kind: 'invalid',
    retryable: false,
    fix: 'Times lie between 1900 and 2262; check for milliseconds taken as seconds.',
  },
  change_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'Look in the other direction, from another time, or at another field.',
  },
  webhook_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the webhooks of the tenant.',
  },
  webhook_url_refused: {
    kind: 'invalid',
    retryable: false,
    fix: 'Give an https URL of a public host; an operator can allow more in the section webhooks.',
  },
  webhook_secret_sealed: {
    kind: 'conflict',
    retryable: false,
    fix: 'Give all processes the same http.secret, or delete the webhook and create it again.',
  },
  webhooks_full: {
    kind: 'limit',
    retryable: false,
    fix: 'Delete webhooks that nobody needs, or raise webhooks.perTenantMax.',
  },
  delivery_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the deliveries of the webhook; they are kept for 90 days.',
  },
  event_not_kept: {
    kind: 'not_found',
    retryable: false,
    fix: 'Read the event from the log at the coordinates of the snapshot, if the log still has it.',
  },
  note_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List annotations of the job, or bookmarks of the tenant; private bookmarks show to their author alone.',
  },
  notes_full: {
    kind: 'limit',
    retryable: false,
    fix: 'Delete annotations or bookmarks that nobody needs, or raise the limit that the message names.',
  },
  match_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'Look for a weaker condition, in another entity, or in a longer run.',
  },
  search_too_large: {
    kind: 'limit',
    retryable: false,
    fix: 'Name the entity, its type or a shorter time, or raise search.rowsMax.',
  },
  exports_busy: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Try again once other exports are done, or raise http.exportsMax.',
  },
  streams_full: {
    kind: 'limit',
    retryable: true,
    fix: 'Close event streams that nobody looks at, or raise http.streamsPerTenant.',
  },
  cursor_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Use the cursor exactly as the previous page gave it.',
  },
  base_unusable: {
    kind: 'conflict',
    retryable: false,
    fix: 'Go on from a finished StateRebuild of the same encoding, rules, filters and topics, or fold the whole range.',
  },
  follow_unsupported: {
    kind: 'conflict',
    retryable: false,
    fix: 'Promote a finished StateRebuild in event-time order, of an encoding whose entities the envelope names, that read the archive.',
  },
  follow_too_far: {
    kind: 'conflict',
    retryable: false,
    fix: 'Continue the run up to now and promote that, or raise follow.firstStepMaxEvents.',
  },
  step_gone: {
    kind: 'unavailable',
    retryable: true,
    fix: 'The step was removed before its output topics had it: it is left out and the next one says so. Raise follow.untoldGenerations.',
  },
  base_not_adjacent: {
    kind: 'invalid',
    retryable: false,
    fix: 'Begin one nanosecond behind the end of the run to go on from; the message names the time.',
  },
  version_unknown: {
    kind: 'invalid',
    retryable: false,
    fix: 'Use an encoding, rule or source version that the tenant has.',
  },
  version_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the versions of this tenant and use one of their numbers.',
  },
  versions_full: {
    kind: 'limit',
    retryable: false,
    fix: 'Raise versions.perTenantMax; versions that jobs may name are never removed.',
  },
  rules_invalid: { kind: 'invalid', retryable: false, fix: 'Correct the rules at the pointer named.' },
  source_forbidden: {
    kind: 'forbidden',
    retryable: false,
    fix: 'Ask the operator to give the topic to the tenant in sourceTopics.',
  },
  source_invalid: { kind: 'invalid', retryable: false, fix: 'Correct the sources at the pointer named.' },
  encoding_invalid: { kind: 'invalid', retryable: false, fix: 'Correct the encoding at the pointer named.' },
  source_unknown: { kind: 'invalid', retryable: false, fix: 'Use a source that the configuration names.' },
  config_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Correct the settings listed; `rewind config show --origin` says where each came from.',
  },
  file_unreadable: { kind: 'invalid', retryable: false, fix: 'Check that the file exists and can be read.' },
  media_type_unsupported: {
    kind: 'invalid',
    retryable: false,
    fix: 'Send application/json, or application/x-ndjson where the route takes a stream.',
  },
  not_acceptable: {
    kind: 'invalid',
    retryable: false,
    fix: 'Accept a media type that the message names, or leave the header out.',
  },
  server_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Start a server with `rewind serve`, or name another with --url.',
  },
  forbidden: {
    kind: 'forbidden',
    retryable: false,
    fix: 'Ask an owner of the tenant for the role that the message names.',
  },
  unauthenticated: {
    kind: 'forbidden',
    retryable: false,
    fix: 'Sign in, or send a valid token: `authorization: Bearer …` (REWIND_TOKEN on the command line).',
  },
  signin_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Check that the issuer of tokens can be reached from the server.',
  },
  cross_site: {
    kind: 'forbidden',
    retryable: false,
    fix: 'Send the request from a page of this server, or with a token instead of a session.',
  },
  rate_limited: {
    kind: 'limit',
    retryable: true,
    fix: 'Wait as Retry-After says, or raise auth.requestsPerMinute.',
  },
  tenant_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'Name a tenant that your groups or your key give you.',
  },
  key_not_found: { kind: 'not_found', retryable: false, fix: 'List the API keys and use one of their ids.' },
  bundle_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the bundles and use one of their revisions, or push the bundle.',
  },
  bundle_conflict: {
    kind: 'conflict',
    retryable: false,
    fix: 'Save changed policies or data under a revision of their own.',
  },
  bundle_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Send a bundle as `opa build` makes it, or JSON with modules and data.',
  },
  patch_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Send JSON Patch operations (RFC 6902); the pointer names the part that is none.',
  },
  patch_failed: {
    kind: 'invalid',
    retryable: false,
    fix: 'Correct the operation that the pointer names, or push the bundle that it was meant for.',
  },
  logreplay_busy: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Try again once other log replays are done, or raise logReplay.atOnce.',
  },
  logreplay_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the log replays of the tenant and use one of their ids.',
  },
  logreplay_cancelled: {
    kind: 'conflict',
    retryable: false,
    fix: 'Ask for it again: `rewind impact --async`.',
  },
  bundles_full: { kind: 'limit', retryable: false, fix: 'Raise logReplay.bundlesPerTenant.' },
  audit_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Send the request again: its audit entry could not be stored, though the act may be done.',
  },
  job_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the jobs of this tenant and use one of their ids.',
  },
  snapshot_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: "Use an index below the run's snapshot count.",
  },
  entity_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'Check the entity type and id, and that the run covers it.',
  },
  route_not_found: { kind: 'not_found', retryable: false, fix: 'Check the path.' },
  feature_disabled: { kind: 'not_found', retryable: false, fix: 'Set ENABLE_AUDIT_REPLAY=true.' },
  policy_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Correct the Rego at file, row and column; `problems` has all that the compiler found.',
  },
  builtin_not_allowed: {
    kind: 'invalid',
    retryable: false,
    fix: 'Do without the builtin: policies see their input, their data and the logged time, and nothing else.',
  },
  entrypoint_unknown: {
    kind: 'invalid',
    retryable: false,
    fix: 'Name one of the entry points that the message lists, as package/rule.',
  },
  policy_too_large: {
    kind: 'too_large',
    retryable: false,
    fix: 'Send fewer modules, move tables into data, or raise policies.sourceMaxBytes.',
  },
  policy_compile_timeout: {
    kind: 'limit',
    retryable: false,
    fix: 'Simplify the modules, or raise policies.compileMaxMs.',
  },
  policy_compile_memory: {
    kind: 'limit',
    retryable: false,
    fix: 'Simplify the modules, or raise policies.compileMaxMemoryBytes.',
  },
  policy_compiler_busy: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Try again once the policies before it are compiled.',
  },
  policy_timeout: {
    kind: 'limit',
    retryable: false,
    fix: 'Simplify the policy for this input, or raise policies.decisionMaxMs.',
  },
  policy_memory: {
    kind: 'limit',
    retryable: false,
    fix: 'Simplify the policy for this input, use less data, or raise policies.memoryMaxBytes.',
  },
  policy_result_too_large: {
    kind: 'limit',
    retryable: false,
    fix: 'Ask for a narrower path, or raise policies.resultMaxBytes.',
  },
  policy_input_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'Input, data and cached answers must be well-formed JSON.',
  },
  policy_error: {
    kind: 'invalid',
    retryable: false,
    fix: 'The policy failed for this input as it would in OPA; see the message.',
  },
  job_type_unsupported: { kind: 'conflict', retryable: false, fix: 'Name a job of the type in the message.' },
  idempotency_mismatch: {
    kind: 'conflict',
    retryable: false,
    fix: 'Send another Idempotency-Key for another request.',
  },
  job_not_finished: {
    kind: 'conflict',
    retryable: false,
    fix: 'Wait until the run is Complete; `rewind replay watch` follows it.',
  },
  comparison_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the comparisons and use one of their ids.',
  },
  not_comparable: {
    kind: 'conflict',
    retryable: false,
    fix: 'Compare two StateRebuilds that are Complete; a DryRun is compared by its baseline.',
  },
  comparison_running: {
    kind: 'conflict',
    retryable: true,
    fix: 'Wait until the comparison is Complete.',
  },
  not_verifiable: {
    kind: 'conflict',
    retryable: false,
    fix: 'Verify a StateRebuild that is Complete.',
  },
  verification_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the verifications of the job and use one of their ids.',
  },
  history_not_compared: {
    kind: 'conflict',
    retryable: false,
    fix: 'Look at the entity field by field; both runs must keep a snapshot of each event, over one range, to go by events.',
  },
  dead_letter_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the dead letters of the run and use one of their ids.',
  },
  record_gone: {
    kind: 'not_found',
    retryable: false,
    fix: 'Read the log again with `source: kafka`, as long as the broker keeps the record.',
  },
  record_of_nobody: {
    kind: 'forbidden',
    retryable: false,
    fix: 'Ask an operator of the instance: nobody knows whose record it is until it can be read.',
  },
  redrive_unsupported: {
    kind: 'conflict',
    retryable: false,
    fix: 'Run the job again: it reads the log itself, with the schemas and sources of now.',
  },
  no_report: {
    kind: 'conflict',
    retryable: false,
    fix: 'Ask for the report of a DryRun; the timeline of other runs says what they did.',
  },
  no_current_state: {
    kind: 'not_found',
    retryable: false,
    fix: 'Promote a finished StateRebuild first: `rewind current promote`.',
  },
  promotion_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'List the promotions of this tenant and use one of their ids.',
  },
  promotion_gone: {
    kind: 'conflict',
    retryable: false,
    fix: 'Its run was deleted, and its states with it: promote another run.',
  },
  promotion_older: {
    kind: 'conflict',
    retryable: false,
    fix: 'Promote a run that ends later, or send force to go back in time.',
  },
  reason_required: {
    kind: 'invalid',
    retryable: false,
    fix: 'Say why in `reason`; the verdict of the run says what it lacks.',
  },
  nothing_to_revert: {
    kind: 'conflict',
    retryable: false,
    fix: 'Name the promotion to return to, or promote a run.',
  },
  job_is_current: {
    kind: 'conflict',
    retryable: false,
    fix: "Promote another run first: this one is the tenant's current state.",
  },
  job_finished: {
    kind: 'conflict',
    retryable: false,
    fix: 'A finished job cannot change; run it again with `rewind replay rerun`.',
  },
  max_events_exceeded: {
    kind: 'limit',
    retryable: false,
    fix: 'Narrow the range or the filters, or run it again with a larger max_events.',
  },
  max_bytes_exceeded: {
    kind: 'limit',
    retryable: false,
    fix: 'Narrow the range, or run it again with a larger max_bytes.',
  },
  max_rows_exceeded: {
    kind: 'limit',
    retryable: false,
    fix: 'Keep fewer snapshots (snapshots: changed or final), or run it again with a larger max_rows.',
  },
  max_duration_exceeded: {
    kind: 'limit',
    retryable: false,
    fix: 'Run it again with a larger max_duration; `rewind replay rerun` keeps the bounds.',
  },
  disk_too_small: {
    kind: 'limit',
    retryable: false,
    fix: 'Free disk space, narrow the range, or keep fewer snapshots.',
  },
  job_active: {
    kind: 'conflict',
    retryable: false,
    fix: 'Cancel the job first, or wait for its end.',
  },
  rows_dropped: {
    kind: 'not_found',
    retryable: false,
    fix: 'The rows of this job were removed; `rewind replay rerun` makes them again.',
  },
  group_active: {
    kind: 'conflict',
    retryable: true,
    fix: 'Stop the members of the consumer group, or wait for their session to end.',
  },

  // Records that do not decode (dead letters)
  tombstone: { kind: 'invalid', retryable: false, fix: 'The record has no value; nothing to decode.' },
  not_wire_format: {
    kind: 'invalid',
    retryable: false,
    fix: 'Produce with a registry serializer: byte 0, then the schema id.',
  },
  schema_unknown: {
    kind: 'invalid',
    retryable: false,
    fix: 'Register the schema, or point the source at the registry that has it.',
  },
  schema_invalid: {
    kind: 'invalid',
    retryable: false,
    fix: 'The registry answered with a schema that Avro does not allow.',
  },
  decode_failed: { kind: 'invalid', retryable: false, fix: 'The bytes do not follow the schema they name.' },
  array_too_long: { kind: 'invalid', retryable: false, fix: 'Arrays and maps hold at most 100,000 items.' },
  key_not_allowed: {
    kind: 'invalid',
    retryable: false,
    fix: 'An Avro map key named __proto__ cannot be kept; send JSON text instead.',
  },
  field_unmapped: {
    kind: 'invalid',
    retryable: false,
    fix: 'The mapping found no value for a field that is required.',
  },
  record_too_large: {
    kind: 'too_large',
    retryable: false,
    fix: 'Raise limits.recordMaxBytes, or send smaller records.',
  },

  // Folding
  operation_failed: {
    kind: 'invalid',
    retryable: false,
    fix: 'The operation does not fit the value; see the field named.',
  },
  entity_id_missing: {
    kind: 'invalid',
    retryable: false,
    fix: 'The encoding found no entity id in the event.',
  },
  event_id_conflict: {
    kind: 'conflict',
    retryable: false,
    fix: 'Another event with this event id and another body came first; give each event an id of its own.',
  },
  reducer_failed: { kind: 'invalid', retryable: false, fix: 'The reducer threw; correct it and replay.' },
  too_many_failures: {
    kind: 'limit',
    retryable: false,
    fix: 'See the dead letters; raise replay.maxFailures once they are understood.',
  },
  too_many_conflicts: {
    kind: 'limit',
    retryable: false,
    fix: 'Many event ids are shared by different entities; correct the id mapping.',
  },
  entity_too_large: {
    kind: 'limit',
    retryable: false,
    fix: 'Raise replay.maxEventsPerEntity, or narrow the time range.',
  },

  // The log
  range_expired: {
    kind: 'conflict',
    retryable: false,
    fix: 'The log no longer holds the range; replay from the archive or a later start.',
  },
  topic_not_found: {
    kind: 'not_found',
    retryable: false,
    fix: 'Check the topic name and the access rights.',
  },
  topic_recreated: {
    kind: 'conflict',
    retryable: false,
    fix: 'The topic was deleted and created again; plan a new job.',
  },
  batch_corrupt: {
    kind: 'internal',
    retryable: false,
    fix: 'The broker served a batch that fails its checksum.',
  },
  batch_too_large: {
    kind: 'too_large',
    retryable: false,
    fix: 'Raise limits.batchMaxBytes; a batch unpacks beyond it.',
  },
  codec_unsupported: {
    kind: 'invalid',
    retryable: false,
    fix: 'Use gzip, snappy, lz4, zstd or no compression.',
  },
  log_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Check that the brokers are up and reachable.',
  },
  log_required: {
    kind: 'invalid',
    retryable: false,
    fix: 'Set kafka.brokers, or replay with source: archive.',
  },
  output_topic_is_source: {
    kind: 'invalid',
    retryable: false,
    fix: 'Choose another prefix: what a replay writes must never be read as history.',
  },
  output_prefix_refused: {
    kind: 'invalid',
    retryable: false,
    fix: 'Use the configured prefix, one that begins with it and a dot, or one of outputs.otherPrefixes.',
  },
  output_topic_missing: {
    kind: 'not_found',
    retryable: false,
    fix: 'Create the topic with retention.ms=-1, or set outputs.createTopics.',
  },
  output_refused: {
    kind: 'invalid',
    retryable: false,
    fix: 'Check the settings of the output topic: time stamps, compaction, policies.',
  },
  evidence_busy: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Wait until an archive is made, or raise evidence.atOnce.',
  },
  raw_dropped: {
    kind: 'conflict',
    retryable: false,
    fix: 'Keep raw bytes (collect.keepRaw) and collect again with source: kafka, or leave `events` out of the outputs.',
  },
  log_stalled: {
    kind: 'unavailable',
    retryable: true,
    fix: 'A partition made no progress; check for an open transaction or a broker without leader.',
  },
  registry_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Check that the schema registry is up and reachable.',
  },
  schema_incompatible: {
    kind: 'conflict',
    retryable: false,
    fix: 'The registry refuses the schema as incompatible with its subject.',
  },

  // The store
  store_unavailable: {
    kind: 'unavailable',
    retryable: true,
    fix: 'Check that the store is up; the engine restarts by itself.',
  },
  store_busy: { kind: 'unavailable', retryable: true, fix: 'Wait and send the request again.' },
  store_timeout: { kind: 'limit', retryable: true, fix: 'Narrow the query, or raise store.queryMaxSeconds.' },
  store_memory_limit: {
    kind: 'limit',
    retryable: false,
    fix: 'Narrow the query, or raise store.queryMaxMemoryBytes.',
  },
  store_rejected: {
    kind: 'internal',
    retryable: false,
    fix: 'The store refused the statement; see the message.',
  },
  insert_unknown: {
    kind: 'unavailable',
    retryable: true,
    fix: 'The answer to an insert was lost; the writer takes a new claim.',
  },
  store_in_use: {
    kind: 'conflict',
    retryable: false,
    fix: 'Another process holds the data directory; stop it or use another directory.',
  },
  store_disk_full: { kind: 'limit', retryable: true, fix: 'Free disk space; the job resumes.' },
  migration_mismatch: {
    kind: 'conflict',
    retryable: false,
    fix: 'A migration that was applied has changed; use the release that wrote this database.',
  },
  store_not_migrated: { kind: 'conflict', retryable: false, fix: 'Run `rewind migrate --apply`.' },
  unit_failed: {
    kind: 'internal',
    retryable: false,
    fix: 'The unit named fails again and again; see the worker logs.',
  },
  claim_lost: { kind: 'conflict', retryable: true, fix: 'Another worker has taken the unit; nothing to do.' },
  preflight_failed: { kind: 'invalid', retryable: false, fix: 'See the line printed.' },
  internal: { kind: 'internal', retryable: false, fix: 'Report it with the trace id.' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * Every error that Rewind raises on purpose. `message` names the field, record or unit and the value (cut at 200
 * characters); `pointer` is a JSON pointer into the input where there is one.
 */
export class RewindError extends Error {
  readonly code: ErrorCode;
  readonly pointer: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { pointer?: string; cause?: unknown; facts?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RewindError';
    this.code = code;
    this.pointer = options.pointer;
    this.facts = options.facts ?? {};
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get fix(): string {
    return ERRORS[this.code].fix;
  }
}

/** Cuts a value for an error message: 200 characters, control characters escaped. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const safe = text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}
