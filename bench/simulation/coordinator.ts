/** Coordinates the simulated job: the steps of processors/replay/coordinator.ts, as statements and waits. */
import type { Actor, Wait } from './agenda.js';
import { CONFIGURED, MEASURED, slicesOf } from './constants.js';
import { jobLogUs } from './job.js';
import type { SimWorker } from './worker.js';

export function* coordinate(worker: SimWorker): Actor {
  const { agenda, store, job, model } = worker.world;
  const small = (): Wait => store.small(model.smallStatementUs);
  const state = (): Wait => store.small(jobLogUs(model, job.jobLogBytes(model)));
  /** A pass over the whole input, by all cores of the store. */
  const pass = (us: number): Wait =>
    store.statement({ kind: 'useful', cpuUs: model.events * us, threads: model.storeCores });
  function* append(): Actor {
    yield small();
    worker.wake.wake();
  }

  // Claims the coordinator's unit; plans each partition by what the archive has of it.
  for (let i = 0; i < 2; i++) yield small();
  job.rows++;
  if (model.cold) {
    for (let i = 0; i < model.partitions; i++) yield small();
    yield agenda.sleep(MEASURED.prepareMs);
  }
  for (let i = 0; i < 4; i++) yield small();
  job.enter('collect', agenda.now);
  yield* append();

  if (model.cold) {
    for (;;) {
      const { count } = worker.wake;
      let collected = 0;
      yield store.small(model.smallStatementUs + job.archiveRows * model.unitLogRowUs, () => {
        collected = job.collected;
      });
      yield agenda.sleep((job.archiveRows * MEASURED.unitLogRowNodeUs) / 1_000);
      if (collected >= model.events) break;
      yield worker.wake.wait(count, CONFIGURED.pollMs);
    }
  }

  job.enter('scan', agenda.now);
  yield state();
  yield pass(MEASURED.funnelUs);
  for (let slice = 0; slice < slicesOf(model); slice++) yield pass(MEASURED.repeatedUs);
  yield small();
  job.enter('fold', agenda.now);
  worker.wake.wake();
  yield state();
  for (;;) {
    const { count } = worker.wake;
    let sealed = 0;
    yield* worker.readLog(() => {
      sealed = job.sealedUnits;
    });
    if (sealed === job.units.length) break;
    yield worker.wake.wait(count, CONFIGURED.pollMs);
  }

  job.enter('seal', agenda.now);
  yield state();
  // Dead letters, then the timeline's index: two units with claim, manifest and three reads each.
  for (const statement of [
    pass(MEASURED.funnelUs),
    store.statement({ kind: 'useful', cpuUs: model.events * MEASURED.sealUs }),
  ]) {
    for (let i = 0; i < 4; i++) yield small();
    yield statement;
    for (let i = 0; i < 2; i++) yield small();
    job.rows += 2;
  }
  yield* worker.readLog(() => undefined);
  yield state();
  yield* append();
  job.enter('done', agenda.now);
}
