/** What the archive holds of some topics, and what was read again, kept up to date: each look reads only what the unit log has got since. */
import { ARCHIVE_SCOPE } from '../collect/layout.js';
import { REDRIVE_SCOPE } from '../redrive/redrive-log.js';
import type { UnitState } from '../replay/units.js';
import type { UnitLog, WatchedScope } from '../store/unit-log.js';
import { againPlace } from './consumed.js';

export class CoverageWatch {
  readonly #unitLog: UnitLog;
  readonly #watched: readonly WatchedScope[];
  readonly #again: readonly WatchedScope[];

  constructor(unitLog: UnitLog, topicIds: Iterable<string>) {
    this.#unitLog = unitLog;
    const topics = [...new Set(topicIds)];
    this.#watched = topics.map((topicId) => unitLog.watch(ARCHIVE_SCOPE, `${topicId}/`));
    this.#again = topics.map((topicId) => unitLog.watch(REDRIVE_SCOPE, `${topicId}/`));
  }

  /** Units by place (consumed.ts), in the order of their offsets. */
  async look(): Promise<ReadonlyMap<string, readonly UnitState[]>> {
    const byPlace = new Map<string, UnitState[]>();
    for (const watched of this.#watched) {
      const units = await this.#unitLog.refreshScope(watched);
      for (const [unit, state] of [...units].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const place = unit.slice(0, unit.lastIndexOf('/'));
        const known = byPlace.get(place);
        if (known === undefined) byPlace.set(place, [state]);
        else known.push(state);
      }
    }
    for (const watched of this.#again)
      for (const [unit, state] of await this.#unitLog.refreshScope(watched))
        byPlace.set(againPlace(unit), [state]);
    return byPlace;
  }
}
