/**
 * A run against the oracle, row for row. A difference is told by its first entity: what the oracle expects of it and
 * what the views show, so that the report can be read without a debugger.
 */
import type { JobView } from '../../replay/service.js';
import type { Store } from '../../store/store.js';
import { objectText, parseJson } from '../oracle/json.js';
import type { OracleLetter, OracleResult, OracleSnapshot } from '../oracle/types.js';
import {
  type LetterRow,
  readFieldChanges,
  readLetters,
  readRunRow,
  readSnapshots,
  readTimeline,
  timelineText,
} from './read-run.js';
import { TENANT } from './rig.js';

/** So many rows of the differing entity are shown. */
const SHOWN = 8;

const printed = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));

const entityOf = (row: { entityType: string; entityId: string } | undefined): string =>
  row === undefined ? '' : printed([row.entityType, row.entityId]);

function list(rows: readonly unknown[]): string {
  const shown = rows.slice(0, SHOWN).map((row) => `    ${printed(row)}`);
  if (rows.length > SHOWN) shown.push(`    … ${rows.length - SHOWN} more`);
  return rows.length === 0 ? '    nothing' : shown.join('\n');
}

function differ<Row extends { entityType: string; entityId: string }>(
  what: string,
  expected: readonly Row[],
  real: readonly Row[],
  at: number,
): never {
  const entity = entityOf(expected[at]) || entityOf(real[at]);
  const of = (rows: readonly Row[]) => rows.filter((row) => entityOf(row) === entity);
  const [wanted, shown] = [of(expected), of(real)];
  let from = 0;
  while (from < wanted.length && printed(wanted[from]) === printed(shown[from])) from++;
  from = Math.max(0, from - 1);
  throw new Error(
    [
      `${what}: row ${at} differs; the oracle has ${expected.length} rows, the run ${real.length}`,
      `  row of the oracle: ${printed(expected[at] ?? null)}`,
      `  row of the run:    ${printed(real[at] ?? null)}`,
      `  entity ${entity} from its row ${from} on, by the oracle:`,
      list(wanted.slice(from)),
      '  by the run:',
      list(shown.slice(from)),
    ].join('\n'),
  );
}

function sameRows<Row extends { entityType: string; entityId: string }>(
  what: string,
  expected: readonly Row[],
  real: readonly Row[],
  same: (a: Row, b: Row) => boolean,
): void {
  const length = Math.max(expected.length, real.length);
  for (let at = 0; at < length; at++) {
    const a = expected[at];
    const b = real[at];
    if (a === undefined || b === undefined || !same(a, b)) differ(what, expected, real, at);
  }
}

const PLACE = ['topicId', 'partition', 'offset', 'n'] as const;
const SNAPSHOT = [
  ...PLACE,
  'entityType',
  'entityId',
  'foldSeq',
  'eventId',
  'eventType',
  'occurredAtNs',
  'stateBefore',
  'stateAfter',
  'diff',
  'changes',
  'exists',
] as const satisfies readonly (keyof OracleSnapshot)[];

function sameSnapshot(a: OracleSnapshot, b: OracleSnapshot): boolean {
  for (const field of SNAPSHOT) if (a[field] !== b[field]) return false;
  return true;
}

const LETTER = [
  ...PLACE,
  'kind',
  'stage',
  'eventId',
  'eventType',
  'entityType',
  'entityId',
] as const satisfies readonly (keyof OracleLetter)[];

function sameLetter(a: LetterRow, b: LetterRow): boolean {
  for (const field of LETTER) if (a[field] !== b[field]) return false;
  // Which code a record that did not decode gets is the decoder's business; it must have one.
  return a.tenantId === b.tenantId && (a.code === '' ? b.code !== '' : a.code === b.code);
}

function sameTexts(what: string, expected: readonly string[], real: readonly string[]): void {
  for (let at = 0; at < Math.max(expected.length, real.length); at++) {
    if (expected[at] === real[at]) continue;
    throw new Error(
      `${what}: row ${at} of ${expected.length} by the oracle, of ${real.length} in the run\n  ${expected[at]}\n  ${real[at]}`,
    );
  }
}

/** The rows of v1_field_changes that a snapshot stands for. */
function changesOf(row: OracleSnapshot): string[] {
  const changes = parseJson(row.diff) as readonly ReadonlyMap<string, string>[];
  return changes.map((change) =>
    JSON.stringify([
      row.entityType,
      row.entityId,
      row.foldSeq,
      row.eventId,
      change.get('field'),
      change.get('operation'),
      objectText([...change]),
    ]),
  );
}

/** What the views must show of a run, made once for any number of comparisons. */
export interface Expectation {
  readonly result: OracleResult;
  readonly timeline: readonly string[];
  readonly letters: readonly LetterRow[];
  readonly changes: readonly string[];
}

/** Rejects a result with nothing hard in it: comparing it would show little. `filtered`: some kinds may be missing. */
export function expectationOf(result: OracleResult, filtered = false): Expectation {
  const { processed, failed, duplicates, conflicts, skipped, changed } = result.counters;
  for (const [name, count] of Object.entries({ processed, failed, duplicates, conflicts, skipped, changed }))
    if (count === 0 && !filtered) throw new Error(`the input has no ${name} events`);
  return {
    result,
    timeline: result.snapshots.map(timelineText),
    letters: result.letters.map((letter) => ({ ...letter, tenantId: TENANT })),
    changes: result.snapshots.flatMap(changesOf).sort(),
  };
}

/** Throws where the snapshots are not the oracle's; both in timeline order. */
export function compareSnapshots(expected: readonly OracleSnapshot[], real: readonly OracleSnapshot[]): void {
  sameRows('snapshots', expected, real, sameSnapshot);
}

/** Throws with a readable report where the run is not what the oracle says. Reads only views and the job. */
export async function compareRun(store: Store, job: JobView, expected: Expectation): Promise<void> {
  const { jobId } = job;
  const { snapshots, counters } = expected.result;
  sameRows('v1_snapshots', snapshots, await readSnapshots(store, jobId), sameSnapshot);
  sameTexts('v1_timeline', expected.timeline, await readTimeline(store, jobId));
  sameRows('v1_dead_letters', expected.letters, await readLetters(store, jobId), sameLetter);
  sameTexts('v1_field_changes', expected.changes, (await readFieldChanges(store, jobId)).sort());
  sameTexts('counters', [printed(counters)], [printed(inOrder(job.counters, counters))]);
  const run = {
    tenant_id: TENANT,
    status: 'Complete',
    job_type: 'StateRebuild',
    events_processed: `${counters.processed}`,
    events_failed: `${counters.failed}`,
    snapshots: `${counters.snapshots}`,
  };
  sameTexts('v1_runs', [printed(run)], [printed(await readRunRow(store, jobId))]);
}

/** The members of `value` in the order of `like`, so that their texts can be compared. */
function inOrder<T extends object>(value: T, like: T): object {
  const names = new Set([...Object.keys(like), ...Object.keys(value)]);
  return Object.fromEntries([...names].map((name) => [name, value[name as keyof T]]));
}
