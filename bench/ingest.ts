/**
 * `npm run bench:ingest`: how fast events come in through the front door, as NDJSON, into the embedded log: by one HTTP
 * request, and by `rewind ingest FILE`. Accepted means durable.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { SCALE_TENANT } from '../processors/generate/scale.js';
import { runRewind } from '../processors/testing/rewind-process.js';
import { writeFigures } from './figures.js';
import { eventLine } from './ndjson.js';
import { Ours } from './ours.js';
import { saveResults } from './results.js';
import { type BenchEvents, benchEvents } from './topic.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    'no-save': { type: 'boolean', default: false },
  },
});

function* lines(options: BenchEvents): Generator<string> {
  for (const { event } of benchEvents(options)) yield eventLine(event);
}

/** The file as the body of one request; the answer's counts. */
function postFile(url: string, file: string): Promise<{ accepted: number }> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve((JSON.parse(text) as { data: { accepted: number } }).data));
      },
    );
    call.on('error', reject);
    createReadStream(file, { highWaterMark: 1 << 20 }).pipe(call);
  });
}

async function main(): Promise<void> {
  const events = Number(values.events);
  const workDir = mkdtempSync(join(tmpdir(), 'rewind-bench-ingest-'));
  const file = join(workDir, 'events.ndjson');
  const rates: Record<string, number> = {};
  try {
    const input = { events, entities: 20_000, partitions: 8, seed: 1 };
    await pipeline(lines(input), createWriteStream(file));
    for (const way of ['http', 'cli'] as const) {
      const dataDir = mkdtempSync(join(workDir, `${way}-`));
      const ours = await Ours.start(dataDir);
      try {
        const began = performance.now();
        if (way === 'http') {
          const { accepted } = await postFile(`${ours.url}/tenants/${SCALE_TENANT}/audit-events`, file);
          if (accepted !== events) throw new Error(`${accepted} of ${events} events accepted`);
        } else {
          const argv = ['ingest', file, '--tenant', SCALE_TENANT, '--url', ours.url];
          const { code, err } = await runRewind(argv, { cwd: workDir, env: {} });
          if (code !== 0) throw new Error(`rewind ingest ended with ${code}: ${err}`);
        }
        rates[way] = Math.round(events / ((performance.now() - began) / 1000));
        const { rows } = await ours.tableSize('audit_events');
        if (rows !== events) throw new Error(`${rows} of ${events} events are in the archive`);
      } finally {
        await ours.stop();
      }
    }
    const figures = { ingestEventsPerSecond: rates };
    if (!values['no-save']) writeFigures(saveResults(figures));
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

await main();
