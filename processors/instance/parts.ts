/**
 * The parts that this process needs and does not own: store, log, registry. Each is asked whether it answers, within a
 * time limit, and no more often than probes need to know: a thousand probes are one question.
 */

export interface Part {
  readonly name: string;
  /** Resolves with true when the part answers. Rejecting says the same as false. */
  readonly check: () => Promise<boolean>;
}

export interface PartState {
  readonly up: boolean;
  /** How long the answer took, or how long it was waited for. */
  readonly seconds: number;
}

const MAX_AGE_MS = 1_000;
const WAIT_MAX_MS = 3_000;

export class PartChecks {
  readonly #parts: readonly Part[];
  readonly #waitMaxMs: number;
  readonly #maxAgeMs: number;
  #last: { readonly at: number; readonly states: Promise<Readonly<Record<string, PartState>>> } | null = null;

  constructor(parts: readonly Part[], options: { waitMaxMs?: number; maxAgeMs?: number } = {}) {
    this.#parts = parts;
    this.#waitMaxMs = options.waitMaxMs ?? WAIT_MAX_MS;
    this.#maxAgeMs = options.maxAgeMs ?? MAX_AGE_MS;
  }

  /** Each part by its name; never rejects. */
  states(): Promise<Readonly<Record<string, PartState>>> {
    const now = performance.now();
    if (this.#last === null || now - this.#last.at > this.#maxAgeMs) {
      this.#last = { at: now, states: this.#ask() };
    }
    return this.#last.states;
  }

  async #ask(): Promise<Readonly<Record<string, PartState>>> {
    const states = this.#parts.map(async ({ name, check }) => [name, await this.#askOne(check)] as const);
    return Object.fromEntries(await Promise.all(states));
  }

  async #askOne(check: Part['check']): Promise<PartState> {
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#waitMaxMs);
    });
    const answer = Promise.resolve()
      .then(check)
      .catch(() => false);
    const up = await Promise.race([answer, late]);
    clearTimeout(timer);
    return { up, seconds: (performance.now() - started) / 1000 };
  }
}
