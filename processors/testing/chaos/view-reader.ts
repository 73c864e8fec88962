/**
 * An analyst who queries the views all through a run that is being interrupted. What shows is only ever part of the final
 * result, in whole entities: a unit seals its entities whole, and what showed once never goes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RewindError } from '../../../schemas/errors.js';
import { type RunPicture, timelineEntities, viewDigest, visibleEntities } from './result.js';
import type { ChaosWorld } from './world.js';

const PAUSE_MS = 250;
const FINDINGS_MAX = 20;
const LETTERS =
  'kind, stage, error_code, error, event_id, entity_type, entity_id, occurred_at, topic_id, partition, offset, n';

export class ViewReader {
  readonly #world: ChaosWorld;
  readonly #jobId: string;
  readonly #expected: RunPicture;
  readonly #findings: string[] = [];
  readonly #done: Promise<void>;
  #stopped = false;
  #polls = 0;
  /** Polls that saw a part of the run: those that could have seen something wrong. */
  #partial = 0;
  #entities = 0;
  #letters = 0;
  #status = 'Pending';

  constructor(world: ChaosWorld, jobId: string, expected: RunPicture) {
    this.#world = world;
    this.#jobId = jobId;
    this.#expected = expected;
    this.#done = this.#run();
  }

  get polls(): number {
    return this.#polls;
  }

  get partialPolls(): number {
    return this.#partial;
  }

  /** Ends the polling; what was seen and must not have been. */
  async stop(): Promise<readonly string[]> {
    this.#stopped = true;
    await this.#done;
    return this.#findings;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#poll();
        this.#polls++;
      } catch (error) {
        // The engine is being killed: a read may fail, it may not lie.
        if (!(error instanceof RewindError) || !error.retryable) this.#found(`a read failed: ${error}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  async #poll(): Promise<void> {
    const { views } = this.#world;
    await this.#checkStatus();
    const rows = await visibleEntities(views, this.#jobId);
    for (const { entity, digest, doubled } of rows) {
      const wanted = this.#expected.entities.get(entity);
      if (doubled) this.#found(`${entity} shows a place in its order twice (${digest})`);
      else if (wanted !== digest) this.#found(`${entity} shows ${digest}, final is ${wanted}`);
    }
    if (rows.length < this.#entities) this.#found(`entities went from ${this.#entities} to ${rows.length}`);
    this.#entities = rows.length;
    if (rows.length > 0 && rows.length < this.#expected.entities.size) this.#partial++;
    const timeline = await timelineEntities(views, this.#jobId);
    for (const [entity, digest] of timeline) {
      const wanted = this.#expected.timeline.get(entity);
      if (wanted !== digest) this.#found(`the timeline shows ${digest} of ${entity}, final is ${wanted}`);
    }
    if (timeline.size < this.#entities)
      this.#found(`the timeline shows ${timeline.size} entities of ${this.#entities} with snapshots`);
    const letters = countOf(await viewDigest(views, this.#jobId, 'v1_dead_letters', LETTERS));
    if (letters < this.#letters || letters > countOf(this.#expected.deadLetters))
      this.#found(`dead letters went from ${this.#letters} to ${letters}`);
    this.#letters = letters;
  }

  async #checkStatus(): Promise<void> {
    const { views } = this.#world;
    const rows = await views.query<{ status: string }>(
      `SELECT status FROM ${views.t('v1_runs')} WHERE job_id = {jobId:String}`,
      { jobId: this.#jobId },
    );
    const status = rows.length === 1 ? rows[0]!.status : `${rows.length} rows`;
    const order = ['Pending', 'Running', 'Complete'];
    if (order.indexOf(status) < order.indexOf(this.#status))
      this.#found(`status went from ${this.#status} to ${status}`);
    this.#status = status;
  }

  #found(finding: string): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(`poll ${this.#polls}: ${finding}`);
  }
}

function countOf(digest: string): number {
  return Number(digest.split(':')[0]);
}
