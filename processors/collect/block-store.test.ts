import { expect, test, vi } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { applyUnitRow, emptyUnit } from '../replay/units.js';
import type { Store } from '../store/store.js';
import type { TrackedUnit, UnitLog, UnitLogEntry } from '../store/unit-log.js';
import { BlockStore, type Part } from './block-store.js';

/** A store whose inserts end when the test says so, and a unit log in memory. */
function fixture() {
  const inserts: { done(): void; fail(error: Error): void }[] = [];
  const log: UnitLogEntry[] = [];
  const tracked: TrackedUnit = { scope: 's', unit: 'u', state: emptyUnit(), block: '0', blockOffset: '0' };
  const row = {
    kind: 'claim',
    claim: '1',
    worker: 'w',
    from: 0n,
    to: 0n,
    final: false,
    counters: {},
  } as const;
  applyUnitRow(tracked.state, row);
  const store = {
    insertNative: () => new Promise<void>((done, fail) => inserts.push({ done, fail })),
  } as unknown as Store;
  const unitLog = {
    append: async (entries: UnitLogEntry[]) => void log.push(...entries),
    refreshAll: async () => {
      for (const { from = 0n, to = 0n } of log)
        applyUnitRow(tracked.state, { ...row, kind: 'manifest', from, to });
    },
  } as unknown as UnitLog;
  const blocks = new BlockStore({ store, unitLog, target: { table: 'audit_events' }, worker: 'w' });
  const submit = (from: bigint, to: bigint) => {
    const block = blocks.block();
    const record = { topicId: 'T', topic: 't', partition: 0, offset: from, recordTimeMs: 0n, key: null };
    block.begin(record, 1n);
    const tombstone = { ok: false, code: 'tombstone', message: '', schemaId: -1 } as const;
    block.addRecord({ ...record, value: null, headers: [] }, tombstone, true);
    const part: Part = { tracked, claim: '1', from, to, end: 100n, records: 1, undecodable: 1, bytes: 0 };
    blocks.submit(block, [part]);
  };
  return { blocks, inserts, log, tracked, submit };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('two inserts at once, their manifests in the order of the blocks', async () => {
  const { blocks, inserts, log, tracked, submit } = fixture();
  submit(0n, 10n);
  expect(blocks.busy).toBe(false);
  submit(10n, 20n);
  expect(blocks.busy).toBe(true);
  inserts[1]?.done();
  await settled();
  expect(log).toEqual([]);
  inserts[0]?.done();
  while (await blocks.next());
  expect(log.map(({ from, to }) => [from, to])).toEqual([
    [0n, 10n],
    [10n, 20n],
  ]);
  expect(tracked.state.position).toBe(20n);
  blocks.throwIfBroken();
  // Both blocks are empty again, and are used again.
  expect([blocks.block().rows, blocks.block().rows]).toEqual([0, 0]);
});

test('who waits for a place is heard of while the store takes long', async () => {
  vi.useFakeTimers();
  const { blocks, inserts, submit } = fixture();
  const waits: number[] = [];
  const onWait = (ms: number) => void waits.push(ms);
  submit(0n, 10n);
  await blocks.free(onWait);
  expect(waits).toEqual([]);
  submit(10n, 20n);
  const free = blocks.free(onWait);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(waits).toEqual([1_000, 2_000]);
  inserts[0]?.done();
  await free;
  expect(waits).toEqual([1_000, 2_000, 2_500]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(waits.length).toBe(3);
  vi.useRealTimers();
});

test('behind a block that failed no manifest is sent', async () => {
  const { blocks, inserts, log, submit } = fixture();
  submit(0n, 10n);
  submit(10n, 20n);
  inserts[1]?.done();
  inserts[0]?.fail(new RewindError('insert_unknown', 'the answer was lost'));
  while (await blocks.next());
  expect(log).toEqual([]);
  expect(() => blocks.throwIfBroken()).toThrow('the answer was lost');
});
