/** What the parts of one simulated run share. */
import type { Prng } from '../../processors/generate/prng.js';
import type { Agenda } from './agenda.js';
import type { Model } from './constants.js';
import type { SimJob } from './job.js';
import type { SimStore } from './store.js';

export interface World {
  readonly model: Model;
  readonly agenda: Agenda;
  readonly store: SimStore;
  readonly job: SimJob;
  readonly prng: Prng;
  /** Milliseconds that fold threads and collecting processes were busy. */
  readonly busy: { threadMs: number; collectMs: number };
  /** CPU of the store that went into units whose claim was lost meanwhile, in milliseconds. */
  readonly lost: { cpuMs: number };
}
