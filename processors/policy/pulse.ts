/**
 * How a parent knows that a thread hangs in a decision: the thread counts up when it begins one and when it is done, in
 * memory that both see. An odd count that stands still for too long is a decision that does not end. A thread cannot be
 * asked, since nothing interrupts WebAssembly from within; it can be terminated.
 */

/** Places in the shared memory. */
const COUNT = 0;
const INDEX = 1;
const STOP = 2;
const PLACES = 3;

/** The decision with this index is the making of the instance, which may take longer. */
export const PREPARING = -1;

export class Pulse {
  readonly shared: SharedArrayBuffer;
  readonly #places: Int32Array;

  constructor(shared = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#places = new Int32Array(shared);
  }

  begin(index: number): void {
    Atomics.store(this.#places, INDEX, index);
    Atomics.add(this.#places, COUNT, 1);
  }

  end(): void {
    Atomics.add(this.#places, COUNT, 1);
  }

  get count(): number {
    return Atomics.load(this.#places, COUNT);
  }

  get index(): number {
    return Atomics.load(this.#places, INDEX);
  }

  /** Asks the thread to begin no further decision. */
  stop(): void {
    Atomics.store(this.#places, STOP, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#places, STOP) === 1;
  }

  /** For the next batch. */
  reset(): void {
    Atomics.store(this.#places, STOP, 0);
  }
}

/** Making an instance reads all data of the policy; a hundred megabytes take seconds. */
const PREPARING_MAX_MS = 30_000;
const CHECK_MIN_MS = 5;
/** However busy the machine is, a thread that stands still for so many limits is given up. */
const WALL_TIMES = 20;

/** Watches in this process: how many threads share the processor time that it used. */
let watching = 0;

/**
 * Looks at a pulse until it is closed; `onHang` is called once, and the watching ends. The limit is one of processor
 * time, as near as this can be known: where the machine has no time for the thread, the thread does not hang.
 */
export class PulseWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #pulse: Pulse;
  readonly #limitMs: number;
  #seen = -1;
  #sinceMs = 0;
  #usedMs = 0;
  #closed = false;

  constructor(pulse: Pulse, limitMs: number, onHang: (index: number) => void) {
    this.#pulse = pulse;
    this.#limitMs = limitMs;
    watching++;
    this.#timer = setInterval(
      () => {
        if (!this.#hangs()) return;
        this.close();
        onHang(pulse.index);
      },
      Math.max(CHECK_MIN_MS, Math.floor(limitMs / 10)),
    );
    this.#timer.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    watching--;
    clearInterval(this.#timer);
  }

  #hangs(): boolean {
    const { count, index } = this.#pulse;
    if (count !== this.#seen) {
      this.#seen = count;
      this.#sinceMs = performance.now();
      this.#usedMs = processorMs();
      return false;
    }
    const limit = index === PREPARING ? Math.max(this.#limitMs, PREPARING_MAX_MS) : this.#limitMs;
    const wall = performance.now() - this.#sinceMs;
    if (count % 2 === 0 || wall < limit) return false;
    return (processorMs() - this.#usedMs) / watching >= limit || wall >= limit * WALL_TIMES;
  }
}

/** Of all threads of this process. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
