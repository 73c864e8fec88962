/**
 * The short way of the AuditEvent decoder: walks over a record once and notes where its fields lie, without making
 * strings of them. It knows only what our own producers write (texts, optional texts, one long; a canonical payload);
 * for anything else it says false, and avro-decoder.ts reads the record in full. It never throws.
 */
import { isUtf8 } from 'node:buffer';
import { MAX_OCCURRED_AT_NS, MIN_OCCURRED_AT_NS } from '../../schemas/event.js';
import { FixedBytes } from '../snapshots/byte-block.js';
import { ByteDictionary } from '../snapshots/byte-dictionary.js';
import { timestampUnitNs } from './avro-json.js';
import type { AvroType } from './avro-schema.js';
import { CANONICAL_UTF8, checkCanonical, NOT_CANONICAL } from './canonical-check.js';
import {
  DECISION,
  ENTITY_ID,
  ENTITY_TYPE,
  EVENT_ID,
  EVENT_TYPE,
  type EventPlaces,
  OCCURRED_AT,
  PAYLOAD,
  TENANT_ID,
} from './event-places.js';
import { entityTypeOf } from './normalise.js';

/** One field of a writer schema. */
export interface ShortStep {
  readonly slot: number;
  /** The byte of each union branch; -1: no union. */
  readonly nullByte: number;
  readonly textByte: number;
}

/** The steps of a writer schema that has a short way: each field is one we know, a text or null, or the time; else null. */
export function shortPlan(
  fields: readonly { readonly slot: number; readonly type: AvroType }[],
): readonly ShortStep[] | null {
  const steps: ShortStep[] = [];
  for (const { slot, type } of fields) {
    const step = slot < 0 ? null : shortStep(slot, type);
    if (step === null) return null;
    steps.push(step);
  }
  return steps;
}

function shortStep(slot: number, type: AvroType): ShortStep | null {
  if (slot === OCCURRED_AT) {
    const plain = type.kind === 'long' || type.kind === 'int';
    const inNanoseconds = plain && (timestampUnitNs(type.logical) ?? 1n) === 1n;
    return inNanoseconds ? { slot, nullByte: -1, textByte: -1 } : null;
  }
  if (isText(type)) return { slot, nullByte: -1, textByte: -1 };
  if (type.kind !== 'union' || type.branches.length !== 2) return null;
  const nullAt = type.branches.findIndex(({ kind }) => kind === 'null');
  if (nullAt < 0 || !isText(type.branches[1 - nullAt]!)) return null;
  // A branch number is a zigzag long: 0 is the byte 0, 1 the byte 2.
  return { slot, nullByte: 2 * nullAt, textByte: 2 - 2 * nullAt };
}

function isText({ kind }: AvroType): boolean {
  return kind === 'string' || kind === 'bytes';
}

const TWO_32 = 0x1_0000_0000;
/** Doubles near the ends of the range are rounded: there the exact way decides. */
const EARLIEST_NS = Number(MIN_OCCURRED_AT_NS) + 1e6;
const LATEST_NS = Number(MAX_OCCURRED_AT_NS) - 1e6;
/** Event types known by their bytes; all are forgotten when there are more. */
const EVENT_TYPES_MAX = 4096;

export class AvroLocator {
  readonly #depthMax: number;
  readonly #eventTypes: ByteDictionary;
  /** By number of the event type: its entity type; null: the declared one; undefined: not known here. */
  readonly #entityTypes: (FixedBytes | null | undefined)[] = [];

  /** `seed` is chance, as ByteDictionary wants it. */
  constructor(depthMax: number, seed: number) {
    this.#depthMax = depthMax;
    this.#eventTypes = new ByteDictionary(seed);
  }

