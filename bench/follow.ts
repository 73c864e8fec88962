/**
 * `npm run bench:follow`: a current state that is followed while 20,000 events a second come in through the front door of
 * an embedded server, and how long after it was accepted an event is seen in v1_current_state. One event in a thousand
 * comes late, and one in a thousand again. `--quick`: a minute in place of ten.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SCALE_TENANT, scaleEvents } from '../processors/generate/scale.js';
import { writeFigures } from './figures.js';
import { Probes, percentiles, tenths } from './follow-probes.js';
import { usageOf } from './measure.js';
import { eventLine, postLines } from './ndjson.js';
import { Ours } from './ours.js';
import { saveResults } from './results.js';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '600' },
    entities: { type: 'string', default: '100000' },
    quick: { type: 'boolean', default: false },
    'no-save': { type: 'boolean', default: false },
  },
});

const PRODUCERS = 20;
/** Each producer sends so often. */
const SEND_MS = 1_000;
/** Of all events, so many come late, and as many come again. */
const DISORDER = 0.001;
const LATE_NS = 10_000_000_000n;

interface Sent {
  readonly events: number;
  readonly seconds: number;
}

/** Lines as a producer sends them: now, but for the late ones; and now and then one that was sent before. */
class Lines {
  readonly #events: ReturnType<typeof scaleEvents>;
  #last = '';
  #count = 0;

  constructor(entities: number, seed: number) {
    this.#events = scaleEvents({ seed, events: 1e9, entities, partitions: 1, startNs: 0n, stepNs: 0n });
  }

  take(count: number): string[] {
    return Array.from({ length: count }, () => this.#line());
  }

  #line(): string {
    this.#count++;
    const every = Math.round(1 / DISORDER);
    if (this.#count % every === 0 && this.#last !== '') return this.#last;
    const late = this.#count % every === every >> 1;
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    const { event } = this.#events.next().value!;
    this.#last = line(event.eventId, event.entityId, late ? nowNs - LATE_NS : nowNs, event.payloadJson);
    return this.#last;
  }
}

/** What all events of this run have alike. */
const ALIKE = {
  eventType: 'device.reported',
  entityType: 'device',
  actor: 'agent-1',
  action: 'report',
  severity: 'info',
};

function line(eventId: string, entityId: string, occurredAtNs: bigint, payloadJson: string): string {
  return eventLine({ ...ALIKE, eventId, entityId, occurredAtNs, payloadJson });
}

/** One producer's share of the rate; a request that takes long is made good by larger ones. */
async function produce(ours: Ours, lines: Lines, rate: number, place: number, until: Until): Promise<number> {
  const { began, seconds, probes } = until;
  let sent = 0;
  await sleep((SEND_MS * place) / PRODUCERS);
  for (;;) {
    const elapsed = (performance.now() - began) / 1000;
    if (elapsed >= seconds) return sent;
    const due = Math.min(Math.floor((elapsed * rate) / PRODUCERS) - sent, 2 * rate);
    const probe = probes.next();
    const batch = lines.take(Math.max(0, due));
    if (probe !== null)
      batch.push(line(probe.eventId, probe.entityId, BigInt(Date.now()) * 1_000_000n, '{"status":"probe"}'));
    if (batch.length > 0) await postLines(ours, batch);
    sent += batch.length;
    if (probe !== null) probes.accepted(probe);
    const since = performance.now() - began - (SEND_MS * place) / PRODUCERS;
    await sleep(SEND_MS - (since % SEND_MS));
  }
}

interface Until {
  /** By performance.now(). */
  readonly began: number;
  readonly seconds: number;
  readonly probes: Probes;
}

/** Sends at the rate, from several producers at their own times. */
async function load(ours: Ours, lines: Lines, rate: number, seconds: number, probes: Probes): Promise<Sent> {
  const until = { began: performance.now(), seconds, probes };
  const sent = await Promise.all(
    Array.from({ length: PRODUCERS }, (_, place) => produce(ours, lines, rate, place, until)),
  );
  return {
    events: sent.reduce((a, b) => a + b, 0),
    seconds: (performance.now() - until.began) / 1000,
  };
}

async function main(): Promise<void> {
  const rate = Number(values.rate);
  const seconds = values.quick ? 60 : Number(values.seconds);
  const entities = Number(values.entities);
  const dataDir = mkdtempSync(join(tmpdir(), 'rewind-bench-follow-'));
  const ours = await Ours.start(dataDir);
  try {
    const lines = new Lines(entities, 1);
    await postLines(ours, lines.take(2 * entities));
    const { jobId } = await ours.run({ source: 'archive' });
    const tenant = `/tenants/${SCALE_TENANT}`;
    await ours.post(`${tenant}/replay-jobs/${jobId}/promote`, { reason: 'benchmark' });
    await ours.post(`${tenant}/current-state/follow`, { on: true });
    const probes = new Probes(ours.store);
    const watching = probes.watch();
    const sent = await load(ours, lines, rate, seconds, probes);
    await probes.end();
    await watching;
    const { node, engine } = ours.pids;
    const follow = {
      eventsPerSecond: Math.round(sent.events / sent.seconds),
      seconds: Math.round(sent.seconds),
      entities,
      visibleAfterMs: percentiles(probes.latencies),
      p99OfTenthsMs: tenths(probes.latencies).map((part) => percentiles(part).p99),
      probes: probes.latencies.length,
      peakRssMiB: {
        node: Math.round(usageOf(node).peakRssBytes / 2 ** 20),
        engine: Math.round(usageOf(engine).peakRssBytes / 2 ** 20),
      },
      cpuSeconds: {
        node: Math.round(usageOf(node).cpuSeconds),
        engine: Math.round(usageOf(engine).cpuSeconds),
      },
    };
    if (!values['no-save']) writeFigures(saveResults({ follow }));
    process.stdout.write(`${JSON.stringify(follow)}\n`);
  } finally {
    await ours.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
