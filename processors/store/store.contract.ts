/**
 * What every store must do, as tests over a factory: run by store.embedded.test.ts on the engine child and by
 * store.server.test.ts on a ClickHouse server.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RowBinaryWriter } from './rowbinary.js';
import type { Store } from './store.js';
import { codeOf, numberRows, type Parts, type StoreFixture } from './store-contract.fixture.js';
import { crashContract, insertsContract } from './store-inserts.contract.js';
import { readsContract } from './store-reads.contract.js';

export function storeContract(name: string, start: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: Store;
    let tables = 0;

    beforeAll(async () => {
      fixture = await start();
      store = fixture.store;
    });
    afterAll(async () => {
      await fixture?.stop();
    });

    /** A table for one test. */
    async function table(columns: string, rest = 'ENGINE = MergeTree ORDER BY tuple()'): Promise<string> {
      const created = `contract_${++tables}`;
      await store.command(`CREATE TABLE ${store.t(created)} (${columns}) ${rest}`);
      return created;
    }
    const count = async (created: string): Promise<number> =>
      Number((await store.query<{ n: string }>(`SELECT count() AS n FROM ${store.t(created)}`))[0]!.n);
    /** Statements that run now and carry the mark. */
    const running = async (mark: string): Promise<number> => {
      const [row] = await store.query<{ n: string }>(
        'SELECT count() AS n FROM system.processes WHERE position(query, reverse({mark:String})) > 0',
        { mark: [...mark].reverse().join('') },
      );
      return Number(row!.n);
    };

    valuesContract(() => ({ store, table, count }));
    readsContract(() => ({ fixture, store, running }));
    isolationContract(() => ({ fixture, store, table, count }));
    insertsContract(() => ({ fixture, store, table, count, running }));
    crashContract(() => ({ fixture, store, table, count }));
  });
}

function valuesContract(parts: () => Pick<Parts, 'store' | 'table' | 'count'>): void {
  const hostile = `'; DROP TABLE x; -- " \` \\ \\' \t\n\r\n\n {a:String} $$ é 漢 😀 \u0000 end`;
  const bound: [type: string, value: unknown, expected: unknown][] = [
    ['String', hostile, hostile],
    ['String', '', ''],
    ['UInt64', 18446744073709551615n, '18446744073709551615'],
    ['Int64', '-9223372036854775808', '-9223372036854775808'],
    ['UInt8', 255, 255],
    ['Float64', 0.1, 0.1],
    ['Decimal(38, 9)', '12345678901234567890.123456789', '12345678901234567890.123456789'],
    ['Bool', true, true],
    ['UUID', '00000000-0000-ffff-8000-0123456789ab', '00000000-0000-ffff-8000-0123456789ab'],
    ['Date', '2024-02-29', '2024-02-29'],
    ["DateTime64(9, 'UTC')", '2024-01-15 10:30:00.123456789', '2024-01-15T10:30:00.123456789Z'],
    ['Nullable(String)', null, null],
    ['Array(String)', [hostile, '', ']'], [hostile, '', ']']],
    ['Array(UInt64)', [0n, 18446744073709551615n], ['0', '18446744073709551615']],
    ['Array(Nullable(Int32))', [1, null], [1, null]],
    ['Map(String, String)', { "k'1": hostile }, { "k'1": hostile }],
  ];
  test.each(bound)('binds %s', async (type, value, expected) => {
    const { store } = parts();
    const cast = type.startsWith('Decimal') ? 'toString({v:' : '{v:';
    const rows = await store.query(`SELECT ${cast}${type}}${type.startsWith('Decimal') ? ')' : ''} AS v`, {
      v: value,
    });
    expect(rows).toEqual([{ v: expected }]);
  });

  test('parameters of parallel statements do not mix', async () => {
    const { store } = parts();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => store.query('SELECT {v:String} AS v', { v: `value ${i}` })),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, i) => [{ v: `value ${i}` }]));
  });

  test('RowBinary keeps every byte, and left-out columns take their defaults', async () => {
    const { store, table } = parts();
    const created = await table(
      'id UInt64, blob String, twice UInt64 DEFAULT id * 2, size UInt64 DEFAULT length(blob), hash UInt64 DEFAULT sipHash64(blob, id)',
    );
    const blobs = [
      Buffer.from('\n\n'),
      Buffer.from('a\n\nINSERT INTO nowhere VALUES (1)\n\n;'),
      Buffer.alloc(0),
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
      randomBytes(300_000),
      Buffer.from('é漢😀\u0000'),
    ];
    const writer = new RowBinaryWriter(16);
    blobs.forEach((blob, i) => {
      writer.u64(BigInt(i));
      writer.bytes(blob);
    });
    await store.insertRowBinary(created, ['id', 'blob'], [writer.take()]);
    const rows = await store.query<{ id: string; md5: string; twice: string; size: string; same: number }>(
      `SELECT id, lower(hex(MD5(blob))) AS md5, twice, size, hash = sipHash64(blob, id) AS same
       FROM ${store.t(created)} ORDER BY id`,
    );
    expect(rows).toEqual(
      blobs.map((blob, i) => ({
        id: String(i),
        md5: createHash('md5').update(blob).digest('hex'),
        twice: String(i * 2),
        size: String(blob.length),
        same: 1,
      })),
    );
  });

  test('rows as objects: 64-bit numbers, text with line breaks, defaults of left-out columns', async () => {
    const { store, table } = parts();
    const created = await table(
      "id UInt64, body String, at DateTime64(9, 'UTC'), kind Enum8('a' = 1, 'b' = 2) DEFAULT 'b'",
    );
    const body = 'first\n\n{"a":1}\r\n\'"\\ é 😀';
    await store.insertRows(created, [
      { id: 18446744073709551615n, body, at: '2024-01-15T10:30:00.123456789Z' },
      { id: '9007199254740993', body: '', at: '2024-01-15T10:30:00Z', kind: 'a' },
    ]);
    expect(await store.query(`SELECT * FROM ${store.t(created)} ORDER BY id DESC`)).toEqual([
      { id: '18446744073709551615', body, at: '2024-01-15T10:30:00.123456789Z', kind: 'b' },
      { id: '9007199254740993', body: '', at: '2024-01-15T10:30:00.000000000Z', kind: 'a' },
    ]);
    expect(await codeOf(store.insertRows(created, [{ id: 1, unknown: 2 }]))).toBe('store_rejected');
  });

  test('data that does not fit is refused, and nothing of it is kept', async () => {
    const { store, table, count } = parts();
    const created = await table('id UInt64, body String');
    const torn = Buffer.concat([numberRows(0, 1), Buffer.from([200, 1, 65])]);
    expect(await codeOf(store.insertRowBinary(created, ['id', 'body'], [torn]))).toBe('store_rejected');
    expect(await count(created)).toBe(0);
  });
}

