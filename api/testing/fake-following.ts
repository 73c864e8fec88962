/** For tests of routes: a tenant whose current state nobody follows. */
import type { CurrentChanges } from '../../processors/follow/changes.js';
import type { Following, FollowStatus } from '../../processors/follow/contract.js';
import { NO_STEPS } from '../../processors/follow/totals.js';

const OFF: FollowStatus = {
  on: false,
  actor: null,
  since: null,
  jobId: null,
  step: null,
  stepAt: null,
  lagRecords: null,
  lagSeconds: null,
  toldStep: null,
  untoldSteps: null,
  error: null,
};

export const NO_FOLLOWING: Following = {
  status: async () => OFF,
  turn: async (_tenantId, on) => ({ ...OFF, on }),
  figures: async () => ({
    sets: 0,
    failing: 0,
    lagRecords: 0,
    lagSeconds: 0,
    untoldSteps: 0,
    totals: NO_STEPS,
  }),
};

export const NO_CHANGES: CurrentChanges = {
  news: async () => null,
  changes: async () => ({ changes: [], next: null }),
};
