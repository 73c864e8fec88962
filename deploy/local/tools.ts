/**
 * The broker's own Java tools, run from the jars that deploy/local has already: the console producer with its five
 * codecs, kafka-transactions, kafka-consumer-perf-test and so on. Tests and benchmarks compare us with them.
 */
import { join } from 'node:path';
import { type CommandResult, javaCommand, kafkaJars, requireJava, runCommand } from './java.js';

/**
 * Runs a main class, such as `org.apache.kafka.tools.ConsoleProducer`, to its end. A non-zero exit code is a result.
 * Errors: preflight_failed without Java or Maven.
 */
export async function runKafkaTool(
  mainClass: string,
  args: readonly string[],
  options: { stdin?: string | Buffer; timeoutMs?: number; heapMb?: number } = {},
): Promise<CommandResult> {
  await requireJava();
  const classpath = join(await kafkaJars(), '*');
  const flags = [
    `-Xmx${options.heapMb ?? 256}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ];
  return runCommand(javaCommand(), [...flags, '-cp', classpath, mainClass, ...args], {
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    timeoutMs: options.timeoutMs ?? 120_000,
  });
}
