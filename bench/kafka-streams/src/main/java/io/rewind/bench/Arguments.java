package io.rewind.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** `--name value` pairs; `--set name=value` may come more than once and goes to Kafka Streams as it is. */
final class Arguments {
  private final Map<String, String> values = new HashMap<>();
  private final List<String> overrides = new ArrayList<>();

  Arguments(String[] args) {
    for (int i = 0; i + 1 < args.length; i += 2) {
      if (args[i].equals("--set")) overrides.add(args[i + 1]);
      else values.put(args[i].substring(2), args[i + 1]);
    }
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("--" + name + " is missing");
    return value;
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  List<String> overrides() {
    return overrides;
  }
}
