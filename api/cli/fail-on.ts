/** What a policy change must not do, as CI says it: `allow->deny>0`, `*->error>0`, `not_reproduced>10`. Pure. */
import { InvalidArgumentError } from 'commander';
import { type ImpactTotal, memberOf } from './impact-total.js';
import { plain } from './rows.js';

const WORDS = ['allow', 'deny', 'other', 'undefined', 'error', '*'];
const CLASSES = ['changed', 'failed', 'not_reproduced', 'not_replayable'];

export interface Condition {
  readonly text: string;
  readonly more: number;
  /** What is counted: a transition, or a class. */
  readonly counts: { readonly from: string; readonly to: string } | { readonly class: string };
}

/** For options that may be given several times, or once with commas. */
export function conditions(text: string, before: readonly Condition[] = []): Condition[] {
  return [...before, ...text.split(',').map(conditionOf)];
}

function conditionOf(text: string): Condition {
  const [, what = '', at = '>0'] = /^\s*(.+?)\s*(>=?\s*\d{1,12})?\s*$/.exec(text) ?? [];
  const least = Number(at.replace(/[>=\s]/g, ''));
  const more = at.includes('=') ? least - 1 : least;
  const [from = '', to, ...rest] = what.split('->').map((word) => word.trim());
  if (to === undefined && CLASSES.includes(from)) return { text, more, counts: { class: from } };
  if (to !== undefined && rest.length === 0 && WORDS.includes(from) && WORDS.includes(to))
    return { text, more, counts: { from, to } };
  throw new InvalidArgumentError(
    `Write ${WORDS.slice(0, -1).join('|')} or * as allow->deny>0, or ${CLASSES.join('|')} as changed>0.`,
  );
}

/** Those that hold, each with its count. A transition to the same is no change, whatever the condition. */
export function broken(list: readonly Condition[], total: ImpactTotal): { text: string; count: number }[] {
  return list
    .map((one) => ({ ...one, count: countOf(one, total) }))
    .filter(({ count, more }) => count > more);
}

/** By groups, which hold only what changed: an `other` that became another `other` counts too. */
function countOf({ counts }: Condition, total: ImpactTotal): number {
  if ('class' in counts) return total.count(counts.class);
  const { from, to } = counts;
  const changes = total.list(from === to && from !== '*' ? 'groups' : 'transitions').filter((one) => {
    const was = plain(memberOf(one, 'from'));
    const is = plain(memberOf(one, 'to'));
    return (from === '*' || from === was) && (to === '*' || to === is) && (was !== is || from === to);
  });
  if (from === '*' && to === '*') return total.count('changed') + total.count('failed');
  return changes.reduce((sum, { count }) => sum + count, 0);
}
