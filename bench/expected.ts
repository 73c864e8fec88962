/**
 * What every contestant must arrive at: the events of a run made once more and folded with a Map, by JavaScript's own
 * JSON and nothing of ours. Only the digest of the final states is kept.
 */
import { createHash } from 'node:crypto';
import { type BenchEvents, benchEvents } from './topic.js';

/** The tracked fields of SCALE_ENCODING, in the order in which states are written. */
export const TRACKED = ['status', 'owner', 'firmware', 'temperature', 'uptime', 'alerts'] as const;

/**
 * A number for all final states, whatever their order: the sum modulo 2^64 of the first eight bytes (big endian) of
 * SHA-256 of `type \0 id \0 state`, as 16 hexadecimal digits. A state is a JSON object without spaces, the fields in
 * the order of TRACKED, missing ones left out.
 */
export class StateDigest {
  #sum = 0n;

  add(entityType: string, entityId: string, stateJson: string): void {
    const hash = createHash('sha256').update(`${entityType}\0${entityId}\0${stateJson}`).digest();
    this.#sum = BigInt.asUintN(64, this.#sum + hash.readBigUInt64BE(0));
  }

  hex(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }
}

/** Folds the events of a run. The payloads hold no number that JSON.parse would change. */
export function expectedDigest(options: BenchEvents): { readonly digest: string; readonly entities: number } {
  const states = new Map<string, { type: string; id: string; values: Map<string, unknown> }>();
  for (const { event } of benchEvents(options)) {
    const type = event.entityType ?? '';
    const id = event.entityId ?? '';
    let state = states.get(`${type}\0${id}`);
    if (state === undefined) {
      state = { type, id, values: new Map() };
      states.set(`${type}\0${id}`, state);
    }
    const payload = JSON.parse(event.payloadJson) as Record<string, unknown>;
    for (const field of TRACKED) if (Object.hasOwn(payload, field)) state.values.set(field, payload[field]);
  }
  const digest = new StateDigest();
  for (const { type, id, values } of states.values()) {
    const members = TRACKED.filter((field) => values.has(field)).map(
      (field) => `"${field}":${JSON.stringify(values.get(field))}`,
    );
    digest.add(type, id, `{${members.join(',')}}`);
  }
  return { digest: digest.hex(), entities: states.size };
}
