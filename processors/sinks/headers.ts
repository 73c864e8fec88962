/**
 * Headers of output records: CloudEvents in binary mode, and where the record comes from. Those of a unit are written
 * once and copied; only those of a record are written for each. Pure.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
import type { OutputName } from '../../schemas/output.js';
import { HeaderBlock, headerName } from '../kafka/batch-writer.js';

const NAME = {
  specVersion: headerName('ce_specversion'),
  id: headerName('ce_id'),
  source: headerName('ce_source'),
  type: headerName('ce_type'),
  time: headerName('ce_time'),
  subject: headerName('ce_subject'),
  contentType: headerName('content-type'),
  record: headerName('replay-record'),
  replayId: headerName('replay-id'),
  run: headerName('replay-run-id'),
  jobType: headerName('replay-job-type'),
  tenant: headerName('replay-tenant-id'),
  unit: headerName('replay-unit'),
  claim: headerName('replay-claim'),
  sourceTopic: headerName('replay-source-topic'),
  sourcePartition: headerName('replay-source-partition'),
  sourceOffset: headerName('replay-source-offset'),
  sourceN: headerName('replay-source-n'),
  eventTime: headerName('replay-event-time'),
  originalTimestamp: headerName('replay-original-timestamp'),
  set: headerName('replay-set'),
  step: headerName('replay-step'),
  folded: headerName('replay-folded'),
};

/** Names that a record written again must not carry from an earlier replay. */
export const REPLAY_HEADER_PREFIX = 'replay-';

export interface RunHeaders {
  readonly tenantId: string;
  readonly jobId: string;
  readonly jobType: string;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly n: number;
}

/** Of a record that a step of a followed set brought. */
export interface StepHeaders {
  readonly setId: string;
  /** Decimal text. */
  readonly step: string;
}

/**
 * How a step came to what it says of an entity: `on` from what was said before, or `again` from its first event on, and
 * what was said of the entity before is void.
 */
export type Folded = 'on' | 'again';

/** What all records of a unit for one topic have in common. */
export function unitHeaders(
  run: RunHeaders,
  output: OutputName,
  unit: string,
  claim: string,
  step?: StepHeaders,
): HeaderBlock {
  const block = runHeaders(run, output, 'row');
  if (step !== undefined) addStep(block, step);
  block.add(NAME.unit, unit);
  block.add(NAME.claim, claim);
  return block;
}

export function endHeaders(run: RunHeaders, output: OutputName, id: string, time: string): HeaderBlock {
  const block = runHeaders(run, output, 'end');
  if (output === 'events') addEvent(block, run, 'events', 'end');
  block.add(NAME.id, id);
  block.add(NAME.time, time);
  return block;
}

/** Of the marker of a step. */
export function stepHeaders(
  run: RunHeaders,
  output: OutputName,
  step: StepHeaders,
  id: string,
  time: string,
): HeaderBlock {
  const block = runHeaders(run, output, 'step');
  addStep(block, step);
  block.add(NAME.id, id);
  block.add(NAME.time, time);
  return block;
}

function addStep(block: HeaderBlock, { setId, step }: StepHeaders): void {
  block.add(NAME.set, setId);
  block.add(NAME.step, step);
}

export function foldedHeader(block: HeaderBlock, folded: Folded): void {
  block.add(NAME.folded, folded);
}

type RecordKind = 'row' | 'end' | 'step';

function runHeaders(run: RunHeaders, output: OutputName, record: RecordKind): HeaderBlock {
  const block = new HeaderBlock();
  // An event written again keeps its own headers: it is the producer's record and no event of ours.
  if (output !== 'events') addEvent(block, run, output, record);
  block.add(NAME.record, record);
  block.add(NAME.run, run.jobId);
  block.add(NAME.jobType, run.jobType);
  block.add(NAME.tenant, run.tenantId);
  return block;
}

const TYPES: Readonly<Record<OutputName, string>> = {
  snapshots: 'io.rewind.replay.snapshot',
  diffs: 'io.rewind.replay.diff',
  decisions: 'io.rewind.replay.decision',
  events: 'io.rewind.replay.event',
};

function addEvent(block: HeaderBlock, run: RunHeaders, output: OutputName, record: RecordKind): void {
  const tenant = encodeURIComponent(run.tenantId);
  block.add(NAME.specVersion, '1.0');
  block.add(NAME.source, `/tenants/${tenant}/replay-jobs/${encodeURIComponent(run.jobId)}/${output}`);
  block.add(NAME.type, record === 'row' ? TYPES[output] : `io.rewind.replay.${record}`);
  block.add(NAME.contentType, 'application/avro');
}

/** What CloudEvents says of one record: into an emptied block. */
export function eventHeaders(block: HeaderBlock, id: Buffer, time: Buffer, subject: Buffer): void {
  block.add(NAME.id, id);
  block.add(NAME.time, time);
  block.add(NAME.subject, subject);
  block.add(NAME.replayId, id);
}

export function placeHeaders(block: HeaderBlock, place: Place, eventTimeNs: string): void {
  block.add(NAME.sourceTopic, place.topic);
  block.add(NAME.sourcePartition, String(place.partition));
  block.add(NAME.sourceOffset, place.offset);
  block.add(NAME.sourceN, String(place.n));
  block.add(NAME.eventTime, eventTimeNs);
}

export function rawHeaders(block: HeaderBlock, id: Buffer, recordTimeMs: string): void {
  block.add(NAME.replayId, id);
  block.add(NAME.originalTimestamp, recordTimeMs);
}
