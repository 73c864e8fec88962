import Value from 'typebox/value';
import { expect, it } from 'vitest';
import { Config } from '../../schemas/config.js';
import type { JobSpec } from '../../schemas/job.js';
import { freezeSpec, isSameRequest, type SpecContext } from './spec.js';

const NOON: SpecContext = {
  tenantId: 'acme',
  encodingHash: 'e',
  rules: { version: 1, hash: 'r' },
  baselineRules: null,
  source: { version: 1, hash: 's' },
  topics: ['audit-events'],
  hasLog: false,
  throttle: { eventsPerSecond: null, bytesPerSecond: null },
  limits: { maxEvents: null, maxBytes: null, maxRows: null, maxDurationMs: null },
  outputs: (Value.Default(Config, {}) as Config).outputs,
  sourceTopics: ['audit-events'],
  nowNs: 1_705_320_000_000_000_000n, // 2024-01-15T12:00:00Z
};
const LATER: SpecContext = { ...NOON, nowNs: NOON.nowNs + 1_000_000_000n };
const spec = (from: string, to: string): JobSpec => ({
  job_type: 'StateRebuild',
  encoding_version: 1,
  rule_version: 1,
  time_range_start: from,
  time_range_end: to,
});

it('freezes relative times to absolute ones', () => {
  const frozen = freezeSpec(spec('7d', '2h ago'), NOON);
  expect([frozen.startNs, frozen.endNs]).toEqual(['1704715200000000000', '1705312800000000000']);
  expect(frozen.requested).toMatchObject({
    time_range_start: '2024-01-08T12:00:00Z',
    time_range_end: '2024-01-15T10:00:00Z',
  });
  expect(() => freezeSpec(spec('now', '1h'), NOON)).toThrow('not after its start');
  expect(() => freezeSpec(spec('7 days', 'now'), NOON)).toThrow(
    expect.objectContaining({ code: 'time_invalid', pointer: '/time_range_start' }),
  );
});

it('takes a request with relative times for the same a second later, and no other', () => {
  const known = freezeSpec(spec('7d', 'now'), NOON);
  const same = (asked: JobSpec) => isSameRequest(asked, freezeSpec(asked, LATER), known);
  expect(same(spec('7d', 'now'))).toBe(true);
  expect(same({ ...spec('7d', 'now'), name: 'other' })).toBe(false);
  expect(same(spec('2024-01-08T12:00:00Z', 'now'))).toBe(true);
  expect(same(spec('2024-01-08T12:00:01Z', 'now'))).toBe(false);
});
