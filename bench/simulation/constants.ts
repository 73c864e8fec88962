/**
 * What the simulation reckons with: one table, each figure with where it was measured. "2 cores" is the machine of
 * docs/results.md, where engine, broker and Node share two cores; figures of CPU time move less with the machine than
 * figures of wall-clock time. Microseconds of CPU unless the name says otherwise.
 */

export const MEASURED = {
  /** Engine, one small statement (claim, read back, beat, poll): 4–8 ms on the embedded engine, 2 cores. A server's own HTTP handler may take less. */
  smallStatementUs: 6_000,
  /** Worker process, the same statement, before the engine sees it; embedded, 2 cores. */
  smallStatementNodeUs: 1_300,
  /** Engine, each row that a read of the unit log answers; reads of 2,000 and 40,000 rows, embedded, 2 cores. */
  unitLogRowUs: 1.3,
  /** Worker process, the same row: parsed and folded. */
  unitLogRowNodeUs: 1.8,
  /** The same row as JSONEachRow. */
  unitLogRowBytes: 193,
  /** Worker process, each record collected, fetch to Native block; cold runs of `npm run bench`, 2 cores. */
  collectNodeUs: 2.1,
  /** Engine, each record inserted; the same runs gave 1.9–2.3. */
  collectEngineUs: 2.1,
  /** Engine, each event folded by a statement: 2.6–3.0 in all; the split is an estimate. */
  surveyUs: 0.3,
  foldUs: 2.4,
  countersUs: 0.1,
  /** Engine, each event of the worker fold: sorted read and insert; an estimate from the rates of FACTS and of collecting. */
  streamReadUs: 0.8,
  streamInsertUs: 1.2,
  /** Worker thread, each event of the worker fold; docs/results.md, 265–355 k events/s. */
  streamNodeUs: 3.2,
  /** Engine, each input row: the count of the funnel. */
  funnelUs: 0.05,
  /** Engine, each input row and pass: the scan for repeated ids. */
  repeatedUs: 0.12,
  /** Engine, one thread, each timeline row numbered at the seal; a million rows in 8 parts, embedded, 2 cores. */
  sealUs: 0.13,
  /** Engine, each row each time that it is merged: a million rows in 8 parts, OPTIMIZE FINAL, embedded, 2 cores. */
  archiveMergeUs: 1.4,
  snapshotMergeUs: 0.97,
  /** Setting the offsets of the job's group joins it first: about 5 s with kafkajs. */
  prepareMs: 5_000,
} as const;

/** Defaults of schemas/config.ts, and figures that stand in the code. */
export const CONFIGURED = {
  pollMs: 250,
  leaseMs: 15_000,
  unitEvents: 200_000,
  unitsMax: 1_024,
  batchRows: 100_000,
  flushIntervalMs: 500,
  slotOffsets: 262_144,
  maxInFlight: 8,
  /** Rows of a pass over the ids, where they are grouped in slices, as they were once. */
  sliceRows: 8_000_000,
  /** INSERTS_MAX of processors/collect/block-store.ts. */
  insertsMax: 2,
  /** Rows of a block that a fold statement inserts: a part each. */
  foldBlockRows: 262_144,
  /** merge_selector_base and min_parts_to_merge_at_once of the large tables. */
  mergeParts: 16,
} as const;

/** Assumed, not measured: the hosts of the simulated cluster, and a ClickHouse server with its default limits. */
export const ASSUMED = {
  storeCores: 16,
  hosts: 32,
  hostCores: 16,
  threads: 2,
  networkBytesPerSecond: 25e9 / 8,
  /** A record of 260 bytes as columns on its way to the store, uncompressed. */
  recordWireBytes: 220,
  statementsMax: 1_000,
  mergesMax: 16,
  partsToDelay: 1_000,
  partsToThrow: 3_000,
  /** group.initial.rebalance.delay.ms of the broker. */
  joinMs: 3_000,
} as const;

export interface Model {
  readonly events: number;
  readonly workers: number;
  readonly partitions: number;
  /** False: the archive holds everything already. */
  readonly cold: boolean;
  readonly foldIn: 'statement' | 'stream';
  readonly seed: number;
  readonly threads: number;
  readonly storeCores: number;
  readonly smallStatementUs: number;
  readonly unitLogRowUs: number;
  /** False: a reader of the unit log reads only what is new to it, and beats are a row for each process. */
  readonly readsWholeLog: boolean;
  /** False: what is missing of all partitions is one read, as it is for the coordinator. */
  readonly missingByPartition: boolean;
  /** False: one pass over the ids, whatever their number. */
  readonly repeatedInSlices: boolean;
  /** False: of several free units a worker takes any, instead of the next one behind a random place. */
  readonly takesNextFree: boolean;
  /** False: a claim counts only if it names the claim that it replaces, so the first of two that want a free unit has it. */
  readonly lastClaimHolds: boolean;
  /** A worker that found nothing to do waits up to so long; the code has one interval for all: pollMs. */
  readonly idlePollMaxMs: number;
}

/** The pipeline as its code is. */
export const AS_IT_IS: Model = {
  events: 100_000_000,
  workers: 1,
  partitions: 256,
  cold: true,
  foldIn: 'statement',
  seed: 1,
  threads: ASSUMED.threads,
  storeCores: ASSUMED.storeCores,
  smallStatementUs: MEASURED.smallStatementUs,
  unitLogRowUs: MEASURED.unitLogRowUs,
  readsWholeLog: true,
  missingByPartition: false,
  repeatedInSlices: false,
  takesNextFree: false,
  lastClaimHolds: true,
  idlePollMaxMs: CONFIGURED.pollMs,
};

/** With the changes that SCALE.md proposes first. */
export const CHANGED: Partial<Model> = {
  readsWholeLog: false,
  lastClaimHolds: false,
  idlePollMaxMs: 2_000,
};

export function unitsOf(model: Model): number {
  return Math.min(CONFIGURED.unitsMax, Math.max(1, Math.ceil(model.events / CONFIGURED.unitEvents)));
}

export function slicesOf(model: Model): number {
  return model.repeatedInSlices ? Math.max(1, Math.ceil(model.events / CONFIGURED.sliceRows)) : 1;
}
