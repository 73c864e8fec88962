package io.rewind.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Jackson's objects as JSON text. */
final class JsonSerde implements Serde<ObjectNode> {
  @Override
  public Serializer<ObjectNode> serializer() {
    return (topic, value) -> {
      if (value == null) return null;
      try {
        return Json.MAPPER.writeValueAsBytes(value);
      } catch (IOException e) {
        throw new SerializationException(e);
      }
    };
  }

  @Override
  public Deserializer<ObjectNode> deserializer() {
    return (topic, bytes) -> {
      if (bytes == null) return null;
      try {
        return (ObjectNode) Json.MAPPER.readTree(bytes);
      } catch (IOException e) {
        throw new SerializationException(e);
      }
    };
  }
}
