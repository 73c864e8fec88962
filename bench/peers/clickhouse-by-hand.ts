/**
 * The peer "plain ClickHouse by hand": what a good analyst does without us. A small consumer copies the topic into a
 * plain table, one statement with window functions makes snapshots and diffs of it. Here is how it is run, as a process
 * of its own with an engine of its own; the work is in clickhouse-by-hand-main.ts, its SQL in clickhouse-by-hand-sql.ts.
 */
import { entryPoint } from '../../processors/package-root.js';
import { runMeasured } from '../measure.js';
import type { PeerResult } from './peer.js';

const TIMEOUT_MS = 30 * 60_000;

export interface ByHandOptions {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  /** A directory below it holds the engine's data while it runs. */
  readonly workDir: string;
  /** What the engine may take; default 4 GiB. */
  readonly memoryMaxBytes?: number;
}

/** Seconds are the sum of loading and the query; memory is the sum of the consumer's peak and the engine's. */
export interface ByHandResult extends PeerResult {
  /** From the first fetch until all rows are in the table. */
  readonly loadSeconds: number;
  /** Of the one statement. */
  readonly querySeconds: number;
}

/** What the program prints: its own memory is measured from outside. */
export type ByHandReport = Omit<ByHandResult, 'peakRssBytes'> & { readonly enginePeakRssBytes: number };

/** Runs from dist/. Errors: the program's own words. */
export async function runClickHouseByHand(options: ByHandOptions): Promise<ByHandResult> {
  const program = entryPoint('bench/peers/clickhouse-by-hand-main.js');
  const run = await runMeasured(process.execPath, [program, JSON.stringify(options)], {
    timeoutMs: TIMEOUT_MS,
  });
  const { enginePeakRssBytes, ...said } = JSON.parse(
    run.stdout.trim().split('\n').at(-1) ?? '',
  ) as ByHandReport;
  return { ...said, peakRssBytes: run.peakRssBytes + enginePeakRssBytes };
}
