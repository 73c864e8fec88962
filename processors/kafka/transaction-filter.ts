/**
 * Which record batches of a read_committed fetch may be seen. The broker sends committed, aborted and control batches
 * up to the last stable offset, and beside them the aborted transactions that touch the answer. Pure.
 *
 * Written anew because the filter of kafkajs 2.2.4 delivers aborted records when transactions overlap, when a fetch
 * starts inside two of them, and when a user's key looks like an abort marker. The rules are those of the Java client
 * (CompletedFetch): entries by first offset, all that have begun are admitted, and only a control batch ends one.
 */

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** What the filter needs to know of a batch. */
export interface TransactionalBatch {
  readonly lastOffset: bigint;
  readonly producerId: bigint;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** The batch is control and ends its producer's transaction as aborted. */
  readonly isAbortMarker: boolean;
}

/**
 * Answers for one fetched partition: batch → true when its records are to be seen. To be called for every batch of the
 * answer, in offset order. Control batches are never seen.
 */
export function committedOnly(
  aborted: readonly AbortedTransaction[],
): (batch: TransactionalBatch) => boolean {
  // The broker lists them in the order in which they ended.
  const waiting = [...aborted].sort((a, b) =>
    a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0,
  );
  const open = new Set<bigint>();
  let next = 0;
  return (batch) => {
    for (; next < waiting.length; next++) {
      const transaction = waiting[next] as AbortedTransaction;
      if (transaction.firstOffset > batch.lastOffset) break;
      open.add(transaction.producerId);
    }
    if (batch.isControl) {
      if (batch.isAbortMarker) open.delete(batch.producerId);
      return false;
    }
    return !(batch.isTransactional && open.has(batch.producerId));
  };
}
