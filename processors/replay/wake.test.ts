import { expect, test } from 'vitest';
import { Wake } from './wake.js';

const never = new AbortController().signal;

test('what happened between look and wait is not missed', async () => {
  const wake = new Wake();
  const { count } = wake;
  wake.wake();
  await wake.wait(count, 2 ** 30, never);
});

test('a wait ends by a wake, for all who wait, and by the signal', async () => {
  const wake = new Wake();
  const stop = new AbortController();
  const ended: string[] = [];
  const waits = [
    wake.wait(wake.count, 2 ** 30, never).then(() => ended.push('a')),
    wake.wait(wake.count, 2 ** 30, never).then(() => ended.push('b')),
  ];
  wake.wake();
  await Promise.all(waits);
  expect(ended.sort()).toEqual(['a', 'b']);
  const last = wake.wait(wake.count, 2 ** 30, stop.signal);
  stop.abort();
  await last;
});

test('a wait ends by itself', async () => {
  const wake = new Wake();
  await wake.wait(wake.count, 1, never);
});
