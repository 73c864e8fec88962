package io.rewind.bench;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** What differs from Kafka Streams' defaults, and why. */
final class Settings {
  static final String STORE = "states";

  private Settings() {}

  static Properties streams(Arguments arguments) {
    Properties set = new Properties();
    set.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments.text("application"));
    set.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments.text("brokers"));
    set.put(StreamsConfig.STATE_DIR_CONFIG, arguments.text("state-dir"));
    set.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments.number("threads"));
    set.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    set.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    // The commit interval stays: 30 s, and 100 ms with exactly once.
    if (arguments.text("mode").equals("eos"))
      set.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);

    // More of a partition in one answer of the broker. Longer queues and larger polls than the default of 1,000 records
    // were not faster.
    set.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    set.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);

    // Writing in bulk: larger batches than the default of 16 KB and room for them, for up to the 100 ms that Streams lets
    // a batch wait by default. Neither 32 KB, 512 KB nor LZ4 was faster with a broker on the same machine.
    set.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 << 10);
    set.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128 << 20);
    set.put(StreamsConfig.producerPrefix(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG), Acknowledged.class.getName());
    for (String name : arguments.overrides()) set.put(name.split("=", 2)[0], name.split("=", 2)[1]);
    return set;
  }

  static <K, V> StoreBuilder<KeyValueStore<K, V>> store(String mode, Serde<K> keys, Serde<V> values) {
    return switch (mode) {
      // What a replay that begins anew after a crash could do: no changelog, all states in memory.
      case "memory" ->
          Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), keys, values)
              .withLoggingDisabled();
      case "default", "eos" ->
          Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), keys, values);
      default -> throw new IllegalArgumentException("mode " + mode);
    };
  }
}
