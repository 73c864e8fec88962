/** Whether two runs are two folds of one input, so that what differs between them comes from their versions. Pure. */
import type { FrozenSpec, Verdict } from '../../schemas/job.js';
import { historyStartNs } from '../store/selection.js';
import type { ComparisonReason } from './contract.js';

export interface ComparedRun {
  readonly spec: FrozenSpec;
  readonly exactness: Verdict['exactness'];
}

export interface Comparability {
  /** Both keep a state for each event of the same history: the first event that made a difference can be named. */
  readonly history: boolean;
  readonly reasons: readonly ComparisonReason[];
}

export function comparability(a: ComparedRun, b: ComparedRun): Comparability {
  const reasons: ComparisonReason[] = [];
  if (historyStartNs(a.spec) !== historyStartNs(b.spec) || a.spec.endNs !== b.spec.endNs)
    reasons.push('range_differs');
  if (filtersOf(a.spec) !== filtersOf(b.spec)) reasons.push('filters_differ');
  if (sourcesOf(a.spec) !== sourcesOf(b.spec)) reasons.push('sources_differ');
  if (a.spec.ordering !== b.spec.ordering) reasons.push('ordering_differs');
  if (a.exactness !== 'exact') reasons.push('a_not_exact');
  if (b.exactness !== 'exact') reasons.push('b_not_exact');
  const keepsHistory = [a, b].every(({ spec }) => spec.snapshots !== 'final' && spec.base === undefined);
  const same = !reasons.includes('range_differs') && !reasons.includes('ordering_differs');
  return { history: keepsHistory && same, reasons };
}

function filtersOf({ filters }: FrozenSpec): string {
  const lists = Object.entries(filters).filter(([, values]) => values.length > 0);
  return JSON.stringify(
    lists.map(([name, values]) => [name, [...values].sort()]).sort(([x], [y]) => (x! < y! ? -1 : 1)),
  );
}

function sourcesOf({ topics, sourceVersion }: FrozenSpec): string {
  return JSON.stringify([sourceVersion, [...topics].sort()]);
}
