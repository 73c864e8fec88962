/** The store's contract: inserts, their outcomes, their order, and crashes under them. */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ErrorCode, RewindError } from '../../schemas/errors.js';
import type { StoreConnection } from './client.js';
import { DictionaryColumn, nativeBlock, RunColumn, StringColumn, WordsColumn } from './native-columns.js';
import { RowBinaryWriter } from './rowbinary.js';
import { codeOf, eventually, numberRows, type Parts } from './store-contract.fixture.js';

export function insertsContract(parts: () => Parts): void {
  test('parallel inserts are all there, once', async () => {
    const { store, table } = parts();
    const created = await table('id UInt64');
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 10; i++)
        await store.insertRowBinary(created, ['id'], [numberRows((writer * 10 + i) * 1000, 1000)]);
    });
    await Promise.all(writers);
    expect(
      await store.query(`SELECT count() AS n, uniqExact(id) AS u, max(id) AS m FROM ${store.t(created)}`),
    ).toEqual([{ n: '80000', u: '80000', m: '79999' }]);
  });

  test('an insert of many chunks and blocks', async () => {
    const { store, table } = parts();
    const created = await table('id UInt64');
    function* chunks(): Generator<Buffer> {
      const all = numberRows(0, 1_500_000);
      for (let at = 0; at < all.length; at += 777_777) yield all.subarray(at, at + 777_777);
    }
    await store.insertRowBinary(created, ['id'], chunks());
    expect(await store.query(`SELECT count() AS n, sum(id) AS s FROM ${store.t(created)}`)).toEqual([
      { n: '1500000', s: String((1_500_000n * 1_499_999n) / 2n) },
    ]);
  });

  test('Native blocks give the values that RowBinary gives, and default what they leave out', async () => {
    const { store, table } = parts();
    const names = ['w', 'r', 's', 'd'];
    const columns = "w DateTime64(9, 'UTC'), r Int32, s String, d LowCardinality(String), o UInt8 DEFAULT 7";
    const [native, binary] = [await table(columns), await table(columns)];
    const [w, r] = [
      new WordsColumn('w', "DateTime64(9, 'UTC')"),
      new RunColumn<number>('r', 'Int32', (n) => new Int32Array(n), 0),
    ];
    const [s, d] = [new StringColumn('s'), new DictionaryColumn('d')];
    const rows = new RowBinaryWriter();
    for (let i = 0; i < 70_000; i++) {
      const time = BigInt(i) * 86_400_000_000_001n - 1_000_000_000_000_000_000n;
      const number = -Math.floor(i / 1000);
      const texts = [i % 3 === 0 ? '' : `é${i}`, i < 400 ? `key ${i}` : ''] as const;
      w.setBig(i, time);
      r.set(i, number);
      s.text(i, texts[0]);
      d.text(i, texts[1]);
      rows.i64(time);
      rows.i32(number);
      for (const text of texts) rows.string(text);
    }
    await store.insertNative(native, names, nativeBlock([w, r, s, d], 70_000));
    await store.insertRowBinary(binary, names, [rows.take()]);
    const sums = (one: string) =>
      store.query(`SELECT count(), sum(sipHash64(w, r, s, d, o)), sum(o) FROM ${store.t(one)}`);
    expect(await sums(native)).toEqual(await sums(binary));
  });

  test('a body that breaks off at the end of a row leaves no rows', async () => {
    const { fixture, store, table, count, running } = parts();
    const created = await table('id UInt64');
    await Promise.all(
      Array.from({ length: 12 }, () =>
        cutInsert(fixture.connection(), store.t(created), numberRows(0, 20_000)),
      ),
    );
    await eventually(async () => (await running(`INTO ${store.t(created)}`)) === 0);
    expect(await count(created)).toBe(0);
    await store.insertRowBinary(created, ['id'], [numberRows(0, 5)]);
    expect(await count(created)).toBe(5);
  });

  test('rows that end with an error of their own: unknown outcome, nothing kept', async () => {
    const { store, table, count, running } = parts();
    const created = await table('id UInt64');
    async function* broken(): AsyncGenerator<Buffer> {
      yield numberRows(0, 1000);
      await sleep(50);
      throw new Error('the producer broke');
    }
    expect(await codeOf(store.insertRowBinary(created, ['id'], broken()))).toBe('insert_unknown');
    await eventually(async () => (await running(`INTO ${store.t(created)}`)) === 0);
    expect(await count(created)).toBe(0);
  });

  test('an insert that is not answered in time has an unknown outcome', async () => {
    const { fixture, store, table } = parts();
    const created = await table('id UInt64');
    async function* endless(): AsyncGenerator<Buffer> {
      yield numberRows(0, 10);
      await sleep(600_000, undefined, { ref: false });
    }
    const hasty = fixture.openStore({ insertTimeoutMs: 500 });
    expect(await codeOf(hasty.insertRowBinary(created, ['id'], endless()))).toBe('insert_unknown');
    const abort = new AbortController();
    const cancelled = codeOf(store.insertRowBinary(created, ['id'], endless(), { signal: abort.signal }));
    setTimeout(() => abort.abort(), 100);
    expect(await cancelled).toBe('insert_unknown');
  });

  test('a store that was never reached is unavailable, not unknown', async () => {
    const { fixture } = parts();
    const nowhere = fixture.openStore({ url: 'http://127.0.0.1:1', readRetries: 1 });
    expect(await codeOf(nowhere.query('SELECT 1'))).toBe('store_unavailable');
    expect(await codeOf(nowhere.insertRows('t', [{ a: 1 }]))).toBe('store_unavailable');
    expect(await nowhere.ping()).toBe(false);
  });
}

