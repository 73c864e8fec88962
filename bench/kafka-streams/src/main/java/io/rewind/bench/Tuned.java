package io.rewind.bench;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.state.KeyValueIterator;

/** The style "tuned": keys, values and states are bytes; Event, State and SnapshotWriter read and write them. */
record Tuned(Arguments arguments, Progress progress) implements Style {
  @Override
  public Topology topology() throws IOException {
    Schema auditEvent = Style.eventSchema(arguments);
    int snapshotSchemaId = arguments.number("snapshot-schema-id");
    String registryUrl = arguments.text("registry");
    Supplier<Processor<byte[], byte[], byte[], byte[]>> processor =
        () -> new SnapshotProcessor(progress, new Schemas(registryUrl, auditEvent), snapshotSchemaId);
    return new Topology()
        .addSource("events", arguments.text("topic"))
        .addProcessor("fold", processor::get, "events")
        .addStateStore(Settings.store(arguments.text("mode"), Serdes.ByteArray(), Serdes.ByteArray()), "fold")
        .addSink("snapshots", arguments.text("output-topic"), "fold");
  }

  @Override
  public String digest(KafkaStreams streams) {
    Digest digest = new Digest();
    State state = new State();
    try (KeyValueIterator<byte[], byte[]> all = Style.<byte[], byte[]>states(streams).all()) {
      while (all.hasNext()) {
        KeyValue<byte[], byte[]> entry = all.next();
        state.view(entry.value);
        digest.begin(entry.key);
        for (int i = 0; i < Fields.COUNT; i++) {
          if (state.lengths[i] >= 0) digest.field(i, state.bytes, state.starts[i], state.lengths[i]);
        }
        digest.end();
      }
    }
    return digest.hex();
  }
}
