/**
 * The two row layouts around the fold: what it reads (a SELECT in RowBinary over audit_events or replay_events, sorted
 * by entity) and what it writes (snapshots). Reader, fold and SQL are built from these lists, in this order.
 */

/** Columns of the fold's input with their RowBinary form. LowCardinality columns arrive as plain strings. */
export const FOLD_INPUT = [
  ['entity_hash', 'u64'],
  ['entity_type', 'string'],
  ['entity_id', 'string'],
  ['occurred_at', 'i64'],
  ['event_id', 'string'],
  ['event_type', 'string'],
  ['topic_id', 'string'],
  ['partition', 'i32'],
  ['offset', 'u64'],
  ['n', 'u16'],
  ['body_hash', 'u64'],
  ['tenant_id', 'string'],
  ['actor', 'string'],
  ['action', 'string'],
  ['severity', 'string'],
  ['payload', 'string'],
] as const;

/**
 * Further columns before the payload where the entities were derived: what `$entity_type` and `$entity_id` of a rule
 * mean, which in all other rows are the row's own entity.
 */
export const MAPPED_INPUT = [
  ['envelope_entity_type', 'string'],
  ['envelope_entity_id', 'string'],
] as const;

/** Columns of a snapshot row as the fold writes it. */
export const SNAPSHOT_OUTPUT = [
  'job_id',
  'entity_hash',
  'entity_type',
  'entity_id',
  'fold_seq',
  'occurred_at',
  'event_id',
  'event_type',
  'topic_id',
  'partition',
  'offset',
  'n',
  'exists',
  'changes',
  'shape',
  'state',
  'claim',
] as const;