  /** Reads the datum start..end of `bytes` into `places`; false: not here. */
  locate(
    plan: readonly ShortStep[],
    bytes: Buffer,
    view: DataView,
    start: number,
    end: number,
    places: EventPlaces,
  ): boolean {
    const { starts, ends } = places;
    for (let slot = 0; slot < OCCURRED_AT; slot++) starts[slot] = ends[slot] = 0;
    let encoded = true;
    let at = start;
    for (let i = 0; i < plan.length; i++) {
      const { slot, nullByte, textByte } = plan[i]!;
      if (nullByte >= 0) {
        const branch = at < end ? bytes[at++] : -1;
        if (branch === nullByte) continue;
        if (branch !== textByte) return false;
      }
      if (slot === OCCURRED_AT) {
        at = this.#time(bytes, at, end, places);
        if (at < 0) return false;
        continue;
      }
      // A length of up to three bytes, which must need them all.
      if (at + 3 > end) return false;
      let size = bytes[at++]!;
      if (size >= 0x80) {
        const second = bytes[at++]!;
        size = (size & 0x7f) | ((second & 0x7f) << 7);
        if (second >= 0x80) {
          const third = bytes[at++]!;
          if (third >= 0x80 || third === 0) return false;
          size |= third << 14;
        } else if (second === 0) return false;
      }
      if ((size & 1) !== 0) return false;
      size >>= 1;
      const stop = at + size;
      if (stop > end) return false;
      // An empty text that could have been null: the same column, other bytes.
      if (size === 0) encoded = encoded && nullByte < 0;
      else {
        if (slot < DECISION && !isText8(bytes, view, at, stop)) return false;
        starts[slot] = at;
        ends[slot] = stop;
      }
      at = stop;
    }
    if (at !== end) return false;
    places.encoded = encoded;
    return this.#complete(bytes, view, places);
  }

  /** The checks of `normalise`, and JSON where it must be. */
  #complete(bytes: Buffer, view: DataView, places: EventPlaces): boolean {
    const { starts, ends, members } = places;
    if (ends[EVENT_ID] === 0 || ends[TENANT_ID] === 0 || ends[EVENT_TYPE] === 0) return false;
    if (ends[DECISION] !== 0 && !this.#isDecision(bytes, starts[DECISION]!, ends[DECISION]!)) return false;
    const start = starts[PAYLOAD]!;
    const end = ends[PAYLOAD]!;
    if (end === 0 || bytes[start] !== 0x7b) return false;
    const verdict = checkCanonical(bytes, start, end, this.#depthMax, members);
    if (verdict === NOT_CANONICAL) return false;
    if (verdict === CANONICAL_UTF8 && !isUtf8(bytes.subarray(start, end))) return false;
    const entityType = this.#entityType(bytes, view, starts[EVENT_TYPE]!, ends[EVENT_TYPE]!);
    if (entityType === undefined) return false;
    places.entityType = entityType;
    if (entityType !== null) {
      // Its id may be in the payload.
      if (ends[ENTITY_ID] === 0) return false;
      if (ends[ENTITY_TYPE] === 0) places.encoded = false;
    }
    return true;
  }

  #isDecision(bytes: Buffer, start: number, end: number): boolean {
    const verdict = checkCanonical(bytes, start, end, this.#depthMax);
    if (verdict === NOT_CANONICAL || bytes[start] === 0x6e) return false;
    return verdict !== CANONICAL_UTF8 || isUtf8(bytes.subarray(start, end));
  }

  #entityType(bytes: Buffer, view: DataView, start: number, end: number): FixedBytes | null | undefined {
    if (this.#eventTypes.size >= EVENT_TYPES_MAX) {
      this.#eventTypes.clear();
      this.#entityTypes.length = 0;
    }
    const number = this.#eventTypes.number(bytes, view, start, end);
    if (number < this.#entityTypes.length) return this.#entityTypes[number];
    const text = entityTypeOf(bytes.toString('utf8', start, end));
    const entityType = typeof text === 'string' ? new FixedBytes(text) : text;
    this.#entityTypes.push(entityType);
    return entityType;
  }

  /** Reads a zigzag long; where it ends, or -1: cut off, longer than it need be, or out of range. */
  #time(bytes: Buffer, start: number, end: number, places: EventPlaces): number {
    let low = 0;
    let high = 0;
    let at = start;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) return -1;
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else {
        if (byte > 1) return -1;
        high |= bits << 31;
      }
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) return -1;
        break;
      }
    }
    const sign = -(low & 1);
    places.occurredLow = ((low >>> 1) | (high << 31)) ^ sign;
    places.occurredHigh = (high >>> 1) ^ sign;
    const ns = places.occurredHigh * TWO_32 + (places.occurredLow >>> 0);
    return ns >= EARLIEST_NS && ns <= LATEST_NS ? at : -1;
  }
}

/** Whether bytes start..end are UTF-8; ASCII, which most are, is told without a native call. */
function isText8(bytes: Buffer, view: DataView, start: number, end: number): boolean {
  let bits = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) bits |= view.getInt32(at);
  bits &= 0x80808080;
  for (; at < end; at++) bits |= bytes[at]! & 0x80;
  return bits === 0 || isUtf8(bytes.subarray(start, end));
}
