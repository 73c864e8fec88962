/** What the engine child and its parent say to each other, besides HTTP. */

/** First line on the child's stdin. */
export interface ChildOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly sessions: number;
  readonly memoryMaxBytes: number;
  /** How long running statements may go on after the end was asked for. */
  readonly drainMaxMs: number;
}

/** First line on the child's stdout. */
export type ChildReport =
  | { readonly kind: 'ready'; readonly port: number }
  | {
      readonly kind: 'failed';
      /** Who held the directory before this try, as far as its lock file says. */
      readonly holderPid: number | null;
      readonly message: string;
    };

/** `engine.json` in the data directory, there while the engine takes statements; readable by its owner alone. */
export interface EngineFile {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly pid: number;
}
