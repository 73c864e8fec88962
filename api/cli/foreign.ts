/** `--encoding FILE`: foreign records (CloudTrail, Kubernetes audit, your own) become events by an encoding's envelope. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { canonicalJson, objectText } from '../../processors/sources/canonical-json.js';
import { quote } from '../../processors/sources/json-text.js';
import { compileMapping } from '../../processors/sources/mapping.js';
import { formatRfc3339Ns } from '../../processors/sources/time.js';
import { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { findIssues } from '../../schemas/validate.js';

/** Turns the text of one record into the text of one event; the whole record is its payload, with every digit. */
export type Converter = (text: Buffer) => Buffer;

export interface ForeignReader {
  /** As the file has it, for the server to save. */
  readonly encoding: Encoding;
  readonly convert: Converter;
}

/**
 * @param tenant all records belong to it; undefined: the encoding finds each record's own, else `defaultTenant`
 * @throws RewindError file_unreadable, encoding_invalid (all problems listed)
 */
export function loadForeignReader(
  path: string,
  tenant: string | undefined,
  defaultTenant: string,
): ForeignReader {
  const encoding = readEncoding(path);
  if (encoding.envelope === undefined) {
    throw new RewindError('encoding_invalid', `${path} has no envelope, so it cannot read foreign records.`, {
      pointer: '/envelope',
    });
  }
  const map = compileMapping(encoding.envelope);
  const convert: Converter = (text) => {
    const payload = canonicalJson(text);
    if (!payload.startsWith('{')) {
      throw new RewindError('payload_not_object', 'the record is not a JSON object', { pointer: '' });
    }
    const draft = map(payload, { record: null, tenantId: tenant ?? defaultTenant });
    const members: [string, string][] = [
      ['event_id', draft.eventId],
      ['tenant_id', tenant ?? draft.tenantId],
      ['event_type', draft.eventType],
      ['actor', draft.actor],
      ['action', draft.action],
      ['severity', draft.severity],
      ['occurred_at', formatRfc3339Ns(draft.occurredAtNs)],
    ];
    const given = members
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, quote(value)] as const);
    const decision = draft.decision === '' ? [] : [['decision', draft.decision] as const];
    return Buffer.from(objectText([...given, ...decision, ['payload', draft.payload]]));
  };
  return { encoding, convert };
}

function readEncoding(path: string): Encoding {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `${path}: ${(cause as Error).message}`, { cause });
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new RewindError('encoding_invalid', `${path} is neither JSON nor YAML: ${reason}`, { cause });
  }
  const issues = findIssues(Encoding, value);
  if (issues.length > 0) {
    const [first] = issues;
    throw new RewindError('encoding_invalid', `${path}: ${first?.pointer}: ${first?.message}`, {
      facts: { errors: issues },
    });
  }
  return value as Encoding;
}
