/**
 * The system that OPA sees, all of it: a clock, and nothing else. No file, no environment, no argument, no chance (the
 * same policy gives the same bytes); what it writes goes nowhere. Node's own WASI is no wall, says its documentation,
 * and there would be little to keep of it.
 */
const OK = 0;
const BAD_FILE = 8;
const NOT_THERE = 52;

/** How many bytes a subscription and an event of poll_oneoff take, and the event's type behind its user data. */
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const USER_DATA_BYTES = 8;

/** Go asked to end: it has run out of memory, or panicked. */
export class Exited extends Error {}

type Call = (...values: number[]) => unknown;

/** `memory` is asked for at each call: it moves as it grows. */
export function closedWasi(memory: () => WebAssembly.Memory): Record<string, Call> {
  const view = (): DataView => new DataView(memory().buffer);
  const zeros =
    (...at: number[]): Call =>
    (...values) => {
      for (const index of at) view().setUint32(values[index]!, 0, true);
      return OK;
    };
  const calls: Record<string, Call> = {
    args_sizes_get: zeros(0, 1),
    environ_sizes_get: zeros(0, 1),
    args_get: () => OK,
    environ_get: () => OK,
    sched_yield: () => OK,
    clock_time_get: (...values) => {
      view().setBigUint64(values[2]!, process.hrtime.bigint(), true);
      return OK;
    },
    random_get: (at, size) => {
      new Uint8Array(memory().buffer, at, size).fill(0x5a);
      return OK;
    },
    fd_write: (_file, vectors, count, written) => {
      let total = 0;
      for (let i = 0; i < count!; i++) total += view().getUint32(vectors! + i * 8 + 4, true);
      view().setUint32(written!, total, true);
      return OK;
    },
    fd_fdstat_get: (_file, at) => {
      new Uint8Array(memory().buffer, at, 24).fill(0);
      return OK;
    },
    fd_prestat_get: () => BAD_FILE,
    /** Nobody waits for anything here: all that is asked for has happened. */
    poll_oneoff: (subscriptions, events, count, happened) => {
      const bytes = new Uint8Array(memory().buffer);
      for (let i = 0; i < count!; i++) {
        const from = subscriptions! + i * SUBSCRIPTION_BYTES;
        const to = events! + i * EVENT_BYTES;
        bytes.fill(0, to, to + EVENT_BYTES);
        bytes.copyWithin(to, from, from + USER_DATA_BYTES);
        bytes[to + USER_DATA_BYTES + 2] = bytes[from + USER_DATA_BYTES]!;
      }
      view().setUint32(happened!, count!, true);
      return OK;
    },
    proc_exit: (code) => {
      throw new Exited(`exit code ${code}`);
    },
  };
  return new Proxy(calls, { get: (known, name: string) => known[name] ?? (() => NOT_THERE) });
}
