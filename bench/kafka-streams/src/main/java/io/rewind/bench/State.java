package io.rewind.bench;

import java.util.Arrays;

/**
 * The state of an entity as the store and the snapshots hold it: the Avro datum of the record State of snapshot.avsc,
 * that is for each field 0, or 2, the length and the bytes of its JSON token. An instance is a view that is laid over
 * one datum after another.
 */
final class State {
  byte[] bytes;
  /** A field's token lies at starts[i] and has lengths[i] bytes; -1: it is missing. */
  final int[] starts = new int[Fields.COUNT];
  final int[] lengths = new int[Fields.COUNT];

  /** null: no state yet. */
  void view(byte[] datum) {
    bytes = datum;
    if (datum == null) {
      Arrays.fill(lengths, -1);
      return;
    }
    int at = 0;
    for (int i = 0; i < Fields.COUNT; i++) {
      if (datum[at++] == 0) {
        lengths[i] = -1;
        continue;
      }
      int raw = 0;
      int shift = 0;
      byte part;
      do {
        part = datum[at++];
        raw |= (part & 0x7f) << shift;
        shift += 7;
      } while (part < 0);
      lengths[i] = raw >>> 1;
      starts[i] = at;
      at += lengths[i];
    }
  }

  boolean same(int field, byte[] other, int start, int length) {
    return lengths[field] == length
        && Arrays.equals(bytes, starts[field], starts[field] + length, other, start, start + length);
  }

  /** The datum after `event`: the tokens that it carries, else those of `before`. */
  static byte[] after(State before, Event event) {
    int size = 0;
    for (int i = 0; i < Fields.COUNT; i++) {
      int length = event.lengths[i] >= 0 ? event.lengths[i] : before.lengths[i];
      size += length < 0 ? 1 : 1 + sizeOf(length) + length;
    }
    byte[] datum = new byte[size];
    int at = 0;
    for (int i = 0; i < Fields.COUNT; i++) {
      boolean carried = event.lengths[i] >= 0;
      int length = carried ? event.lengths[i] : before.lengths[i];
      if (length < 0) {
        datum[at++] = 0;
        continue;
      }
      datum[at++] = 2;
      int raw = length << 1;
      for (; raw > 0x7f; raw >>>= 7) datum[at++] = (byte) (raw & 0x7f | 0x80);
      datum[at++] = (byte) raw;
      if (carried) System.arraycopy(event.payload, event.starts[i], datum, at, length);
      else System.arraycopy(before.bytes, before.starts[i], datum, at, length);
      at += length;
    }
    return datum;
  }

  /** Bytes of a length as a zigzag varint. */
  private static int sizeOf(int length) {
    int size = 1;
    for (int raw = length << 1; raw > 0x7f; raw >>>= 7) size++;
    return size;
  }
}
