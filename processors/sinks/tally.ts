/**
 * What a unit wrote to each partition: rows, and a digest that does not depend on their order. Kept as counters of the
 * unit's manifest, so that a run's totals are sums of manifests that count, whoever wrote them. Pure.
 */
import { createHash } from 'node:crypto';
import type { OutputName } from '../../schemas/output.js';
import type { TaskCounters } from '../replay/tasks.js';

interface Sum {
  rows: number;
  /** The halves of a sum modulo 2^64. */
  high: number;
  low: number;
}

const WORD = 2 ** 32;

export class Tally {
  readonly #sums = new Map<string, Sum>();

  /** `identified`: the record's id and its value, one behind the other. */
  add(output: OutputName, partition: number, identified: Buffer): void {
    const key = `${output}.${partition}`;
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = { rows: 0, high: 0, low: 0 };
      this.#sums.set(key, sum);
    }
    const hash = createHash('sha256').update(identified).digest();
    const low = sum.low + hash.readUInt32BE(4);
    sum.rows++;
    sum.low = low % WORD;
    sum.high = (sum.high + hash.readUInt32BE(0) + (low >= WORD ? 1 : 0)) % WORD;
  }

  counters(): TaskCounters {
    const counters: Record<string, number> = {};
    for (const [key, { rows, high, low }] of this.#sums) {
      counters[`${key}.rows`] = rows;
      counters[`${key}.high`] = high;
      counters[`${key}.low`] = low;
    }
    return counters;
  }
}

export interface PartitionTotal {
  readonly rows: number;
  /** 16 hexadecimal digits. */
  readonly digest: string;
}

/** The rows of one partition over the given units' counters. */
export function partitionTotal(
  units: Iterable<{ readonly counters: TaskCounters }>,
  output: OutputName,
  partition: number,
): PartitionTotal {
  const key = `${output}.${partition}`;
  let rows = 0;
  let digest = 0n;
  for (const { counters } of units) {
    rows += counters[`${key}.rows`] ?? 0;
    digest += (BigInt(counters[`${key}.high`] ?? 0) << 32n) + BigInt(counters[`${key}.low`] ?? 0);
  }
  return { rows, digest: BigInt.asUintN(64, digest).toString(16).padStart(16, '0') };
}
