/**
 * The end marker: one record for each partition of each output topic, the last of the run there. It names the claims that
 * count, so that a reader keeps each row once although units may have been written more than once. The same units give the
 * same bytes, whoever writes them. Pure.
 */
import type { UnitState } from '../replay/units.js';
import { AvroValue } from './avro-value.js';
import type { EmittedTopic, SealedUnit } from './emitting.js';
import type { RunHeaders } from './headers.js';
import { partitionTotal } from './tally.js';

export function sealedUnit(unit: string, state: UnitState): SealedUnit {
  return { unit, claim: state.segments[0]?.claim ?? '', counters: state.counters };
}

export function endValue(
  run: RunHeaders,
  topic: EmittedTopic,
  partition: number,
  units: readonly SealedUnit[],
): Buffer {
  const { rows, digest } = partitionTotal(units, topic.output, partition);
  const value = new AvroValue().begin(Buffer.alloc(0), topic.endSchemaId);
  value.text(run.jobId).text(run.tenantId).text(run.jobType).text(topic.output).text(topic.topic);
  value
    .int(partition)
    .int(topic.partitions)
    .long(BigInt(topic.startOffsets[partition] ?? 0));
  value.int(rows).text(digest).int(totalRows(topic, units));
  // One block of items, and the empty one that ends an array.
  if (units.length > 0) value.int(units.length);
  for (const { unit, claim, counters } of units) {
    value
      .text(unit)
      .text(claim)
      .int(counters[`${topic.output}.${partition}.rows`] ?? 0);
  }
  value.int(0);
  return Buffer.from(value.value);
}

export function totalRows(topic: EmittedTopic, units: readonly SealedUnit[]): number {
  let total = 0;
  for (let partition = 0; partition < topic.partitions; partition++)
    total += partitionTotal(units, topic.output, partition).rows;
  return total;
}
