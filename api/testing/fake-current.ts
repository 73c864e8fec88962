/** A tenant without a current state: what the tests of other routes see. */
import type { CurrentServices } from '../../processors/current/contract.js';
import { RewindError } from '../../schemas/errors.js';

/** Current states are promoted and read on the real engine in their own tests. */
const noCurrent = async (): Promise<never> => {
  throw new RewindError('no_current_state', 'no run of this tenant has been promoted');
};
export const NO_CURRENT: CurrentServices = {
  state: {
    show: noCurrent,
    entities: noCurrent,
    entity: noCurrent,
    export: noCurrent,
    promote: noCurrent,
    revert: noCurrent,
    promotion: noCurrent,
    promotions: async () => ({ items: [], next: null }),
    continue: noCurrent,
  },
  reviews: { review: noCurrent, entities: noCurrent },
};
