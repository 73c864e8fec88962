/**
 * GET /metrics, for Prometheus. What this process did is counted as it happens; what the installation holds is read when
 * it is asked for, at most every ten seconds. Labels are closed sets: route patterns, statuses, parts, configured topics.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Following } from '../../processors/follow/contract.js';
import type { Instance } from '../../processors/instance/instance.js';
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import { MetricsAnswer } from '../../schemas/http-answer.js';
import { JOB_STATUSES } from '../../schemas/job.js';
import { followTotals } from './follow-metrics.js';

/** Who knows the figures. */
export interface MetricsSources {
  readonly instance: Instance;
  readonly following: Following;
}

const FIGURES_MAX_AGE_MS = 10_000;
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** On the app itself, before its routes: it counts the requests of all of them. */
export function installMetrics(app: FastifyInstance, config: Config, told: MetricsSources): void {
  const { enabled, token } = config.metrics;
  if (!enabled) return;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countRequests(app, registry);
  const read = instanceGauges(registry, told);
  app.get(
    '/metrics',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Figures of this process and of the installation, for Prometheus',
        tags: ['health'],
        response: { 200: MetricsAnswer },
      },
    },
    async (request, reply) => {
      if (token !== '') requireToken(request, token);
      await read();
      return reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}

function requireToken(request: FastifyRequest, token: string): void {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new RewindError('forbidden', 'the figures take the bearer token of metrics.token');
}

function countRequests(app: FastifyInstance, registry: Registry): void {
  const seconds = new Histogram({
    name: 'rewind_http_request_seconds',
    help: 'HTTP requests by route and status, from the first byte to the last',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: REQUEST_SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // A path that no route takes has no pattern; its own text would be a label without bound.
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    const method = request.is404 ? 'any' : request.method;
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

/** Gauges of what the installation holds, and what fills them. */
function instanceGauges(registry: Registry, { instance, following }: MetricsSources): () => Promise<void> {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `rewind_${name}`, help, labelNames, registers });
  const up = gauge('part_up', '1 if the part answers', 'part');
  const seconds = gauge('part_answer_seconds', 'How long the part took to answer', 'part');
  const jobs = gauge('jobs', 'Replay jobs of all tenants', 'status');
  const processed = gauge('job_events_processed', 'Events folded or decided by the jobs there are', 'status');
  const failed = gauge('job_events_failed', 'Events that these jobs could not fold', 'status');
  const lag = gauge('archive_lag_records', 'Records that the log holds and the archive does not', 'topic');
  const followed = gauge('follow_sets', 'Current states that are followed');
  const failing = gauge('follow_failing', 'Of these, those whose last step could not be made');
  const behind = gauge(
    'follow_lag_records',
    'Records of the archive that followed current states do not have yet',
  );
  const age = gauge(
    'follow_lag_seconds',
    'Age of the oldest accepted event that its current state does not have yet',
  );
  const untold = gauge('follow_untold_steps', 'Steps that output topics do not have yet');
  const made = followTotals(registry);

  const readFigures = async () => {
    const figures = new Map((await instance.jobs()).map((one) => [one.status, one]));
    for (const status of JOB_STATUSES) {
      jobs.set({ status }, figures.get(status)?.jobs ?? 0);
      processed.set({ status }, figures.get(status)?.processed ?? 0);
      failed.set({ status }, figures.get(status)?.failed ?? 0);
    }
    for (const { topic, records } of await instance.archiveLag()) lag.set({ topic }, Number(records));
    const follow = await following.figures();
    followed.set(follow.sets);
    failing.set(follow.failing);
    behind.set(follow.lagRecords);
    age.set(follow.lagSeconds);
    untold.set(follow.untoldSteps);
    made(follow.totals);
  };
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    for (const [part, state] of Object.entries(await instance.parts())) {
      up.set({ part }, state.up ? 1 : 0);
      seconds.set({ part }, state.seconds);
    }
    if (performance.now() - readAt < FIGURES_MAX_AGE_MS) return;
    readAt = performance.now();
    // A part that is down is a figure, too: part_up says so, and the others keep what was known last.
    await readFigures().catch(() => undefined);
  };
}
