package io.rewind.bench;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Generic records in registry Avro: a zero byte, the schema's id, the datum. As the registry's own serdes do, with
 * readers and writers that are kept and coders that are made for each record. All threads of a topology share one.
 */
final class AvroSerde implements Serde<GenericRecord> {
  private static final int WIRE_PREFIX = 5;

  private final Schemas schemas;
  private final int schemaId;
  private final GenericDatumReader<GenericRecord> reader;
  private final GenericDatumWriter<GenericRecord> writer;

  /** To read, with a check of the schemas' ids. */
  AvroSerde(Schemas schemas, Schema schema) {
    this(schemas, -1, schema);
  }

  /** To write with the id that the schema is registered under. */
  AvroSerde(int schemaId, Schema schema) {
    this(null, schemaId, schema);
  }

  private AvroSerde(Schemas schemas, int schemaId, Schema schema) {
    this.schemas = schemas;
    this.schemaId = schemaId;
    this.reader = new GenericDatumReader<>(schema);
    this.writer = new GenericDatumWriter<>(schema);
  }

  @Override
  public Serializer<GenericRecord> serializer() {
    return (topic, value) -> {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        DataOutputStream prefix = new DataOutputStream(out);
        prefix.writeByte(0);
        prefix.writeInt(schemaId);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        writer.write(value, encoder);
        encoder.flush();
      } catch (IOException e) {
        throw new SerializationException(e);
      }
      return out.toByteArray();
    };
  }

  @Override
  public Deserializer<GenericRecord> deserializer() {
    return (topic, bytes) -> {
      ByteBuffer prefix = ByteBuffer.wrap(bytes);
      try {
        if (bytes.length < WIRE_PREFIX || prefix.get() != 0) throw new IOException("a value that is not registry Avro");
        schemas.check(prefix.getInt());
        Decoder decoder = DecoderFactory.get().binaryDecoder(bytes, WIRE_PREFIX, bytes.length - WIRE_PREFIX, null);
        return reader.read(null, decoder);
      } catch (IOException e) {
        throw new SerializationException(e);
      }
    };
  }
}
