/** How many statements run at once. The rest wait a moment in order, then are told to come back (503). */

interface Waiter {
  readonly grant: (granted: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

export interface SlotOptions {
  readonly slots: number;
  readonly waitersMax: number;
  readonly waitMaxMs: number;
}

export class Slots {
  readonly #options: SlotOptions;
  readonly #waiters = new Set<Waiter>();
  #taken = 0;
  #idle: (() => void)[] = [];

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  /** True: the caller has a slot and gives it back with `release`. False: too much is going on, or `gone` fired. */
  async take(gone: AbortSignal): Promise<boolean> {
    if (gone.aborted) return false;
    if (this.#taken < this.#options.slots) {
      this.#taken++;
      return true;
    }
    if (this.#waiters.size >= this.#options.waitersMax) return false;
    return new Promise((resolve) => {
      const finish = (granted: boolean): void => {
        clearTimeout(waiter.timer);
        gone.removeEventListener('abort', refuse);
        this.#waiters.delete(waiter);
        resolve(granted);
      };
      const refuse = (): void => finish(false);
      const waiter: Waiter = { grant: finish, timer: setTimeout(refuse, this.#options.waitMaxMs) };
      this.#waiters.add(waiter);
      gone.addEventListener('abort', refuse, { once: true });
    });
  }

  release(): void {
    const [next] = this.#waiters;
    if (next !== undefined) {
      next.grant(true);
      return;
    }
    this.#taken--;
    if (this.#taken === 0) for (const done of this.#idle.splice(0)) done();
  }

  /** Resolves when nothing runs. */
  async whenIdle(): Promise<void> {
    if (this.#taken === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
