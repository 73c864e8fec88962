package io.rewind.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/** The usual fold: looks up the state of the event's entity, changes it, and forwards what happened. */
final class UsualProcessor implements Processor<String, GenericRecord, String, GenericRecord> {
  private final Progress progress;
  private final Schema snapshotSchema;
  private final Schema changeSchema;
  private final GenericData.EnumSymbol added;
  private final GenericData.EnumSymbol modified;
  private ProcessorContext<String, GenericRecord> context;
  private KeyValueStore<String, ObjectNode> states;

  UsualProcessor(Progress progress, Schema snapshotSchema) {
    this.progress = progress;
    this.snapshotSchema = snapshotSchema;
    this.changeSchema = snapshotSchema.getField("diff").schema().getElementType();
    Schema operation = changeSchema.getField("operation").schema();
    this.added = new GenericData.EnumSymbol(operation, "added");
    this.modified = new GenericData.EnumSymbol(operation, "modified");
  }

  @Override
  public void init(ProcessorContext<String, GenericRecord> context) {
    this.context = context;
    this.states = context.getStateStore(Settings.STORE);
  }

  @Override
  public void process(Record<String, GenericRecord> record) {
    progress.begin();
    RecordMetadata at = context.recordMetadata().orElseThrow();
    GenericRecord event = record.value();
    ObjectNode payload = payload(event);
    String key = text(event, "entity_type") + '\0' + text(event, "entity_id");
    ObjectNode before = states.get(key);
    ObjectNode after = before == null ? Json.MAPPER.createObjectNode() : before.deepCopy();
    List<GenericRecord> diff = new ArrayList<>();
    for (String field : Fields.NAMES) {
      JsonNode value = payload.get(field);
      if (value == null) continue;
      JsonNode old = after.replace(field, value);
      if (!value.equals(old)) diff.add(change(field, old, value));
    }
    states.put(key, after);
    context.forward(new Record<>(key, snapshot(event, at, before, after, diff), record.timestamp()));
    // The end of a partition is committed at once: the run need not wait for the commit interval to pass.
    if (progress.isLast(at.partition(), at.offset())) {
      context.commit();
      progress.finished();
    }
  }

  private static ObjectNode payload(GenericRecord event) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(text(event, "payload"));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private GenericRecord snapshot(
      GenericRecord event, RecordMetadata at, ObjectNode before, ObjectNode after, List<GenericRecord> diff) {
    GenericRecord snapshot = new GenericData.Record(snapshotSchema);
    String eventId = text(event, "event_id");
    snapshot.put("entity_type", text(event, "entity_type"));
    snapshot.put("entity_id", text(event, "entity_id"));
    snapshot.put("event_id", eventId.isEmpty() ? at.partition() + ":" + at.offset() : eventId);
    snapshot.put("event_type", event.get("event_type"));
    snapshot.put("occurred_at", event.get("occurred_at"));
    snapshot.put("source_partition", at.partition());
    snapshot.put("source_offset", at.offset());
    snapshot.put("state_before", before == null ? null : Json.text(before));
    snapshot.put("state_after", Json.text(after));
    snapshot.put("diff", diff);
    return snapshot;
  }

  /** No event takes a field away here, so nothing is ever "removed". */
  private GenericRecord change(String field, JsonNode before, JsonNode after) {
    GenericRecord change = new GenericData.Record(changeSchema);
    change.put("field", field);
    change.put("before", before == null ? null : Json.text(before));
    change.put("after", Json.text(after));
    change.put("operation", before == null ? added : modified);
    return change;
  }

  /** Empty for null. */
  private static String text(GenericRecord record, String field) {
    Object value = record.get(field);
    return value == null ? "" : value.toString();
  }
}
