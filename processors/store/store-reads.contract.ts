/** The store's contract: reads, streams, limits, aborts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { codeOf, eventually, failureOf, type Parts } from './store-contract.fixture.js';

export function readsContract(parts: () => Pick<Parts, 'store' | 'running'>): void {
  test('a large read waits for its reader and brings every byte', async () => {
    const { store } = parts();
    const rows = 4_000_000;
    const stream = await store.streamRowBinary('SELECT number FROM numbers({n:UInt64})', { n: rows });
    let bytes = 0;
    let next = 0;
    let carry: Buffer = Buffer.alloc(0);
    let held = 0;
    for await (const chunk of stream) {
      if (bytes < 8 << 20) await sleep(5);
      held = Math.max(held, stream.readableLength);
      bytes += (chunk as Buffer).length;
      const data = carry.length === 0 ? (chunk as Buffer) : Buffer.concat([carry, chunk as Buffer]);
      let at = 0;
      for (; at + 8 <= data.length; at += 8)
        if (data.readUInt32LE(at) !== next++) throw new Error(`row ${next} differs`);
      carry = data.subarray(at);
    }
    expect(bytes).toBe(rows * 8);
    expect(next).toBe(rows);
    expect(held).toBeLessThan(4 << 20);
  });

  test.each(['RowBinary', 'JSONEachRow', 'Parquet'])(
    'an error in mid-stream is an error of the stream: %s',
    async (format) => {
      const { store } = parts();
      const stream = await store.streamFormat(
        "SELECT number, repeat(hex(sipHash128(number)), 8) AS filler, throwIf(number = 300000, 'burst') AS t FROM numbers(400000)",
        format,
        {},
        { settings: { max_threads: 1, max_block_size: 1000, output_format_parquet_row_group_size: 1000 } },
      );
      let bytes = 0;
      const failure = await failureOf(
        (async () => {
          for await (const chunk of stream) bytes += (chunk as Buffer).length;
        })(),
      );
      expect(failure.code).toBe('store_rejected');
      expect(failure.message).toContain('burst');
      expect(bytes).toBeGreaterThan(0);
    },
  );

  test('an early error is an error of the call', async () => {
    const { store } = parts();
    expect(await codeOf(store.streamRowBinary('SELECT nothing_like_it'))).toBe('store_rejected');
    expect(await codeOf(store.query('SELECT 1 FROM no_such_database.t'))).toBe('store_not_migrated');
    expect(await codeOf(store.query('SELECT {a:UInt8}', { a: 'x' }))).toBe('store_rejected');
  });

  test('abort stops a statement in the store', async () => {
    const { store, running } = parts();
    const mark = 'abort_mark_a';
    const abort = new AbortController();
    const answer = codeOf(
      store.query(
        `SELECT count() FROM numbers(1000000000000) WHERE NOT ignore('${mark}', sipHash64(number))`,
        {},
        { signal: abort.signal },
      ),
    );
    await eventually(async () => (await running(mark)) === 1);
    abort.abort();
    expect(await answer).toBe('store_rejected');
    await eventually(async () => (await running(mark)) === 0);
  });

  test('a stream that is given up stops its statement', async () => {
    const { store, running } = parts();
    const mark = 'abort_mark_b';
    const stream = await store.streamRowBinary(`SELECT number, '${mark}' AS m FROM numbers(1000000000000)`);
    await new Promise((resolve) => stream.once('data', resolve));
    stream.pause();
    expect(await running(mark)).toBe(1);
    stream.destroy();
    await eventually(async () => (await running(mark)) === 0);
  });

  test('limits of time and memory hold', async () => {
    const { store } = parts();
    const slow = 'SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))';
    expect(await codeOf(store.query(slow, {}, { maxSeconds: 1 }))).toBe('store_timeout');
    const large = 'SELECT groupArray(number) AS a FROM numbers(30000000)';
    expect(
      await codeOf(store.query(`SELECT length(a) FROM (${large})`, {}, { maxMemoryBytes: 50_000_000 })),
    ).toBe('store_memory_limit');
  });

  test('formats with a header or a footer stream too', async () => {
    const { store } = parts();
    const chunks: Buffer[] = [];
    for await (const chunk of await store.streamFormat("SELECT 1 AS a, 'x,\"y' AS b", 'CSVWithNames'))
      chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('"a","b"\n1,"x,""y"\n');
  });
}
