/** What goes into a fold unit beside the rows, and what comes out of it beside the snapshots. */
import type { ErrorCode } from '../../schemas/errors.js';
import type { Coordinates } from '../../schemas/event.js';
import type { FrozenSpec } from '../../schemas/job.js';
import type { CompiledEncoding } from '../encodings/compile.js';
import type { NativeReader } from '../store/native-reader.js';
import type { FoldDecisions } from './fold-decisions.js';
import type { SnapshotRows } from './fold-output.js';

export interface FoldOptions {
  readonly encoding: CompiledEncoding;
  /** The order in which the rows of an entity come. The fold takes them as they come; it does not sort. */
  readonly ordering: FrozenSpec['ordering'];
  /** none: the states are only for the rules. */
  readonly snapshots: FrozenSpec['snapshots'] | 'none';
  readonly onFailure: FrozenSpec['onFailure'];
  readonly maxEventsPerEntity: number;
  /** True: the entities were derived; see envelopeColumn. */
  readonly mapped?: boolean;
  /** Keys by `loserKey`: event ids whose first occurrence belongs to another entity; every copy here is a conflict. */
  readonly losers: ReadonlySet<string>;
  /** What the input is read with, without any of it yet. */
  readonly reader: NativeReader;
  readonly sink: FoldSink;
}

export interface FoldSink {
  /** Receives the snapshots; the caller empties it when it is full. */
  readonly rows: SnapshotRows;
  /** Decides about each event that is folded; null or left out: the job has no rules to apply. Emptied likewise. */
  readonly decisions?: FoldDecisions | null;
  /** Called in the order of the input, for failed events and for conflicts. */
  onDeadLetter(letter: FoldDeadLetter): void;
}

/** An event that the fold could not take: `failed`, or `conflict`: its id belongs to another event that came first. */
export interface FoldDeadLetter extends Coordinates {
  readonly kind: 'failed' | 'conflict';
  readonly stage: 'fold';
  readonly code: ErrorCode;
  readonly error: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly occurredAtNs: bigint;
}

/** events = processed + failed + duplicates + conflicts + skipped. */
export interface FoldCounters {
  /** Rows read. */
  events: number;
  /** Events folded into a state. */
  processed: number;
  failed: number;
  duplicates: number;
  conflicts: number;
  /** Events that the encoding ignores or has no rule for. */
  skipped: number;
  /** Rows written. */
  snapshots: number;
  /** Events folded that changed at least one field, whether or not they have a row. */
  changed: number;
  /** Entities with at least one event folded. */
  entities: number;
}

/** How `losers` names an event of an entity. */
export function loserKey(eventId: string, entityType: string, entityId: string): string {
  return `${eventId}\u0000${entityType}\u0000${entityId}`;
}
