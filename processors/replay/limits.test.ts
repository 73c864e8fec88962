import { expect, test } from 'vitest';
import type { ReplayPlan } from '../../schemas/job.js';
import { foldJobEvents, type JobEventKind } from './job-state.js';
import { checkEvents, checkPlan, checkRows, overdue } from './limits.js';
import { durationMs, frozenLimits, frozenThrottle } from './spec-limits.js';

const NONE = { maxEvents: null, maxBytes: null, maxRows: null, maxDurationMs: null };
const PLAN = {
  eventsInArchive: '100',
  bytesToRead: '5000',
  diskNeededBytes: '16000',
  diskFreeBytes: '20000',
} as ReplayPlan;
const SPEC = {
  job_type: 'StateRebuild' as const,
  encoding_version: 1,
  rule_version: 1,
  time_range_start: '',
  time_range_end: '',
};

function codeOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test.each([
  [NONE, 0, null],
  [{ ...NONE, maxEvents: 100 }, 0, null],
  [{ ...NONE, maxEvents: 99 }, 0, 'max_events_exceeded'],
  [{ ...NONE, maxBytes: 5000 }, 0, null],
  [{ ...NONE, maxBytes: 4999 }, 0, 'max_bytes_exceeded'],
  [NONE, 4000, null],
  [NONE, 4001, 'disk_too_small'],
])('a plan within %j and %d bytes in reserve: %s', (limits, reserve, code) => {
  expect(codeOf(() => checkPlan(PLAN, limits, reserve))).toBe(code);
});

test('a plan that writes nothing needs no disk', () => {
  const plan = { ...PLAN, diskNeededBytes: '0', diskFreeBytes: '0' };
  expect(codeOf(() => checkPlan(plan, NONE, 1_000_000))).toBeNull();
});

test('events and rows are counted against their limits', () => {
  expect(codeOf(() => checkEvents(10, { ...NONE, maxEvents: 10 }))).toBeNull();
  expect(codeOf(() => checkEvents(11, { ...NONE, maxEvents: 10 }))).toBe('max_events_exceeded');
  expect(codeOf(() => checkRows(11, { ...NONE, maxRows: 10 }))).toBe('max_rows_exceeded');
});

test('only the time that a job runs counts', () => {
  const at = (kind: JobEventKind, seconds: number) => ({
    jobId: 'j',
    tenantId: 't',
    kind,
    actor: '',
    body: null,
    place: seconds,
    writtenAt: new Date(seconds * 1000).toISOString(),
  });
  const state = foldJobEvents([
    at('created', 0),
    at('started', 100),
    at('paused', 110),
    at('resumed', 500),
    at('started', 600),
  ])!;
  expect(state.times).toMatchObject({ queuedMs: 200_000, runningMs: 10_000, pausedMs: 390_000 });
  const limits = { ...NONE, maxDurationMs: 15_000 };
  expect(overdue(state, limits, 605_000)).toBeNull();
  expect(overdue(state, limits, 605_001)).toMatchObject({ code: 'max_duration_exceeded' });
  expect(overdue(state, NONE, 9e12)).toBeNull();
});

test('a job asks for less than the configuration allows, never for more', () => {
  const config = { ...NONE, maxEvents: 1000, maxDurationMs: 60_000 };
  expect(frozenLimits(SPEC, config)).toEqual(config);
  expect(frozenLimits({ ...SPEC, max_events: 10, max_rows: 5, max_duration: '2h' }, config)).toEqual({
    maxEvents: 10,
    maxBytes: null,
    maxRows: 5,
    maxDurationMs: 60_000,
  });
  expect(['250ms', '90s', '5m', '2h', '1d'].map(durationMs)).toEqual([
    250, 90_000, 300_000, 7_200_000, 86_400_000,
  ]);
});

test('of a throttle what is left out stays, and null is no limit', () => {
  const now = { eventsPerSecond: 100, bytesPerSecond: 200 };
  expect(frozenThrottle({}, now)).toEqual(now);
  expect(frozenThrottle({ events_per_second: null }, now)).toEqual({
    eventsPerSecond: null,
    bytesPerSecond: 200,
  });
  expect(frozenThrottle({ bytes_per_second: 7 }, now)).toEqual({ eventsPerSecond: 100, bytesPerSecond: 7 });
});
