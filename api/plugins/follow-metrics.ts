/**
 * What the steps of followed current states came to. Worker processes make them and the store has their sums, so that every
 * API process shows the same; when a set is not followed any more its sums go, as a counter does that begins again.
 */
import { Counter, type Registry } from 'prom-client';
import { STEP_SECONDS, type StepTotals } from '../../processors/follow/totals.js';

/** Returns what sets them. */
export function followTotals(registry: Registry): (totals: StepTotals) => void {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: `rewind_follow_${name}`, help, labelNames, registers });
  const steps = counter('steps_total', 'Steps that folded something');
  const events = counter('events_total', 'Events that steps folded, each once');
  const refolded = counter('refolded_total', 'Entities that steps folded again from their first event');
  // A histogram by its parts: it is kept elsewhere, and the library fills its own by single values alone.
  const bucket = counter('step_seconds_bucket', 'Steps that took no longer than so many seconds', 'le');
  const seconds = counter('step_seconds_sum', 'Time that steps took');
  const count = counter('step_seconds_count', 'Steps that folded something');
  return (totals) => {
    const set = (one: { reset(): void; inc(value: number): void }, value: number) => {
      one.reset();
      one.inc(value);
    };
    set(steps, totals.steps);
    set(events, totals.events);
    set(refolded, totals.refolded);
    set(seconds, totals.seconds);
    set(count, totals.steps);
    bucket.reset();
    STEP_SECONDS.forEach((le, i) => {
      bucket.inc({ le: String(le) }, totals.within[i]!);
    });
    bucket.inc({ le: '+Inf' }, totals.steps);
  };
}
