/**
 * `npm run bench`: the race against Kafka Streams and ClickHouse by hand on one topic, in one run. `--quick` gives the
 * ratios in a few minutes. Everything it starts is its own and gone afterwards; figures go to bench/results.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFigures } from './figures.js';
import { race } from './race.js';
import { raceFigures, raceTable, ratiosOf, saveResults } from './results.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    events: { type: 'string' },
    entities: { type: 'string', default: '20000' },
    rounds: { type: 'string' },
    /** Leaves bench/results.json as it is. */
    'no-save': { type: 'boolean', default: false },
  },
});
const { quick } = values;
const started = performance.now();
const log = (line: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
};
const workDir = mkdtempSync(join(tmpdir(), 'rewind-bench-'));
try {
  const result = await race({
    events: Number(values.events ?? (quick ? 1_000_000 : 2_000_000)),
    entities: Number(values.entities),
    rounds: Number(values.rounds ?? (quick ? 1 : 3)),
    quick,
    workDir,
    log,
  });
  if (!values['no-save'] && !quick) writeFigures(saveResults(raceFigures(result)));
  process.stdout.write(`${raceTable(result.runs)}\n${JSON.stringify(ratiosOf(result.runs), null, 2)}\n`);
  process.stdout.write(`bytes a snapshot: ${JSON.stringify(result.bytesPerSnapshot)}\n`);
} finally {
  rmSync(workDir, { recursive: true, force: true });
}
