package io.rewind.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * How the program is written; the work, the threads and the clients' settings are the same. tuned: bytes in, bytes in the
 * store, bytes out, nothing decoded that need not be. usual: typed serdes, Avro's generic records and Jackson's trees.
 */
interface Style {
  Topology topology() throws IOException;

  /** Of the final states in the stores. */
  String digest(KafkaStreams streams);

  static Style of(Arguments arguments, Progress progress) {
    String style = arguments.text("style");
    return switch (style) {
      case "tuned" -> new Tuned(arguments, progress);
      case "usual" -> new Usual(arguments, progress);
      default -> throw new IllegalArgumentException("style " + style);
    };
  }

  static Schema eventSchema(Arguments arguments) throws IOException {
    return new Schema.Parser().parse(Path.of(arguments.text("event-schema")).toFile());
  }

  static <K, V> ReadOnlyKeyValueStore<K, V> states(KafkaStreams streams) {
    return streams.store(
        StoreQueryParameters.fromNameAndType(Settings.STORE, QueryableStoreTypes.<K, V>keyValueStore()));
  }
}
