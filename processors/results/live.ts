/** Following a run: feeds.ts says that something moved, the store says what there is to see. */
import type { Runs } from '../replay/runs.js';
import type { JobView, SnapshotView } from '../replay/service.js';
import type { LogPlace, RunStream } from '../store/run-stream.js';
import type { Live, UnitSamples } from './contract.js';
import { Feeds, type JobWatch, watchedJobs } from './feeds.js';

/** Snapshots shown of a unit. */
const SAMPLES_OF_UNIT = 3;
/** Units whose samples are read at once. */
const UNITS_AT_ONCE = 4;
/** A snapshot may have a megabyte. */
const PAGE_SNAPSHOTS = 64;

export class LiveRuns implements Live {
  readonly #runs: Runs;
  readonly #stream: RunStream;
  readonly #feeds: Feeds<JobView>;

  constructor(runs: Runs, stream: RunStream, pollMs: number) {
    this.#runs = runs;
    this.#stream = stream;
    this.#feeds = new Feeds(watchedJobs({ get: (tenantId, jobId) => runs.get(tenantId, jobId) }), pollMs);
  }

  watch(tenantId: string, jobId: string): Promise<JobWatch> {
    return this.#feeds.watch(tenantId, jobId);
  }

  async samples(tenantId: string, jobId: string, after: LogPlace): Promise<readonly UnitSamples[]> {
    const units = await this.#stream.sealedAfter(jobId, after, UNITS_AT_ONCE);
    if (units.length === 0) return [];
    const run = await this.#runs.facts(tenantId, jobId);
    const samples: UnitSamples[] = [];
    for (const { claim, block, blockOffset } of units) {
      const snapshots = await this.#stream.samples(run, claim, SAMPLES_OF_UNIT);
      samples.push({ place: { block, blockOffset }, snapshots });
    }
    return samples;
  }

  async snapshots(tenantId: string, jobId: string, from: number): Promise<readonly SnapshotView[]> {
    return this.#stream.page(await this.#runs.facts(tenantId, jobId), from, PAGE_SNAPSHOTS);
  }
}
