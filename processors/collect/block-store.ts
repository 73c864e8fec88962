/**
 * Stores full blocks of the archive's writer: up to two inserts are under way at once, but their manifests reach the
 * unit log one after the other, in the order of the blocks, for a manifest counts only behind the one before it.
 *
 * A crash or an error at any line loses nothing: rows whose manifest is not there are invisible, and after an error no
 * later manifest is sent.
 */
import { RewindError } from '../../schemas/errors.js';
import type { Store } from '../store/store.js';
import type { TrackedUnit, UnitLog } from '../store/unit-log.js';
import { FAILPOINTS, halved, reach } from '../testing/failpoints.js';
import { ArchiveBlock } from './archive-block.js';
import type { RowTarget } from './archive-columns.js';

const INSERTS_MAX = 2;
/** Whoever waits for the store is heard of so often. */
const TELL_MS = 1_000;

export interface BlockStoreOptions {
  readonly store: Store;
  readonly unitLog: UnitLog;
  readonly target: RowTarget;
  readonly worker: string;
}

/** What one block makes visible in one unit. */
export interface Part {
  readonly tracked: TrackedUnit;
  readonly claim: string;
  readonly from: bigint;
  to: bigint;
  readonly end: bigint;
  records: number;
  undecodable: number;
  /** Of keys and values. */
  bytes: number;
}

export class BlockStore {
  readonly #options: BlockStoreOptions;
  readonly #spare: ArchiveBlock[] = [];
  /** Under way, in order; none of them rejects. */
  readonly #stores: Promise<void>[] = [];
  #broken: unknown = null;

  constructor(options: BlockStoreOptions) {
    this.#options = options;
  }

  /** No more can be submitted now. */
  get busy(): boolean {
    return this.#stores.length >= INSERTS_MAX;
  }

  /** Resolves once a block may be submitted. `onWait`: how long it has taken so far, now and then and at the end. */
  async free(onWait: (ms: number) => void = () => {}): Promise<void> {
    if (!this.busy) return;
    const since = performance.now();
    const tell = (): void => onWait(performance.now() - since);
    const timer = setInterval(tell, TELL_MS);
    while (this.busy) await this.next();
    clearInterval(timer);
    tell();
  }

  /** Waits for the oldest block under way; false: there is none. */
  async next(): Promise<boolean> {
    const [oldest] = this.#stores;
    await oldest;
    return oldest !== undefined;
  }

  /** An empty block to fill. */
  block(): ArchiveBlock {
    return this.#spare.pop() ?? new ArchiveBlock(this.#options.target);
  }

  /** Takes a block over; not while `busy`. */
  submit(block: ArchiveBlock, parts: readonly Part[]): void {
    const before = this.#stores.at(-1) ?? Promise.resolve();
    const store = this.#store(block, parts, before)
      .catch((error: unknown) => {
        this.#broken ??= error;
      })
      .finally(() => {
        this.#stores.splice(this.#stores.indexOf(store), 1);
      });
    this.#stores.push(store);
  }

  /** After an error the blocks behind it are lost to their writer: it is broken for good. */
  throwIfBroken(): void {
    if (this.#broken !== null) throw this.#broken;
  }

  async #store(block: ArchiveBlock, parts: readonly Part[], before: Promise<void>): Promise<void> {
    const { store, target, unitLog, worker } = this.#options;
    if (FAILPOINTS) await reach('collect.decoded');
    if (block.rows > 0) {
      const chunks = block.chunks();
      const body = FAILPOINTS ? halved('collect.inserting', Buffer.concat(chunks)) : chunks;
      await store.insertNative(target.table, block.names, body);
      block.clear();
    }
    this.#spare.push(block);
    if (FAILPOINTS) await reach('collect.stored');
    await before;
    this.throwIfBroken();
    const manifests = parts
      .filter((part) => part.to > part.from)
      .map((part) => ({
        scope: part.tracked.scope,
        unit: part.tracked.unit,
        kind: 'manifest' as const,
        claim: part.claim,
        worker,
        from: part.from,
        to: part.to,
        final: part.to === part.end,
        counters: { records: part.records, undecodable: part.undecodable, bytes: part.bytes },
      }));
    await unitLog.append(manifests);
    if (FAILPOINTS) await reach('collect.manifest');
    await unitLog.refreshAll(parts.map(({ tracked }) => tracked));
    for (const part of parts) {
      if (!counted(part))
        throw new RewindError(
          'claim_lost',
          `unit ${part.tracked.unit} was taken over by ${part.tracked.state.holderWorker}`,
        );
    }
  }
}

function counted(part: Part): boolean {
  if (part.to === part.from) return true;
  const state = part.tracked.state;
  return state.segments.some(
    (segment) => segment.claim === part.claim && segment.from <= part.from && segment.to >= part.to,
  );
}
