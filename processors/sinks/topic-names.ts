/** Names of output topics: from the configured prefix or a job's own, never those of a source. Pure. */
import type { Config } from '../../schemas/config.js';
import { excerpt, RewindError } from '../../schemas/errors.js';
import type { FrozenOutput, OutputsSpec } from '../../schemas/output.js';

/** Kafka's own limit. */
const TOPIC_MAX_LENGTH = 249;
const LEGAL = /^[A-Za-z0-9._-]+$/;

export interface NamingContext {
  readonly outputs: Config['outputs'];
  readonly tenantId: string;
  /** Topics that anything reads as history. */
  readonly sources: readonly string[];
}

/** The topics a job writes to. Errors: output_prefix_refused, output_topic_is_source; pointers name the field. */
export function nameOutputs(spec: OutputsSpec, context: NamingContext): FrozenOutput[] {
  const own = configuredPrefix(context.outputs.topicPrefix, context.tenantId);
  const prefix = spec.prefix ?? own;
  if (prefix !== own && !prefix.startsWith(`${own}.`) && !isListed(prefix, context.outputs.otherPrefixes))
    throw refused(`a job of this tenant may not write to topics that begin with ${excerpt(prefix)}`);
  const named = spec.topics.map((output) => ({ output, topic: `${prefix}.${output}` }));
  for (const { topic } of named) {
    if (topic.length > TOPIC_MAX_LENGTH || !LEGAL.test(topic))
      throw refused(`${excerpt(topic)} is no legal name of a topic`);
    if (context.sources.includes(topic)) {
      throw new RewindError('output_topic_is_source', `${topic} is read as a source of events`, {
        pointer: '/outputs/prefix',
      });
    }
  }
  return named;
}

/** What the broker does not allow in a name, and the characters that escape it, stand as `_` and two hexadecimal digits. */
function configuredPrefix(pattern: string, tenantId: string): string {
  const tenant = [...Buffer.from(tenantId)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return pattern.replaceAll('{tenant}', tenant);
}

function isListed(prefix: string, allowed: readonly string[]): boolean {
  return allowed.some((one) => (one.endsWith('*') ? prefix.startsWith(one.slice(0, -1)) : prefix === one));
}

function refused(message: string): RewindError {
  return new RewindError('output_prefix_refused', message, { pointer: '/outputs/prefix' });
}
