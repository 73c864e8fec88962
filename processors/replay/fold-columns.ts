/**
 * The columns around the fold: what it reads (a SELECT in Native over audit_events or replay_events, sorted by entity)
 * and what it writes (snapshots). Reader, fold and SQL are built from these lists.
 */
import type { EnvelopeName } from '../encodings/lookup.js';

/** What a snapshot repeats of its event. */
const EVENT = ['occurred_at', 'event_id', 'event_type', 'topic_id', 'partition', 'offset', 'n'] as const;
export const ENTITY_AND_EVENT = ['entity_hash', 'entity_type', 'entity_id', ...EVENT] as const;

/** What the fold reads of every event. */
export const FOLD_INPUT = [...ENTITY_AND_EVENT, 'body_hash', 'payload_shape', 'payload_values'] as const;

/**
 * The column behind an envelope name of a template. Where the entities were derived (`mapped`), `$entity_type` and
 * `$entity_id` mean what the event itself said, which in all other rows is the row's own entity.
 */
export function envelopeColumn(name: EnvelopeName, mapped: boolean): string {
  return mapped && (name === 'entity_type' || name === 'entity_id') ? `envelope_${name}` : name;
}

/** What rules see of an event beside what the fold reads anyway. */
const DECISION_INPUT = ['tenant_id', 'actor', 'action', 'severity', 'decision'] as const;

/** All columns that the fold reads for an encoding that names these envelope fields; `decides`: for rules too. */
export function foldInput(
  names: readonly EnvelopeName[],
  mapped: boolean,
  decides = false,
): readonly string[] {
  const envelope = names.map((name) => envelopeColumn(name, mapped));
  return [...new Set([...FOLD_INPUT, ...envelope, ...(decides ? DECISION_INPUT : [])])];
}

/** Columns of a decision row as the fold writes it. */
export const DECISION_OUTPUT = [
  'job_id',
  'entity_hash',
  'entity_type',
  'entity_id',
  'fold_seq',
  ...EVENT,
  'decision',
  'error',
  'before',
  'before_error',
  'was',
  'now',
  'transition',
  'claim',
] as const;

/** Columns of a snapshot row as the fold writes it. */
export const SNAPSHOT_OUTPUT = [
  'job_id',
  'entity_hash',
  'entity_type',
  'entity_id',
  'fold_seq',
  ...EVENT,
  'exists',
  'changes',
  'shape',
  'state',
  'claim',
] as const;
