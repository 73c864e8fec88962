package io.rewind.bench;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** A number for all final states, whatever their order; bench/expected.ts says how it is made. */
final class Digest {
  private Digest() {}

  static String of(ReadOnlyKeyValueStore<byte[], byte[]> states) throws NoSuchAlgorithmException {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    State state = new State();
    long sum = 0;
    try (KeyValueIterator<byte[], byte[]> all = states.all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> entry = all.next();
        state.view(entry.value);
        // The key is type, zero, id already.
        sha.update(entry.key);
        sha.update((byte) 0);
        json(state, sha);
        byte[] hash = sha.digest();
        long first = 0;
        for (int i = 0; i < 8; i++) first = first << 8 | hash[i] & 0xff;
        sum += first;
      }
    }
    return String.format("%016x", sum);
  }

  private static void json(State state, MessageDigest sha) {
    sha.update((byte) '{');
    boolean some = false;
    for (int i = 0; i < Fields.COUNT; i++) {
      if (state.lengths[i] < 0) continue;
      if (some) sha.update((byte) ',');
      some = true;
      sha.update((byte) '"');
      sha.update(Fields.NAME_BYTES[i]);
      sha.update((byte) '"');
      sha.update((byte) ':');
      sha.update(state.bytes, state.starts[i], state.lengths[i]);
    }
    sha.update((byte) '}');
  }
}
