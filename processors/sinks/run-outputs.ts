/** The output topics of a run as people see them, from what the job log froze and the manifests that count. */
import { RewindError } from '../../schemas/errors.js';
import type { OutputState } from '../../schemas/output.js';
import type { UnitState } from '../replay/units.js';
import type { JobLog } from '../store/job-log.js';
import type { UnitLog } from '../store/unit-log.js';
import { type EmittedTopic, type EmittingBody, END_UNIT } from './emitting.js';
import type { Outputs } from './outputs-contract.js';
import { partitionTotal } from './tally.js';

export class RunOutputs implements Outputs {
  readonly #jobLog: JobLog;
  readonly #unitLog: UnitLog;

  constructor(jobLog: JobLog, unitLog: UnitLog) {
    this.#jobLog = jobLog;
    this.#unitLog = unitLog;
  }

  async ofRun(tenantId: string, jobId: string): Promise<readonly OutputState[]> {
    const job = await this.#jobLog.read(tenantId, jobId);
    if (job === null) throw new RewindError('job_not_found', 'this tenant has no such job');
    const body = job.state.emitting as EmittingBody | null;
    if (body === null) return [];
    const units = await this.#unitLog.readScope(jobId);
    const sealed = body.units.flatMap(({ unit }) => {
      const state = units.get(unit);
      return state?.sealed === true ? [state] : [];
    });
    const ends = units.get(END_UNIT);
    return body.topics.map((topic) => outputState(topic, sealed, ends?.sealed === true ? ends : null));
  }
}

function outputState(
  { output, topic, partitions, startOffsets }: EmittedTopic,
  units: readonly UnitState[],
  ends: UnitState | null,
): OutputState {
  let total = 0;
  const list = Array.from({ length: partitions }, (_, partition) => {
    const { rows, digest } = partitionTotal(units, output, partition);
    total += rows;
    const end = ends?.counters[`${output}.${partition}.end`] ?? -1;
    return {
      partition,
      startOffset: startOffsets[partition] ?? '0',
      endOffset: end < 0 ? null : String(end),
      rows: String(rows),
      digest: ends === null ? null : digest,
    };
  });
  return { output, topic, rows: String(total), partitions: list };
}
