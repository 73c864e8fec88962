/** Batches that were read lately: proposals are tried one after another on the same log. A batch never changes. */
import type { LoggedRow } from './decision.js';

interface Kept {
  readonly rows: readonly LoggedRow[];
  readonly bytes: number;
}

/** What a row takes beside its texts. */
const ROW_BYTES = 200;

export class BatchCache {
  readonly #maxBytes: number;
  /** By tenant and batch, the one used last at the end. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(tenantId: string, id: string): readonly LoggedRow[] | undefined {
    const key = keyOf(tenantId, id);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.rows;
  }

  set(tenantId: string, id: string, rows: readonly LoggedRow[]): void {
    const bytes = rows.reduce((sum, row) => sum + ROW_BYTES + row.payload.length, 0);
    if (bytes > this.#maxBytes) return;
    const key = keyOf(tenantId, id);
    this.#bytes += bytes - (this.#kept.get(key)?.bytes ?? 0);
    this.#kept.delete(key);
    this.#kept.set(key, { rows, bytes });
    for (const [oldest, kept] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= kept.bytes;
    }
  }
}

function keyOf(tenantId: string, id: string): string {
  return JSON.stringify([tenantId, id]);
}
