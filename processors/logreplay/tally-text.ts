/** A tally as text, so that what a unit found outlives the process that found it. Digits of times stay: they are text. */
import type { Counted, Group, Tally } from './tally.js';

interface Stored {
  readonly classes: [string, number][];
  readonly reasons: [string, number][];
  readonly transitions: [string, number][];
  readonly bases: [string, number][];
  readonly groups: [string, Omit<Group, 'firstNs' | 'lastNs'> & { firstNs: string; lastNs: string }][];
  readonly errors: [string, { code: string; message: string; count: number }][];
  readonly errorCount: number;
  readonly ungrouped: number;
  readonly affected: [string, { values: [string, number][]; others: number }][];
}

export function tallyText(tally: Tally): string {
  const stored: Stored = {
    classes: [...tally.classes],
    reasons: [...tally.reasons],
    transitions: [...tally.transitions],
    bases: [...tally.bases],
    groups: [...tally.groups].map(([key, { firstNs, lastNs, ...rest }]) => [
      key,
      { ...rest, firstNs: firstNs.toString(), lastNs: lastNs.toString() },
    ]),
    errors: [...tally.errors],
    errorCount: tally.errorCount,
    ungrouped: tally.ungrouped,
    affected: [...tally.affected].map(([pointer, { values, others }]) => [
      pointer,
      { values: [...values], others },
    ]),
  };
  return JSON.stringify(stored);
}

/** Of what tallyText wrote. */
export function countedIn(text: string): Counted {
  const stored = JSON.parse(text) as Stored;
  return {
    classes: new Map(stored.classes) as Counted['classes'],
    reasons: new Map(stored.reasons),
    transitions: new Map(stored.transitions),
    bases: new Map(stored.bases) as Counted['bases'],
    groups: new Map(
      stored.groups.map(([key, { firstNs, lastNs, ...rest }]) => [
        key,
        { ...rest, firstNs: BigInt(firstNs), lastNs: BigInt(lastNs) },
      ]),
    ),
    errors: new Map(stored.errors),
    errorCount: stored.errorCount,
    ungrouped: stored.ungrouped,
    affected: new Map(
      stored.affected.map(([pointer, { values, others }]) => [pointer, { values: new Map(values), others }]),
    ),
  };
}
