/** What fails in following is tried again, ever more slowly. */
const FIRST_MS = 250;
const SLOWEST_MS = 30_000;

/** After so many tries in a row that failed; milliseconds. */
export function retryWaitMs(tries: number): number {
  return Math.min(SLOWEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
}
