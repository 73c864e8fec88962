/** What a contestant says when it is done. */
export interface PeerResult {
  /** Events read. */
  readonly events: number;
  /** Snapshots written: one for each event. */
  readonly snapshots: number;
  /** From the first event taken up to the last snapshot that is safe where it belongs. */
  readonly seconds: number;
  /** The same from the start of the work, with joining a group and making tables. */
  readonly wallSeconds: number;
  /** User and system, of the contestant's own processes; brokers and the registry are not counted. */
  readonly cpuSeconds: number;
  /** The most resident memory of the contestant's own processes. */
  readonly peakRssBytes: number;
  /** Of the final states, see bench/expected.ts. */
  readonly digest: string;
}
