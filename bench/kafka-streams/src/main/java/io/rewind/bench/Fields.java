package io.rewind.bench;

import java.nio.charset.StandardCharsets;

/** The tracked fields, in the order in which states hold them. */
final class Fields {
  static final String[] NAMES = {"status", "owner", "firmware", "temperature", "uptime", "alerts"};
  static final int COUNT = NAMES.length;
  static final byte[][] NAME_BYTES = new byte[COUNT][];

  static {
    for (int i = 0; i < COUNT; i++) NAME_BYTES[i] = NAMES[i].getBytes(StandardCharsets.UTF_8);
  }

  private Fields() {}

  /** Position of a field; -1: it is not tracked. */
  static int indexOf(String name) {
    return switch (name) {
      case "status" -> 0;
      case "owner" -> 1;
      case "firmware" -> 2;
      case "temperature" -> 3;
      case "uptime" -> 4;
      case "alerts" -> 5;
      default -> -1;
    };
  }
}
