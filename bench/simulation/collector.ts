/**
 * A process as a member of the job's consumer group: processors/collect/group-collector.ts, archive-writer.ts and
 * block-store.ts. It asks what is missing, claims, fills blocks, stores up to two at once with their manifests in
 * order, and in the end asks again until nothing is missing anywhere.
 */
import type { Actor, Wait } from './agenda.js';
import { ASSUMED, CONFIGURED, MEASURED } from './constants.js';
import { hostSlowdown } from './job.js';
import type { World } from './world.js';

/** `partitions`: how many the group gave to this member. */
export function* collect(world: World, partitions: number): Actor {
  const { agenda, job, model } = world;
  yield* missing(world);
  yield agenda.sleep(ASSUMED.joinMs);
  yield* missing(world);
  if (partitions > 0) yield* read(world, partitions);
  for (;;) {
    yield* missing(world);
    if (job.collected >= model.events) return;
    yield agenda.sleep(CONFIGURED.flushIntervalMs);
  }
}

/** KafkaReplayLog reads the units of each partition in a query of its own, as many at once as a store's client allows. */
function* missing({ agenda, store, job, model }: World): Actor {
  const reads = model.missingByPartition ? model.partitions : 1;
  const rows = job.archiveRows / reads;
  function* lane(count: number): Actor {
    for (let i = 0; i < count; i++) yield store.small(model.smallStatementUs + rows * model.unitLogRowUs);
  }
  const lanes: Wait[] = [];
  for (let i = 0; i < Math.min(CONFIGURED.maxInFlight, reads); i++) {
    lanes.push(agenda.ran(lane(Math.ceil((reads - i) / CONFIGURED.maxInFlight))));
  }
  yield agenda.all(lanes);
  yield agenda.sleep((job.archiveRows * MEASURED.unitLogRowNodeUs) / 1_000);
}

function* read(world: World, partitions: number): Actor {
  const { agenda, store, job, model, busy } = world;
  const small = (): Wait => store.small(model.smallStatementUs);
  function* take(units: number): Actor {
    yield small();
    yield small();
    job.archiveRows += units;
    yield small();
  }
  yield* take(partitions);
  const share = (model.events * partitions) / model.partitions;
  const slowdown = hostSlowdown(model, 1);
  const stores: Promised[] = [];
  let slots = 0;
  for (let left = share; left > 0; ) {
    const rows = Math.min(CONFIGURED.batchRows, left);
    left -= rows;
    const ms = (rows * MEASURED.collectNodeUs * slowdown) / 1_000;
    busy.collectMs += ms;
    yield agenda.sleep(ms);
    while (stores.filter((one) => !one.done).length >= CONFIGURED.insertsMax)
      yield stores.find((one) => !one.done)!.wait;
    const before = stores.at(-1);
    const parts = Math.min(partitions, rows);
    const stored = new Promised();
    stores.push(stored);
    if (stores.length > 8) stores.splice(0, stores.length - 8);
    agenda.spawn(storeBlock(world, rows, parts, before), () => stored.end());
    for (slots += rows / CONFIGURED.slotOffsets; slots >= 1; slots--) yield* take(1);
  }
  for (const one of stores) if (!one.done) yield one.wait;
}

function* storeBlock(world: World, rows: number, parts: number, before: Promised | undefined): Actor {
  const { agenda, store, job, model } = world;
  yield store.receive(rows * ASSUMED.recordWireBytes);
  yield store.backpressure('archive');
  yield store.statement({ kind: 'useful', cpuUs: rows * MEASURED.collectEngineUs });
  store.stored('archive', rows, CONFIGURED.batchRows);
  if (before !== undefined && !before.done) yield before.wait;
  yield store.small(model.smallStatementUs);
  job.archiveRows += parts;
  job.collected += rows;
  // Shares are fractions of the events: what rounding left is not missing.
  if (model.events - job.collected < 1) job.collected = model.events;
  yield store.small(model.smallStatementUs);
  yield agenda.sleep(0);
}

/** Something that ends once, and that several may wait for. */
class Promised {
  done = false;
  readonly #waiting: (() => void)[] = [];
  readonly wait: Wait = (resume) => {
    this.#waiting.push(resume);
  };

  end(): void {
    this.done = true;
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
