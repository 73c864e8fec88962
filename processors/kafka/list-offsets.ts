/** Offsets of partitions from their leaders. Below admin.ts, sample.ts and reader.ts. */
import { checkCode, type LogConnection, type TopicInfo } from './connection.js';
import { type ListedOffset, listOffsetsRequest } from './requests.js';

/** One answer for each partition, by topic as asked and partition. `timeMs`: EARLIEST, LATEST or a record time. */
export async function listOffsets(
  connection: LogConnection,
  topics: readonly TopicInfo[],
  committed: boolean,
  timeMs: bigint,
): Promise<ListedOffset[]> {
  const names = topics.map((one) => one.topic);
  let current: readonly TopicInfo[] | null = topics;
  return connection.attempt('listing offsets', async () => {
    // A second try asks for the leaders anew.
    const infos = current ?? (await connection.topics(names));
    current = null;
    const byLeader = new Map<number, { topic: string; partition: number; timeMs: bigint }[]>();
    for (const { topic, partitions } of infos) {
      for (const { partition, leader } of partitions) {
        const list = byLeader.get(leader) ?? [];
        list.push({ topic, partition, timeMs });
        byLeader.set(leader, list);
      }
    }
    const found: ListedOffset[] = [];
    for (const [leader, wanted] of byLeader)
      found.push(...(await connection.ask(leader, listOffsetsRequest(committed, wanted))));
    for (const one of found) checkCode(one.error, `offsets of ${one.topic}/${one.partition}`);
    return found.sort((a, b) => names.indexOf(a.topic) - names.indexOf(b.topic) || a.partition - b.partition);
  });
}
