import { expect, it } from 'vitest';
import { FetchQuota } from './fetch-quota.js';

const MOST = 8 << 20;
const wanted = [{ topic: 'events', partition: 3, fetchAt: 41n }];
const empty = { throttleMs: 2_000, emptied: true, deliveries: [] };
const came = (bytes: number) => ({ throttleMs: 0, emptied: false, deliveries: [{ bytes }] });

it('asks for half with each answer that the quota held back, and for more again with each that came', () => {
  let now = 0;
  const quota = new FetchQuota(MOST, 10_000, () => now);
  expect(quota.maxBytes).toBe(MOST);
  const asked: number[] = [];
  for (let i = 0; i < 12; i++) {
    quota.answered(empty, wanted);
    asked.push(quota.maxBytes);
    now += 100;
  }
  expect(asked.slice(0, 3)).toEqual([MOST / 2, MOST / 4, MOST / 8]);
  expect(asked.at(-1)).toBe(16 << 10);
  quota.answered(came(20_000), wanted);
  expect(quota.maxBytes).toBe(24 << 10);
  for (let i = 0; i < 30; i++) quota.answered(came(20_000), wanted);
  expect(quota.maxBytes).toBe(MOST);
  quota.answered(empty, wanted);
  expect(quota.maxBytes).toBe(16 << 10);
});

it('gives up where nothing came for the time of a stall, and says whose quota it is', () => {
  let now = 0;
  const quota = new FetchQuota(MOST, 10_000, () => now);
  for (let i = 0; i < 5; i++) {
    quota.answered(empty, wanted);
    now += 2_000;
  }
  expect(() => quota.answered(empty, wanted)).toThrow(
    /events\/3 at offset 41: for 10 s .*consumer_byte_rate/,
  );
});

it('does not give up after few answers, however long each makes wait', () => {
  let now = 0;
  const quota = new FetchQuota(MOST, 10_000, () => now);
  for (let i = 0; i < 3; i++) {
    quota.answered(empty, wanted);
    now += 30_000;
  }
  quota.answered(came(1), wanted);
  quota.answered(empty, wanted);
});