function isolationContract(parts: () => Pick<Parts, 'fixture' | 'store' | 'table' | 'count'>): void {
  test('settings of one statement do not reach another', async () => {
    const { store } = parts();
    const threads = async (settings: Record<string, string | number> = {}): Promise<string> =>
      (
        await store.query<{ v: string }>("SELECT toString(getSetting('max_threads')) AS v", {}, { settings })
      )[0]!.v;
    const usual = await threads();
    const seen = await Promise.all(
      Array.from({ length: 24 }, (_, i) => threads(i % 2 === 0 ? { max_threads: 3 + i } : {})),
    );
    expect(seen).toEqual(Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? String(3 + i) : usual)));
  });

  test('a dedup token of one insert does not swallow the next', async () => {
    const { store, table, count } = parts();
    const created = await table(
      'id UInt64',
      'ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
    );
    const token = { insert_deduplicate: 1, deduplicate_insert: 'enable', insert_deduplication_token: 'one' };
    await store.insertRowBinary(created, ['id'], [numberRows(0, 10)], { settings: token });
    await store.insertRowBinary(created, ['id'], [numberRows(10, 10)]);
    await store.insertRowBinary(created, ['id'], [numberRows(10, 10)]);
    await store.insertRows(created, [{ id: 7 }]);
    expect(await count(created)).toBe(31);
  });

  test('a reader reads and cannot write', async () => {
    const { fixture, store, table, count } = parts();
    const created = await table('id UInt64');
    await store.insertRows(created, [{ id: 1 }]);
    const reader = fixture.readerStore;
    expect(await reader.query(`SELECT id FROM ${reader.t(created)}`)).toEqual([{ id: '1' }]);
    const settings = { readonly: 0 };
    expect(await codeOf(reader.insertRows(created, [{ id: 2 }]))).toBe('store_rejected');
    expect(await codeOf(reader.insertRowBinary(created, ['id'], [numberRows(0, 5)], { settings }))).toBe(
      'store_rejected',
    );
    expect(await codeOf(reader.command(`DROP TABLE ${reader.t(created)}`, {}, { settings }))).toBe(
      'store_rejected',
    );
    expect(await codeOf(reader.command(`INSERT INTO ${reader.t(created)} SELECT 3`))).toBe('store_rejected');
    expect(await count(created)).toBe(1);
  });

  test('several statements in one text are refused', async () => {
    const { store, table, count } = parts();
    const created = await table('id UInt64');
    expect(
      await codeOf(store.command(`INSERT INTO ${store.t(created)} SELECT 1; DROP TABLE ${store.t(created)}`)),
    ).toBe('store_rejected');
    expect(await count(created)).toBe(0);
  });

  test('a wrong password is refused', async () => {
    const { fixture } = parts();
    const stranger = fixture.openStore({ password: 'guess' });
    expect(await codeOf(stranger.query('SELECT 1'))).toBe('store_rejected');
    expect(await stranger.ping()).toBe(false);
  });
}
