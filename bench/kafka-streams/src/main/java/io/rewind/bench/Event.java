package io.rewind.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * One AuditEvent, read from registry Avro. An instance is used again for every record: the fields are read one by one
 * from Avro's decoder, as the code that Avro generates with custom coders does, so that nothing is allocated but the
 * JSON parser. Texts stay UTF-8.
 */
final class Event {
  private static final int WIRE_PREFIX = 5;
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  final Utf8 eventId = new Utf8();
  final Utf8 eventType = new Utf8();
  final Utf8 entityType = new Utf8();
  final Utf8 entityId = new Utf8();
  long occurredAt;

  /** UTF-8 of the payload; a tracked field's token lies at starts[i] and has lengths[i] bytes, -1: not carried. */
  byte[] payload;
  final int[] starts = new int[Fields.COUNT];
  final int[] lengths = new int[Fields.COUNT];

  private final Schemas schemas;
  private final Utf8 payloadText = new Utf8();
  private final Utf8 unused = new Utf8();
  private BinaryDecoder decoder;

  Event(Schemas schemas) {
    this.schemas = schemas;
  }

  void read(byte[] value) throws IOException {
    if (value.length < WIRE_PREFIX || value[0] != 0) throw new IOException("a value that is not registry Avro");
    schemas.check((value[1] & 0xff) << 24 | (value[2] & 0xff) << 16 | (value[3] & 0xff) << 8 | value[4] & 0xff);
    decoder = DecoderFactory.get().binaryDecoder(value, WIRE_PREFIX, value.length - WIRE_PREFIX, decoder);
    optional(eventId);
    decoder.readString(unused);
    decoder.readString(eventType);
    optional(entityType);
    optional(entityId);
    // actor, action, severity
    optional(unused);
    optional(unused);
    optional(unused);
    occurredAt = decoder.readLong();
    // decision
    optional(unused);
    decoder.readString(payloadText);
    readPayload();
  }

  /** Text of a union of null and string; empty for null. */
  private void optional(Utf8 text) throws IOException {
    if (decoder.readIndex() == 0) text.setByteLength(0);
    else decoder.readString(text);
  }

  /** Finds the tokens of the tracked fields. The last one of a name that comes twice counts. */
  private void readPayload() throws IOException {
    payload = payloadText.getBytes();
    Arrays.fill(lengths, -1);
    try (JsonParser parser = JSON.createParser(payload, 0, payloadText.getByteLength())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("a payload that is no object");
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        int field = Fields.indexOf(name);
        parser.nextToken();
        if (field < 0) {
          parser.skipChildren();
          continue;
        }
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        // Strings are read when asked for: only then does the parser stand behind them.
        parser.finishToken();
        starts[field] = start;
        lengths[field] = (int) parser.currentLocation().getByteOffset() - start;
      }
    }
  }
}
