/** What a job may use: its own limits and pace within those of the configuration. Pure. */
import type { Config } from '../../schemas/config.js';
import type { JobLimits, JobSpec, JobThrottle, Throttle } from '../../schemas/job.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s` → 90,000. The text is of the schema's pattern. */
export function durationMs(text: string): number {
  const unit = /[a-z]+$/.exec(text)![0];
  return Number(text.slice(0, -unit.length)) * UNIT_MS[unit]!;
}

/** What the configuration says for every job. The pace protects brokers: without any there is none. */
export function limitsOf({ jobs, kafka }: Pick<Config, 'jobs' | 'kafka'>): {
  limits: JobLimits;
  throttle: Throttle;
} {
  const finite = (value: number): number | null => (value === 0 ? null : value);
  const paced = kafka.brokers.length > 0;
  return {
    limits: {
      maxEvents: finite(jobs.maxEvents),
      maxBytes: finite(jobs.maxBytes),
      maxRows: finite(jobs.maxRows),
      maxDurationMs: finite(jobs.maxDurationMs),
    },
    throttle: {
      eventsPerSecond: paced ? finite(jobs.eventsPerSecond) : null,
      bytesPerSecond: paced ? finite(jobs.bytesPerSecond) : null,
    },
  };
}

export function frozenLimits(spec: JobSpec, config: JobLimits): JobLimits {
  const duration = spec.max_duration === undefined ? undefined : durationMs(spec.max_duration);
  return {
    maxEvents: least(spec.max_events, config.maxEvents),
    maxBytes: least(spec.max_bytes, config.maxBytes),
    maxRows: least(spec.max_rows, config.maxRows),
    maxDurationMs: least(duration, config.maxDurationMs),
  };
}

/** What is left out stays as it is. */
export function frozenThrottle(asked: JobThrottle, now: Throttle): Throttle {
  const { events_per_second: events, bytes_per_second: bytes } = asked;
  return {
    eventsPerSecond: events === undefined ? now.eventsPerSecond : events,
    bytesPerSecond: bytes === undefined ? now.bytesPerSecond : bytes,
  };
}

function least(asked: number | undefined, limit: number | null): number | null {
  if (asked === undefined) return limit;
  return limit === null ? asked : Math.min(asked, limit);
}
