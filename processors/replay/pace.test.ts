import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobPace, nextStart, pacedUnitEvents } from './pace.js';

/** A clock that goes on only when somebody waits. */
class TestClock {
  at = 1_000;
  now(): number {
    return this.at;
  }
  async sleep(ms: number): Promise<void> {
    this.at += ms;
  }
}

const LIVE = new AbortController().signal;
const rate = (eventsPerSecond: number | null, bytesPerSecond: number | null = null) => ({
  eventsPerSecond,
  bytesPerSecond,
});

describe('the pace of collecting', () => {
  it('is held over any sequence of steps, by events, by bytes, and by the share of this process', async () => {
    const steps = fc.array(fc.record({ records: fc.nat(500), bytes: fc.nat(50_000) }), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.option(fc.integer({ min: 1, max: 5000 })),
        fc.option(fc.integer({ min: 1, max: 500_000 })),
        fc.constantFrom(1, 0.5, 0.1),
        async (list, events, bytes, share) => {
          const clock = new TestClock();
          const pace = new JobPace(clock);
          pace.set(rate(events, bytes));
          pace.setShare(share);
          let records = 0;
          let size = 0;
          for (const step of list) {
            await pace.take(step.records, step.bytes, LIVE);
            records += step.records;
            size += step.bytes;
            const seconds = (clock.at - 1_000) / 1000 + 1e-6;
            if (events !== null) expect(records).toBeLessThanOrEqual(events * share * seconds + 1e-3);
            if (bytes !== null) expect(size).toBeLessThanOrEqual(bytes * share * seconds + 1e-3);
          }
          const most =
            Math.max(events === null ? 0 : records / events, bytes === null ? 0 : size / bytes) / share;
          // The slower of the two rules each step, so the whole takes no longer than both one after the other.
          const both =
            ((events === null ? 0 : records / events) + (bytes === null ? 0 : size / bytes)) / share;
          expect((clock.at - 1_000) / 1000).toBeGreaterThanOrEqual(most - 1e-6);
          expect((clock.at - 1_000) / 1000).toBeLessThanOrEqual(both + 1e-6);
        },
      ),
    );
  });

  it('reads in steps of a tenth of a second', () => {
    const pace = new JobPace(new TestClock());
    expect(pace.step()).toBe(16_384);
    pace.set(rate(1000));
    expect(pace.step()).toBe(100);
    pace.setShare(0.25);
    expect(pace.step()).toBe(25);
    pace.set(rate(1));
    expect(pace.step()).toBe(1);
  });

  it('does not wait without a limit, and ends its wait when the job is stopped', async () => {
    const clock = new TestClock();
    const pace = new JobPace(clock);
    await pace.take(1e9, 1e12, LIVE);
    expect(clock.at).toBe(1_000);
    pace.set(rate(1));
    await expect(pace.take(1000, 1, AbortSignal.abort())).rejects.toMatchObject({ code: 'claim_lost' });
  });

  it('says for a while why it waited, and how far it came', async () => {
    const clock = new TestClock();
    const pace = new JobPace(clock);
    pace.set(rate(10));
    await pace.take(10, 100, LIVE);
    pace.hold('broker', 250);
    pace.hold('store', 100);
    pace.took(10, 100, 5_000);
    clock.at += 1_000;
    pace.took(30, 300, 4_000);
    expect(pace.report()).toMatchObject({ broker: 250, records: 40, bytes: 400, recordTimeMs: 5_000 });
    expect(pace.report()).toMatchObject({ recordsPerSecond: 40, bytesPerSecond: 400 });
    expect(pace.report().store).toBeUndefined();
    expect(pace.report().throttle).toBeGreaterThan(0);
    clock.at += 60_000;
    expect(pace.report()).toEqual({
      records: 40,
      bytes: 400,
      recordsPerSecond: 1,
      bytesPerSecond: 7,
      recordTimeMs: 5_000,
    });
  });
});

describe('the pace of folding', () => {
  it('holds over all that began units: n units take n - 1 costs at least', () => {
    const gaps = fc.array(fc.nat(50), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 100 }), (delays, cost) => {
        const starts: number[] = [];
        for (const delay of delays)
          starts.push(Math.max(nextStart(starts, cost), starts.at(-1) ?? 0) + delay);
        for (let i = 1; i < starts.length; i++)
          expect(starts[i]! - starts[i - 1]!).toBeGreaterThanOrEqual(cost);
      }),
    );
  });

  it('counts units that two processes began at once', () => {
    expect(nextStart([], 100)).toBe(0);
    expect(nextStart([1000], 100)).toBe(1100);
    expect(nextStart([1000, 1000], 100)).toBe(1200);
    expect(nextStart([1000, 5000], 100)).toBe(5100);
  });

  it('has small units where the pace is slow', () => {
    expect(pacedUnitEvents(200_000, rate(null))).toBe(200_000);
    expect(pacedUnitEvents(200_000, rate(10_000))).toBe(20_000);
    expect(pacedUnitEvents(200_000, rate(1))).toBe(100);
    expect(pacedUnitEvents(200_000, rate(1_000_000))).toBe(200_000);
  });
});
