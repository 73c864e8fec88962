package io.rewind.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Writes snapshots in registry Avro, by snapshot.avsc. Encoder and buffer are used again. */
final class SnapshotWriter {
  private static final int ADDED = 0;
  private static final int MODIFIED = 2;

  private final byte[] prefix;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
  private final int[] changed = new int[Fields.COUNT];
  private BinaryEncoder encoder;

  SnapshotWriter(int schemaId) {
    prefix =
        new byte[] {
          0, (byte) (schemaId >>> 24), (byte) (schemaId >>> 16), (byte) (schemaId >>> 8), (byte) schemaId
        };
  }

  /** `after` is the datum that the event made of `before`. */
  byte[] write(Event event, int partition, long offset, State before, byte[] after) throws IOException {
    out.reset();
    out.write(prefix, 0, prefix.length);
    encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    encoder.writeString(event.entityType);
    encoder.writeString(event.entityId);
    if (event.eventId.getByteLength() > 0) encoder.writeString(event.eventId);
    else encoder.writeString(partition + ":" + offset);
    encoder.writeString(event.eventType);
    encoder.writeLong(event.occurredAt);
    encoder.writeInt(partition);
    encoder.writeLong(offset);
    // A state in the store is the datum that belongs here: copied, not encoded once more.
    if (before.bytes == null) {
      encoder.writeIndex(0);
    } else {
      encoder.writeIndex(1);
      encoder.writeFixed(before.bytes);
    }
    encoder.writeFixed(after);
    writeDiff(event, before);
    encoder.flush();
    return out.toByteArray();
  }

  /** Only what the event carries can have changed. No event takes a field away here, so nothing is ever "removed". */
  private void writeDiff(Event event, State before) throws IOException {
    int count = 0;
    for (int i = 0; i < Fields.COUNT; i++) {
      if (event.lengths[i] >= 0 && !before.same(i, event.payload, event.starts[i], event.lengths[i]))
        changed[count++] = i;
    }
    encoder.writeArrayStart();
    encoder.setItemCount(count);
    for (int c = 0; c < count; c++) {
      int i = changed[c];
      encoder.startItem();
      encoder.writeBytes(Fields.NAME_BYTES[i]);
      if (before.lengths[i] < 0) {
        encoder.writeIndex(0);
      } else {
        encoder.writeIndex(1);
        encoder.writeBytes(before.bytes, before.starts[i], before.lengths[i]);
      }
      encoder.writeIndex(1);
      encoder.writeBytes(event.payload, event.starts[i], event.lengths[i]);
      encoder.writeEnum(before.lengths[i] < 0 ? ADDED : MODIFIED);
    }
    encoder.writeArrayEnd();
  }
}
