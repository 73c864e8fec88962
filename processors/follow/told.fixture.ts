/** For tests of what output topics are told of steps: what the reference readers keep of them, and what they should. */
import { expect } from 'vitest';
import { followRun } from '../../deploy/examples/follow-run.js';
import { decode, type ReadOptions, type RunRow, readRun } from '../../deploy/examples/read-run.js';
import type { OracleSnapshot } from '../testing/oracle/types.js';

export type Kept = Record<string, unknown> & { readonly event_id: string; readonly changes: number };

export interface ToldTopics extends Omit<ReadOptions, 'topic'> {
  readonly prefix: string;
  /** The step up to which is read. */
  readonly last: string;
}

/** By entity, and in order. */
export async function keptOf(told: ToldTopics, output: string): Promise<Map<string, Kept[]>> {
  const options = { ...told, topic: `${told.prefix}.${output}` };
  const kept = new Map<string, Kept[]>();
  const keep = async ({ key, value }: RunRow, replaces: boolean) => {
    const row = (await decode(told.schemaById, value!)) as Kept;
    const rows = replaces ? [] : (kept.get(key!.toString()) ?? []);
    rows.push(row);
    kept.set(key!.toString(), rows);
  };
  await readRun(options, (row) => keep(row, false));
  const left = new Set<number>();
  let isFirst = true;
  await followRun(options, async ({ partition, partitions, step, gap, rows }) => {
    if (isFirst) for (let one = 0; one < partitions; one++) left.add(one);
    isFirst = false;
    expect(gap).toBe(false);
    for (const row of rows) await keep(row, row.replaces);
    if (step.toString() === told.last) left.delete(partition);
    return left.size > 0;
  });
  return kept;
}

/** What the topics say is what one run would have said, row for row. */
export async function expectTold(told: ToldTopics, expected: readonly OracleSnapshot[]): Promise<void> {
  const [ofSnapshots, ofDiffs] = await Promise.all([keptOf(told, 'snapshots'), keptOf(told, 'diffs')]);
  const snapshots = rowsOf(ofSnapshots).filter(([, row]) => row.event_id !== '');
  expect(
    textsOf(snapshots, (row) => [row.event_id, row.exists, row.changes, row.state_before, row.state_after]),
  ).toEqual(
    wanted(expected, (row) => [row.eventId, row.exists, row.changes, row.stateBefore, row.stateAfter]),
  );
  const diffs = rowsOf(ofDiffs).filter(([, row]) => row.event_id !== '' && row.changes > 0);
  expect(textsOf(diffs, (row) => [row.event_id, row.changes, row.diff])).toEqual(
    wanted(
      expected.filter(({ changes }) => changes > 0),
      (row) => [row.eventId, row.changes, row.diff],
    ),
  );
}

const rowsOf = (kept: ReadonlyMap<string, readonly Kept[]>) =>
  [...kept].flatMap(([key, rows]) => rows.map((row) => [key, row] as const));

const textsOf = (rows: readonly (readonly [string, Kept])[], of: (row: Kept) => readonly unknown[]) =>
  rows.map(([key, row]) => JSON.stringify([key, String(row.fold_seq), ...of(row)])).sort();

const wanted = (rows: readonly OracleSnapshot[], of: (row: OracleSnapshot) => readonly unknown[]) =>
  rows
    .map((row) => JSON.stringify([`${row.entityType}/${row.entityId}`, String(row.foldSeq), ...of(row)]))
    .sort();