/** Sends part of an insert's body by hand and drops the connection. */
async function cutInsert(connection: StoreConnection, target: string, body: Buffer): Promise<void> {
  const url = new URL(connection.url);
  url.searchParams.set('query', `INSERT INTO ${target} FORMAT RowBinary`);
  const call = request(url, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': connection.username, 'X-ClickHouse-Key': connection.password },
  });
  const closed = new Promise<void>((resolve) => call.once('close', resolve));
  call.on('error', () => undefined);
  await new Promise<void>((resolve, reject) =>
    call.write(body, (error) => (error ? reject(error) : resolve())),
  );
  await sleep(Math.random() * 60);
  call.destroy();
  await closed;
}

const LOG_SETTINGS =
  'ENGINE = MergeTree ORDER BY writer SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1';

export function crashContract(parts: () => Pick<Parts, 'fixture' | 'store' | 'table'>): void {
  test('insertion order is total, and stays through merges and a crash', async () => {
    const { fixture, store, table } = parts();
    const created = await table('writer UInt64, seq UInt64', LOG_SETTINGS);
    await Promise.all(
      Array.from({ length: 4 }, async (_, writer) => {
        for (let i = 0; i < 15; i++)
          await store.insertRows(created, [
            { writer, seq: i * 2 },
            { writer, seq: i * 2 + 1 },
          ]);
      }),
    );
    const order = async (): Promise<{ writer: string; seq: string }[]> =>
      store.query(`SELECT writer, seq FROM ${store.t(created)} ORDER BY _block_number, _block_offset`);
    const before = await order();
    expect(before).toHaveLength(120);
    for (let writer = 0; writer < 4; writer++)
      expect(before.filter((row) => row.writer === String(writer)).map((row) => Number(row.seq))).toEqual(
        Array.from({ length: 30 }, (_, i) => i),
      );
    await store.command(`OPTIMIZE TABLE ${store.t(created)} FINAL`);
    expect(await order()).toEqual(before);
    await fixture.crash();
    expect(await order()).toEqual(before);
    await store.insertRows(created, [{ writer: 9, seq: 0 }]);
    await store.command(`OPTIMIZE TABLE ${store.t(created)} FINAL`);
    expect(await order()).toEqual([...before, { writer: '9', seq: '0' }]);
  });

  test('a crash under writers loses no acknowledged row', async () => {
    const { fixture, store, table } = parts();
    const created = await table('id UInt64');
    const batch = 500;
    const acknowledged: number[] = [];
    const unknown: number[] = [];
    const codes = new Set<ErrorCode>();
    let next = 0;
    let stop = false;
    const writers = Array.from({ length: 3 }, async () => {
      while (!stop) {
        const id = next++;
        try {
          await store.insertRowBinary(created, ['id'], [numberRows(id * batch, batch)]);
          acknowledged.push(id);
        } catch (error) {
          const { code } = error as RewindError;
          codes.add(code);
          if (code === 'insert_unknown') unknown.push(id);
          else await sleep(50);
        }
      }
    });
    const grown = async (by: number): Promise<void> => {
      const goal = acknowledged.length + by;
      await eventually(async () => acknowledged.length >= goal);
    };
    await grown(15);
    await fixture.crash();
    await grown(15);
    stop = true;
    await Promise.all(writers);
    const rows = await store.query<{ id: number; n: string }>(
      `SELECT toUInt32(intDiv(id, ${batch})) AS id, count() AS n FROM ${store.t(created)} GROUP BY 1`,
    );
    const there = new Map(rows.map((row) => [row.id, Number(row.n)]));
    for (const id of acknowledged) expect(there.get(id)).toBe(batch);
    for (const [id, n] of there) {
      expect(n).toBe(batch);
      expect(acknowledged.includes(id) || unknown.includes(id)).toBe(true);
    }
    for (const code of codes) expect(['insert_unknown', 'store_unavailable', 'store_busy']).toContain(code);
  });
}
