package io.rewind.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** When the first record was taken up, and which partitions are at the end that they had when the run began. */
final class Progress {
  private final long[] ends;
  private final AtomicLong firstNanos = new AtomicLong();
  private final CountDownLatch open;
  private volatile boolean begun;

  /** End offsets by partition. */
  Progress(long[] ends) {
    this.ends = ends;
    int filled = 0;
    for (long end : ends) if (end > 0) filled++;
    open = new CountDownLatch(filled);
  }

  void begin() {
    if (begun) return;
    firstNanos.compareAndSet(0, System.nanoTime());
    begun = true;
  }

  boolean isLast(int partition, long offset) {
    return offset + 1 == ends[partition];
  }

  void finished() {
    open.countDown();
  }

  /** Waits until all partitions are at their ends. */
  void await() throws InterruptedException {
    open.await();
  }

  long firstNanos() {
    return firstNanos.get();
  }

  long records() {
    long sum = 0;
    for (long end : ends) sum += end;
    return sum;
  }

  long[] ends() {
    return ends;
  }
}
