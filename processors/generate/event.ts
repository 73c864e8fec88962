/**
 * What generators make: plain data, independent of every encoder. Payloads and decisions are JSON text, so that no
 * digit passes through a double on the way.
 */
export interface GeneratedEvent {
  readonly tenantId: string;
  /** Left out: the pipeline derives one from the record's coordinates. */
  readonly eventId?: string;
  readonly eventType: string;
  readonly entityType?: string;
  readonly entityId?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly severity?: string;
  readonly occurredAtNs: bigint;
  readonly decisionJson?: string;
  /** JSON text of an object, as a producer would write it: not canonical. */
  readonly payloadJson: string;
  /** Record key; left out: no key. */
  readonly keyText?: string;
}

/** A record that no decoder can read; null: a tombstone. */
export interface GeneratedGarbage {
  readonly garbage: Buffer | null;
  readonly keyText?: string;
}

export type Generated = GeneratedEvent | GeneratedGarbage;

export function isGarbage(entry: Generated): entry is GeneratedGarbage {
  return 'garbage' in entry;
}
