/**
 * The switch of the whole instance in the store: paused, nothing is read from the log and the archive, by whichever
 * process, until it is resumed. The last event in insertion order counts, so it survives restarts of all of them.
 */
import type { InstanceState, InstanceSwitch } from '../replay/lifecycle-contract.js';
import type { Store } from './store.js';

/** Reading stops within 5 s of a pause: those who read ask more often than that. */
const KNOWN_FOR_MS = 500;

export class InstanceLog implements InstanceSwitch {
  readonly #store: Store;
  #known: { readonly state: InstanceState; readonly at: number } | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  async state(): Promise<InstanceState> {
    const rows = await this.#store.query<{ kind: string; actor: string; reason: string; at: string }>(
      `SELECT kind, actor, reason, formatDateTime(written_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at
       FROM ${this.#store.t('instance_events')} ORDER BY _block_number DESC, _block_offset DESC LIMIT 1`,
    );
    const [last] = rows;
    const state =
      last === undefined
        ? { paused: false, actor: null, reason: '', since: null }
        : { paused: last.kind === 'paused', actor: last.actor, reason: last.reason, since: last.at };
    this.#known = { state, at: performance.now() };
    return state;
  }

  pause(actor: string, reason: string): Promise<InstanceState> {
    return this.#append('paused', actor, reason);
  }

  resume(actor: string, reason: string): Promise<InstanceState> {
    return this.#append('resumed', actor, reason);
  }

  /** Whether nothing may be read now, as of a moment ago. */
  async isPaused(): Promise<boolean> {
    const known = this.#known;
    if (known !== null && performance.now() - known.at < KNOWN_FOR_MS) return known.state.paused;
    return (await this.state()).paused;
  }

  async #append(kind: 'paused' | 'resumed', actor: string, reason: string): Promise<InstanceState> {
    const { paused } = await this.state();
    if (paused !== (kind === 'paused')) {
      await this.#store.insertRows('instance_events', [{ kind, actor, reason }]);
    }
    return this.state();
  }
}
