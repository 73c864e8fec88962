/**
 * Topics that need not be there yet: that of uploaded decision logs is made by the first upload, or by whoever runs the
 * cluster. Until then questions about it are answered without it instead of failing for all topics asked about.
 */
import { RewindError } from '../../schemas/errors.js';
import type { LogAdmin } from './admin.js';

/** The same admin; `topics`, `offsets`, `offsetsForTime` and `partitionBytes` leave out optional topics that are missing. */
export function withOptionalTopics(admin: LogAdmin, optional: readonly string[]): LogAdmin {
  const present = async (names: readonly string[]): Promise<readonly string[]> => {
    const found = await Promise.all(
      names.map(async (name) => !optional.includes(name) || (await exists(admin, name))),
    );
    return names.filter((_, i) => found[i]);
  };
  return {
    ...admin,
    topics: async (names) => admin.topics(await present(names)),
    offsets: async (names) => admin.offsets(await present(names)),
    offsetsForTime: async (names, timeMs) => admin.offsetsForTime(await present(names), timeMs),
    partitionBytes: async (names) => admin.partitionBytes(await present(names)),
  };
}

async function exists(admin: LogAdmin, name: string): Promise<boolean> {
  try {
    await admin.topics([name]);
    return true;
  } catch (error) {
    if (error instanceof RewindError && error.code === 'topic_not_found') return false;
    throw error;
  }
}
