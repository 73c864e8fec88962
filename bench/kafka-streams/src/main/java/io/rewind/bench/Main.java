package io.rewind.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * The peer "Kafka Streams": folds a topic of AuditEvents from its start to the end that it has now, writes a snapshot
 * for each event to another topic, and says in one line of JSON how long that took. Style.java holds the two ways in
 * which it is written. Started by bench/peers/kafka-streams.ts, which also creates the output topic and deletes what is left.
 */
public final class Main {
  private static final double SECOND = 1e9;

  private Main() {}

  public static void main(String[] args) throws Exception {
    endWithParent();
    Arguments arguments = new Arguments(args);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments.text("brokers")))) {
      run(arguments, admin);
    }
    // Nothing is left to be saved, and the threads that wait for the parent would keep the process alive.
    Runtime.getRuntime().halt(0);
  }

  private static void run(Arguments arguments, Admin admin) throws Exception {
    Progress progress = new Progress(ends(admin, arguments.text("topic")));
    Acknowledged.expected = progress.records();
    Acknowledged.topic = arguments.text("output-topic");
    Properties settings = Settings.streams(arguments);
    Style style = Style.of(arguments, progress);
    KafkaStreams streams = new KafkaStreams(style.topology(), settings);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    long started = System.nanoTime();
    streams.start();
    progress.await();
    while (Acknowledged.lastNanos == 0) Thread.sleep(1);
    long ended = Acknowledged.lastNanos;
    if (arguments.text("mode").equals("eos")) {
      // An acknowledged record of a transaction counts when the transaction is committed, and the offsets with it.
      while (!committed(admin, arguments, progress.ends())) Thread.sleep(5);
      ended = System.nanoTime();
    }
    double cpuSeconds = cpuNanos() / SECOND;
    String digest = style.digest(streams);
    System.out.printf(
        "{\"events\":%d,\"snapshots\":%d,\"seconds\":%.3f,\"wallSeconds\":%.3f,\"cpuSeconds\":%.2f,\"digest\":\"%s\"}%n",
        progress.records(),
        Acknowledged.COUNT.get(),
        (ended - progress.firstNanos()) / SECOND,
        (ended - started) / SECOND,
        cpuSeconds,
        digest);
    streams.close(new KafkaStreams.CloseOptions().leaveGroup(true));
  }

  /** End offsets by partition. */
  private static long[] ends(Admin admin, String topic) throws Exception {
    int partitions = admin.describeTopics(java.util.List.of(topic)).topicNameValues().get(topic).get().partitions().size();
    Map<TopicPartition, OffsetSpec> asked = new TreeMap<>(java.util.Comparator.comparingInt(TopicPartition::partition));
    for (int i = 0; i < partitions; i++) asked.put(new TopicPartition(topic, i), OffsetSpec.latest());
    long[] ends = new long[partitions];
    admin.listOffsets(asked).all().get().forEach((at, found) -> ends[at.partition()] = found.offset());
    return ends;
  }

  private static boolean committed(Admin admin, Arguments arguments, long[] ends) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin.listConsumerGroupOffsets(arguments.text("application")).partitionsToOffsetAndMetadata().get();
    for (int i = 0; i < ends.length; i++) {
      OffsetAndMetadata found = offsets.get(new TopicPartition(arguments.text("topic"), i));
      if (ends[i] > 0 && (found == null || found.offset() < ends[i])) return false;
    }
    return true;
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  /** The parent holds the other end of our standard input: when it ends, however it ends, so do we. */
  private static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) continue;
              } catch (IOException e) {
                // The same as its end.
              }
              Runtime.getRuntime().halt(2);
            });
    watch.setDaemon(true);
    watch.start();
  }
}
