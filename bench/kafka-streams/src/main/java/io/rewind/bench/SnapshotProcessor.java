package io.rewind.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/** Tuned fold: looks up the state of the event's entity, changes it, and forwards what happened. */
final class SnapshotProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final Progress progress;
  private final Event event;
  private final SnapshotWriter writer;
  private final State before = new State();
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], byte[]> states;

  SnapshotProcessor(Progress progress, Schemas schemas, int snapshotSchemaId) {
    this.progress = progress;
    this.event = new Event(schemas);
    this.writer = new SnapshotWriter(snapshotSchemaId);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    this.states = context.getStateStore(Settings.STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    progress.begin();
    RecordMetadata at = context.recordMetadata().orElseThrow();
    try {
      event.read(record.value());
      byte[] key = entityKey();
      before.view(states.get(key));
      byte[] after = State.after(before, event);
      states.put(key, after);
      byte[] snapshot = writer.write(event, at.partition(), at.offset(), before, after);
      context.forward(new Record<>(key, snapshot, record.timestamp()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // The end of a partition is committed at once: the run need not wait for the commit interval to pass.
    if (progress.isLast(at.partition(), at.offset())) {
      context.commit();
      progress.finished();
    }
  }

  /** UTF-8 of the entity's type, a zero byte, and its id. */
  private byte[] entityKey() {
    int typeLength = event.entityType.getByteLength();
    int idLength = event.entityId.getByteLength();
    byte[] key = new byte[typeLength + 1 + idLength];
    System.arraycopy(event.entityType.getBytes(), 0, key, 0, typeLength);
    System.arraycopy(event.entityId.getBytes(), 0, key, typeLength + 1, idLength);
    return key;
  }
}
