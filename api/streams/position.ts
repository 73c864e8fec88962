/**
 * How far a client of a run's stream is: the id of each event. All of it is known to the store (work done, the place of
 * a sealed unit in the unit log, a timeline index, the time of the end), so that any server process, also one that was
 * started since, goes on right behind the last event that the client saw. Pure.
 */
export interface Position {
  /** replay.started was sent. */
  readonly started: boolean;
  /** Records collected and events folded in the last progress event; -1: none was sent. */
  readonly done: number;
  /** The last sealed unit whose samples were sent. */
  readonly block: string;
  readonly blockOffset: string;
  /** Timeline index of the next snapshot, where all are sent. */
  readonly next: number;
  /** Milliseconds of the end that was sent; 0: none. A job that failed may be resumed, and end again. */
  readonly ended: number;
}

export const START: Position = { started: false, done: -1, block: '0', blockOffset: '0', next: 0, ended: 0 };

const ID = /^([01])\.(-1|\d{1,15})\.(\d{1,20})\.(\d{1,20})\.(\d{1,15})\.(\d{1,15})$/;
const UINT64_END = 1n << 64n;

export function formatPosition(at: Position): string {
  return [at.started ? 1 : 0, at.done, at.block, at.blockOffset, at.next, at.ended].join('.');
}

/** An id that is none of ours begins at the start: a client that reconnects cannot be told. */
export function parsePosition(id: string | undefined): Position {
  const match = ID.exec(id ?? '');
  if (match === null) return START;
  const [, started, done, block = '', blockOffset = '', next, ended] = match;
  if (BigInt(block) >= UINT64_END || BigInt(blockOffset) >= UINT64_END) return START;
  return {
    started: started === '1',
    done: Number(done),
    block,
    blockOffset,
    next: Number(next),
    ended: Number(ended),
  };
}
