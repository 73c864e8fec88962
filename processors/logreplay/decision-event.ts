/**
 * A decision as OPA logs it becomes an audit event of type `policy.decision`: the whole decision is the payload, its
 * result the decision, so nothing that OPA or somebody's plugin puts there is lost. Pure.
 */
import { createHash } from 'node:crypto';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { canonicalJson, objectText } from '../sources/canonical-json.js';
import { type IngestOptions, type IngestResult, parseIngestDraft } from '../sources/ingest-event.js';
import { resolvePointer, topLevelFields } from '../sources/json-scan.js';
import { quote, unquote } from '../sources/json-text.js';
import { decisionText } from '../sources/mapping.js';
import type { EventDraft } from '../sources/normalise.js';
import { parseRfc3339Ns } from '../sources/time.js';

export const DECISION_EVENT = 'policy.decision';
export const DECISION_ENTITY = 'decision';
/** Member that keeps the name behind `/logs/`, where the sender gave one: OPA's own `partition_name`. */
const PARTITION = 'partition_name';
/** Characters of a text that becomes a column: ids and paths are keys of tables, longer ones are a mistake. */
const TEXT_MAX = 1024;

export interface DecisionOptions extends IngestOptions {
  /** JSON pointer to the value that is the entity id; empty: the decision id. */
  readonly keyPath: string;
  /** Name behind `/logs/`; empty: none. */
  readonly partitionName: string;
}

/** Nothing is thrown for a bad decision: the result names the code and a pointer into the decision. */
export function parseDecision(
  text: string | Buffer,
  tenantId: string,
  options: DecisionOptions,
): IngestResult {
  return parseIngestDraft(() => draftOf(text, tenantId, options), options);
}

function draftOf(text: string | Buffer, tenantId: string, options: DecisionOptions): EventDraft {
  const sent = canonicalJson(text, options.depthMax);
  if (sent.charCodeAt(0) !== 0x7b) throw invalid('', `a decision is a JSON object, not ${excerpt(sent)}`);
  const members = new Map([...topLevelFields(sent)].map(({ name, value }) => [name, value]));
  if (options.partitionName !== '' && !members.has(PARTITION))
    members.set(PARTITION, quote(options.partitionName));
  // A sender without ids that sends a decision again sends the same decision.
  const eventId = textOf(members, 'decision_id') || createHash('sha256').update(sent).digest('hex');
  const key = options.keyPath === '' ? undefined : resolvePointer(sent, options.keyPath);
  return {
    eventId,
    tenantId,
    eventType: DECISION_EVENT,
    entityType: DECISION_ENTITY,
    entityId: key === undefined ? eventId : shortened(key.startsWith('"') ? unquote(key) : key),
    actor: textOf(members, 'requested_by'),
    action: textOf(members, 'path'),
    severity: '',
    occurredAtNs: timeOf(members),
    decision: decisionText(members.get('result')),
    payload: objectText([...members]),
  };
}

function textOf(members: ReadonlyMap<string, string>, name: string): string {
  const value = members.get(name) ?? 'null';
  if (value === 'null') return '';
  if (value.charCodeAt(0) !== 0x22) throw invalid(`/${name}`, `a string is expected, not ${excerpt(value)}`);
  const text = unquote(value);
  if (text.length > TEXT_MAX) throw invalid(`/${name}`, `longer than ${TEXT_MAX} characters`);
  return text;
}

/** A key of any length and kind; those of one value stay together. */
function shortened(key: string): string {
  return key.length <= TEXT_MAX ? key : createHash('sha256').update(key).digest('hex');
}

function timeOf(members: ReadonlyMap<string, string>): bigint {
  const value = members.get('timestamp');
  if (value === undefined)
    throw new RewindError('field_missing', 'timestamp is missing', { pointer: '/timestamp' });
  try {
    return parseRfc3339Ns(value.charCodeAt(0) === 0x22 ? unquote(value) : value);
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    throw new RewindError(error.code, `timestamp: ${error.message}`, { pointer: '/timestamp' });
  }
}

function invalid(pointer: string, message: string): RewindError {
  return new RewindError('field_invalid', message, { pointer });
}
