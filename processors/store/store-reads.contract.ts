/** The store's contract: reads, streams, limits, aborts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NativeReader } from './native-reader.js';
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

  test('Native blocks are read as the store writes them', async () => {
    const { store } = parts();
    // Dictionaries of one, two and four bytes a key, strings of every length of their length, numbers of every width.
    const stream = await store.streamFormat(
      `SELECT number AS id, toInt32(-number) AS small, toUInt16(number) AS half, toUInt8(number % 2) AS bit,
         fromUnixTimestamp64Nano(toInt64(number) - 5, 'UTC') AS time, repeat('é', number % if(number % 500 = 0, 10000, 100)) AS text,
         toLowCardinality(toString(number % 3)) AS few, toLowCardinality(if(number % 2 = 0, '', toString(number % 300))) AS some,
         toLowCardinality(toString(number)) AS many
       FROM numbers(100000)`,
      'Native',
      {},
      { settings: { max_block_size: 70_000, low_cardinality_allow_in_native_format: 1 } },
    );
    const reader = new NativeReader();
    let next = 0;
    const blocks: number[] = [];
    for await (const chunk of stream) {
      reader.push(chunk as Buffer);
      while (reader.next()) {
        blocks.push(reader.rows);
        const { bytes, view } = reader;
        const at = (name: string, width: number, row: number) => reader.numbers(name, width).at + width * row;
        for (let row = 0; row < reader.rows; row++, next++) {
          const found = [
            Number(view.getBigUint64(at('id', 8, row), true)),
            view.getInt32(at('small', 4, row), true),
            view.getUint16(at('half', 2, row), true),
            view.getUint8(at('bit', 1, row)),
            Number(view.getBigInt64(at('time', 8, row), true)),
            reader.strings('text').ends[row]! - reader.strings('text').starts[row]!,
            reader.texts('few').text(bytes, row),
            reader.texts('some').text(bytes, row),
            reader.texts('many').text(bytes, row),
          ].join();
          const some = next % 2 === 0 ? '' : next % 300;
          const expected = `${next},${0 - next},${next % 65_536},${next % 2},${next - 5},${2 * (next % (next % 500 === 0 ? 10_000 : 100))},${next % 3},${some},${next}`;
          if (found !== expected) throw new Error(`${found} instead of ${expected}`);
        }
      }
    }
    reader.end();
    expect(next).toBe(100_000);
    expect(Math.max(...blocks)).toBeGreaterThan(65_536);
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
