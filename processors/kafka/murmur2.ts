/** Kafka's partitioner for records with a key, as the Java producer has it: the same key, the same partition. Pure. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** 32-bit MurmurHash2, signed, as org.apache.kafka.common.utils.Utils.murmur2. */
export function murmur2(data: Uint8Array): number {
  let hash = SEED ^ data.length;
  let at = 0;
  for (; at + 4 <= data.length; at += 4) {
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    hash = Math.imul(hash, M) ^ k;
  }
  const left = data.length - at;
  if (left >= 3) hash ^= data[at + 2]! << 16;
  if (left >= 2) hash ^= data[at + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ data[at]!, M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
