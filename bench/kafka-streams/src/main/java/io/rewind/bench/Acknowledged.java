package io.rewind.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Counts the snapshots that the broker has acknowledged. Kafka makes the instances: hence the static fields. */
public final class Acknowledged implements ProducerInterceptor<byte[], byte[]> {
  static final AtomicLong COUNT = new AtomicLong();
  static volatile String topic;
  /** nanoTime of the acknowledgement with which COUNT reached `expected`; 0: it has not yet. */
  static volatile long lastNanos;
  static volatile long expected = Long.MAX_VALUE;

  @Override
  public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
    return record;
  }

  @Override
  public void onAcknowledgement(RecordMetadata metadata, Exception exception) {
    if (exception != null || metadata == null || !metadata.topic().equals(topic)) return;
    if (COUNT.incrementAndGet() == expected) lastNanos = System.nanoTime();
  }

  @Override
  public void close() {}

  @Override
  public void configure(Map<String, ?> configs) {}
}
