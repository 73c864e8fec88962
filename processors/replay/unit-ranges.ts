/** The units of a stage: equal ranges of the entity-hash space, numbered. Pure. */
import type { UnitRange } from './pipeline.js';
import { hashRanges } from './segments.js';

export function unitRanges(prefix: string, count: number): UnitRange[] {
  return hashRanges(count).map((range, i) => ({ unit: `${prefix}${String(i).padStart(4, '0')}`, ...range }));
}
