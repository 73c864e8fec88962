/**
 * Time of the simulation: a heap of what happens when, and actors (generators) that yield what they wait for. Two events
 * of one moment happen in the order in which they were planned, so a run is the same on every machine.
 */

/** Something to wait for; calls `resume` once, never before it has returned. */
export type Wait = (resume: () => void) => void;
export type Actor = Generator<Wait, void, void>;

interface Planned {
  readonly key: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap, smallest key first; equal keys in the order in which they came. */
export class Heap {
  readonly #items: Planned[] = [];
  #order = 0;

  get first(): Planned | undefined {
    return this.#items[0];
  }

  push(key: number, run: () => void): void {
    const items = this.#items;
    const item = { key, order: this.#order++, run };
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Planned | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
      if (!before(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}

export class Agenda {
  now = 0;
  events = 0;
  readonly #heap = new Heap();

  /** `delayMs` may be 0, not negative. */
  after(delayMs: number, run: () => void): void {
    this.#heap.push(this.now + delayMs, run);
  }

  sleep(ms: number): Wait {
    return (resume) => this.after(ms, resume);
  }

  /** Starts an actor in the next moment; `ended` is called when it has returned. */
  spawn(actor: Actor, ended: () => void = () => undefined): void {
    const step = (): void => {
      const { done, value } = actor.next();
      if (done === true) ended();
      else value(step);
    };
    this.after(0, step);
  }

  /** Runs until `until` says so or nothing is left; false: it stopped at the limit of events. */
  run(until: () => boolean, eventsMax: number): boolean {
    while (!until()) {
      const next = this.#heap.pop();
      if (next === undefined) return true;
      if (++this.events > eventsMax) return false;
      this.now = next.key;
      next.run();
    }
    return true;
  }

  /** Waits for all of them; they run at once. */
  all(waits: readonly Wait[]): Wait {
    return (resume) => {
      let left = waits.length;
      if (left === 0) {
        this.after(0, resume);
        return;
      }
      for (const wait of waits) {
        wait(() => {
          if (--left === 0) resume();
        });
      }
    };
  }

  /** Actors as something to wait for. */
  ran(actor: Actor): Wait {
    return (resume) => this.spawn(actor, resume);
  }
}

/** As processors/replay/wake.ts: the loops of one process go on at once when something changed there. */
export class SimWake {
  count = 0;
  #waiting = new Set<() => void>();
  readonly #agenda: Agenda;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  wake(): void {
    this.count++;
    for (const resume of [...this.#waiting]) resume();
  }

  wait(count: number, maxMs: number): Wait {
    return (resume) => {
      let done = false;
      const once = (): void => {
        if (done) return;
        done = true;
        this.#waiting.delete(once);
        this.#agenda.after(0, resume);
      };
      if (this.count !== count) {
        once();
        return;
      }
      this.#waiting.add(once);
      this.#agenda.after(maxMs, once);
    };
  }
}
