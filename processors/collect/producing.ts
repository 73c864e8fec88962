/**
 * The producing side: where accepted events go, and under which schema id. Opened when the first event comes, so that
 * workers and readers need neither the topic nor the right to write.
 */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { LogAdmin } from '../kafka/admin.js';
import type { KafkaSettings } from '../kafka/client.js';
import { ownSchemaId } from '../kafka/own-schema.js';
import { openAppender } from '../kafka/producer.js';
import type { SchemaRegistry } from '../kafka/registry.js';
import type { AppendResult, LogAppender } from '../replay/service.js';
import { auditEventSchema } from '../sources/schema-files.js';

/**
 * The registry id of our AuditEvent. Registered where Rewind owns the registry (the file registry, a cluster it started,
 * or `registry.registerSchemas`), else only looked up; null: the registry does not have it.
 */
export async function auditEventSchemaId(config: Config, registry: SchemaRegistry): Promise<number | null> {
  return ownSchemaId(config, registry, `${config.kafka.eventsTopic}-value`, auditEventSchema());
}

/** Opens Kafka's producer at the first append; a topic that is missing is made where Rewind owns the cluster. */
export class KafkaAppender implements LogAppender {
  readonly #config: Config;
  readonly #settings: KafkaSettings;
  readonly #admin: LogAdmin;
  readonly #topic: string;
  #open: Promise<LogAppender> | null = null;

  constructor(config: Config, settings: KafkaSettings, admin: LogAdmin, topic: string) {
    this.#config = config;
    this.#settings = settings;
    this.#admin = admin;
    this.#topic = topic;
  }

  async append(records: Parameters<LogAppender['append']>[0]): Promise<readonly AppendResult[]> {
    this.#open ??= this.#start();
    try {
      return await (await this.#open).append(records);
    } catch (error) {
      if (error instanceof RewindError && error.code === 'topic_not_found') this.#open = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    await (await this.#open?.catch(() => null))?.close();
  }

  async #start(): Promise<LogAppender> {
    const { kafka, registry } = this.#config;
    if (registry.registerSchemas) {
      await this.#admin.createTopic({
        topic: this.#topic,
        partitions: kafka.eventsTopicPartitions,
        replicationFactor: kafka.replicationFactor,
        // Brokers refuse record times more than an hour ahead by default; event times are the producers' business.
        config: { 'message.timestamp.after.max.ms': '9223372036854775807' },
      });
    }
    return openAppender(this.#settings, this.#topic);
  }
}
