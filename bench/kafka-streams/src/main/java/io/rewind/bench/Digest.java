package io.rewind.bench;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A number for all final states, whatever their order; bench/expected.ts says how it is made. */
final class Digest {
  private final MessageDigest sha;
  private long sum;
  private boolean some;

  Digest() {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next state. `key` is type, zero, id. */
  void begin(byte[] key) {
    sha.update(key);
    sha.update((byte) 0);
    sha.update((byte) '{');
    some = false;
  }

  /** The JSON text of a field that is there; in the order of Fields. */
  void field(int field, byte[] bytes, int start, int length) {
    if (some) sha.update((byte) ',');
    some = true;
    sha.update((byte) '"');
    sha.update(Fields.NAME_BYTES[field]);
    sha.update((byte) '"');
    sha.update((byte) ':');
    sha.update(bytes, start, length);
  }

  void end() {
    sha.update((byte) '}');
    byte[] hash = sha.digest();
    long first = 0;
    for (int i = 0; i < 8; i++) first = first << 8 | hash[i] & 0xff;
    sum += first;
  }

  String hex() {
    return String.format("%016x", sum);
  }
}
