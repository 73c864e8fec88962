/** Which parts an installation has: always a store; a log and a registry where the configuration names them. */
import type { Config } from '../../schemas/config.js';
import { RewindError } from '../../schemas/errors.js';
import type { Store } from '../store/store.js';
import { ConnectedInstance, type Instance, type InstanceParts } from './instance.js';
import { type Part, PartChecks } from './parts.js';
import { registryAnswers } from './registry-answers.js';

export function openInstance(
  parts: Omit<InstanceParts, 'checks'> & { readonly config: Config; readonly store: Store },
): Instance {
  const { config, store, admin } = parts;
  const asked: Part[] = [{ name: 'store', check: () => store.ping() }];
  if (admin !== null) {
    const check = () => admin.topics([config.kafka.eventsTopic]).then(() => true, isTopicNotFound);
    asked.push({ name: 'log', check });
  }
  if (config.registry.url !== '') {
    asked.push({ name: 'registry', check: () => registryAnswers(config.registry) });
  }
  return new ConnectedInstance({ ...parts, checks: new PartChecks(asked) });
}

/** A broker that says that it has no such topic is there. */
function isTopicNotFound(error: unknown): boolean {
  return error instanceof RewindError && error.code === 'topic_not_found';
}
