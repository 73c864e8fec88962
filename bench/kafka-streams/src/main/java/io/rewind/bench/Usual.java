package io.rewind.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueIterator;

/** The style "usual": text keys, Avro's generic records in and out, states as Jackson's objects. */
record Usual(Arguments arguments, Progress progress) implements Style {
  @Override
  public Topology topology() throws IOException {
    Schema auditEvent = Style.eventSchema(arguments);
    Schema snapshot = snapshotSchema();
    Serde<String> keys = Serdes.String();
    AvroSerde events = new AvroSerde(new Schemas(arguments.text("registry"), auditEvent), auditEvent);
    AvroSerde snapshots = new AvroSerde(arguments.number("snapshot-schema-id"), snapshot);
    return new Topology()
        .addSource("events", keys.deserializer(), events.deserializer(), arguments.text("topic"))
        .addProcessor("fold", () -> new UsualProcessor(progress, snapshot), "events")
        .addStateStore(Settings.store(arguments.text("mode"), keys, new JsonSerde()), "fold")
        .addSink("snapshots", arguments.text("output-topic"), keys.serializer(), snapshots.serializer(), "fold");
  }

  @Override
  public String digest(KafkaStreams streams) {
    Digest digest = new Digest();
    try (KeyValueIterator<String, ObjectNode> all = Style.<String, ObjectNode>states(streams).all()) {
      while (all.hasNext()) {
        KeyValue<String, ObjectNode> entry = all.next();
        digest.begin(utf8(entry.key));
        for (int i = 0; i < Fields.COUNT; i++) {
          JsonNode value = entry.value.get(Fields.NAMES[i]);
          if (value == null) continue;
          byte[] json = utf8(Json.text(value));
          digest.field(i, json, 0, json.length);
        }
        digest.end();
      }
    }
    return digest.hex();
  }

  private static Schema snapshotSchema() throws IOException {
    try (InputStream file = Usual.class.getResourceAsStream("/snapshot-usual.avsc")) {
      return new Schema.Parser().parse(file);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
