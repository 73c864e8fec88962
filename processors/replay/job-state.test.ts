import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJobEvent, foldJobEvents, isTerminal, type JobEvent, type JobEventKind } from './job-state.js';

let clock = 0;
const event = (kind: JobEventKind, body: unknown = null): JobEvent => ({
  jobId: 'j',
  tenantId: 't',
  kind,
  actor: `actor of ${kind}`,
  body,
  place: clock,
  writtenAt: `2024-01-01T00:00:${String(clock++ % 60).padStart(2, '0')}Z`,
});
const status = (...kinds: JobEventKind[]) => foldJobEvents(kinds.map((kind) => event(kind)))?.status ?? null;

describe('the state of a job', () => {
  it.each<[JobEventKind[], string | null]>([
    [[], null],
    [['started', 'complete'], null],
    [['created'], 'Pending'],
    [['created', 'planned'], 'Pending'],
    [['created', 'planned', 'started'], 'Running'],
    [['created', 'started', 'paused'], 'Paused'],
    [['created', 'started', 'paused', 'resumed'], 'Pending'],
    [['created', 'started', 'paused', 'resumed', 'started'], 'Running'],
    [['created', 'paused', 'resumed'], 'Pending'],
    [['created', 'paused', 'started'], 'Paused'],
    [['created', 'paused', 'started', 'resumed', 'started'], 'Running'],
    [['created', 'started', 'resumed'], 'Running'],
    [['created', 'started', 'complete'], 'Complete'],
    [['created', 'cancelled'], 'Cancelled'],
    [['created', 'failed', 'started'], 'Failed'],
    [['created', 'started', 'failed', 'resumed'], 'Pending'],
    [['created', 'started', 'failed', 'complete', 'cancelled', 'paused'], 'Failed'],
    [['created', 'started', 'failed', 'complete', 'resumed', 'started', 'complete'], 'Complete'],
    [['created', 'failed', 'deleted', 'resumed'], 'Failed'],
    [['created', 'cancelled', 'dropped', 'settled', 'resumed'], 'Cancelled'],
    [['created', 'started', 'cancelled', 'complete'], 'Cancelled'],
    [['created', 'started', 'complete', 'cancelled'], 'Complete'],
    [['created', 'started', 'complete', 'failed', 'paused', 'resumed', 'created'], 'Complete'],
  ])('after %j is %s', (kinds, expected) => {
    expect(status(...kinds)).toBe(expected);
  });

  it('keeps the first spec, the first plan and the first result', () => {
    const state = foldJobEvents([
      event('created', 'spec 1'),
      event('created', 'spec 2'),
      event('planned', 'plan 1'),
      event('planned', 'plan 2'),
      event('started'),
      event('complete', 'result 1'),
      event('complete', 'result 2'),
      event('failed', 'error'),
    ]);
    expect(state).toMatchObject({
      spec: 'spec 1',
      plan: 'plan 1',
      result: 'result 1',
      error: null,
      actor: 'actor of created',
    });
  });

  it('keeps the time of the first start and of the first end', () => {
    const times = ['created', 'started', 'paused', 'resumed', 'started', 'cancelled', 'complete'] as const;
    const events = times.map((kind, i) => ({ ...event(kind), writtenAt: `time ${i}` }));
    expect(foldJobEvents(events)).toMatchObject({
      createdAt: 'time 0',
      startedAt: 'time 1',
      completedAt: 'time 5',
    });
  });

  const kinds = fc.constantFrom<JobEventKind>(
    'created',
    'planned',
    'started',
    'paused',
    'resumed',
    'complete',
    'failed',
    'cancelled',
    'dropped',
    'deleted',
    'settled',
  );

  it('never leaves Complete and Cancelled, and Failed only by a resume', () => {
    const story = (state: ReturnType<typeof foldJobEvents>) =>
      JSON.stringify([state?.status, state?.plan, state?.error, state?.startedAt, state?.completedAt]);
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 30 }), (sequence) => {
        let state = foldJobEvents([event('created')]);
        let ended: string | null = null;
        for (const [i, kind] of sequence.entries()) {
          const failed = state?.status === 'Failed' && state.deleted === null;
          state = applyJobEvent(state, event(kind, i));
          if (failed && kind === 'resumed') {
            expect(state).toMatchObject({ status: 'Pending', error: null, completedAt: null });
            ended = null;
          } else if (ended !== null) expect(story(state)).toBe(ended);
          else if (state !== null && isTerminal(state.status)) ended = story(state);
        }
      }),
    );
  });

  it('has something to settle from a cancel or a deletion on, until that is done', () => {
    const unsettled = (...after: JobEventKind[]) =>
      foldJobEvents(['created' as const, ...after].map((kind) => event(kind)))?.unsettled;
    expect(unsettled('started', 'complete')).toBe(false);
    expect(unsettled('started', 'complete', 'cancelled')).toBe(false);
    expect(unsettled('cancelled')).toBe(true);
    expect(unsettled('cancelled', 'dropped', 'settled')).toBe(false);
    expect(unsettled('cancelled', 'settled', 'deleted')).toBe(true);
    expect(unsettled('complete', 'deleted', 'settled')).toBe(false);
  });

  it('keeps the rows of a cancelled job only when asked to, and then says what they are', () => {
    const cancelled = (body: unknown) => foldJobEvents([event('created'), event('cancelled', body)]);
    expect(cancelled(null)?.rows).toBe('drop');
    expect(cancelled({ rows: 'drop' })?.rows).toBe('drop');
    expect(cancelled({ rows: 'keep' })?.rows).toBe('keep');
    const kept = [event('created'), event('cancelled', { rows: 'keep' }), event('settled', 'result')];
    expect(foldJobEvents(kept)?.result).toBe('result');
  });
});
