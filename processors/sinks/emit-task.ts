/** The task of one unit of the output stage, from what the job log froze. Pure. */
import type { Config } from '../../schemas/config.js';
import type { FoldingBody, MappingBody, PlannedJob } from '../replay/pipeline.js';
import type { EmitTask, EmittingBody, EmitUnit } from './emitting.js';

export function emitTaskMaker(
  config: Config,
  job: PlannedJob,
  body: EmittingBody,
  folding: FoldingBody,
  mapping: MappingBody | null,
): (range: EmitUnit) => Omit<EmitTask, 'claim'> {
  const names = new Map(job.plan.partitions.map(({ topicId, topic }) => [topicId, topic]));
  return (range) => ({
    kind: 'emit',
    jobId: job.jobId,
    unit: range.unit,
    spec: job.spec,
    range,
    topics: body.topics,
    input: (mapping ?? folding).input,
    mapped: mapping === null ? null : folding.input,
    fansOut: (mapping ?? folding).counts.fansOut,
    sourceTopics: [...names],
    producing: { compression: config.outputs.compression, batchBytes: config.outputs.batchBytes },
    windowOffsets: config.outputs.windowOffsets,
    statementMaxSeconds: config.store.statementMaxSeconds,
  });
}
