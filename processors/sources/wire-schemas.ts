/**
 * Registry Avro on the wire: byte 0, the schema id in four bytes, the datum. Keeps what was compiled for each writer
 * id; all waiting for the registry happens in `prepare`, so that decoding a record never waits.
 */
import { RewindError } from '../../schemas/errors.js';
import type { SchemaReader } from '../kafka/registry.js';
import type { LogRecords } from './log-records.js';

export const WIRE_HEADER_BYTES = 5;
/** Requests to the registry at once. */
const REQUESTS_MAX = 4;
/** Writer ids kept; cleared when full, so that random ids cannot grow it. */
const IDS_MAX = 10_000;

/** The schema id of a wire-format value, which may be 0; -1: not wire format. */
export function wireSchemaId(value: Buffer): number {
  return value.length >= WIRE_HEADER_BYTES && value[0] === 0 ? value.readInt32BE(1) : -1;
}

/** The ids that wire-format records name. */
function schemaIds({ parts, valueStarts, valueEnds }: LogRecords): Set<number> {
  const ids = new Set<number>();
  let last = -1;
  for (const { bytes, view, first, end } of parts) {
    for (let i = first; i < end; i++) {
      const start = valueStarts[i]!;
      if (start < 0 || valueEnds[i]! - start < WIRE_HEADER_BYTES || bytes[start] !== 0) continue;
      const id = view.getInt32(start + 1);
      if (id === last || id < 0) continue;
      last = id;
      ids.add(id);
    }
  }
  return ids;
}

export class WireSchemas<Plan extends object> {
  readonly #registry: SchemaReader;
  readonly #compile: (schemaText: string) => Plan;
  readonly #plans = new Map<number, Plan | RewindError>();
  #lastId = -1;
  #lastPlan: Plan | undefined;

  /** `compile` raises schema_invalid where the schema cannot be read. */
  constructor(registry: SchemaReader, compile: (schemaText: string) => Plan) {
    this.#registry = registry;
    this.#compile = compile;
  }

  /**
   * Loads the schemas that these records name. A schema that does not exist or is bad is remembered as such for the
   * records at hand; only retryable errors reject.
   */
  async prepare(records: LogRecords): Promise<void> {
    const missing = new Set<number>();
    for (const id of schemaIds(records)) {
      const known = this.#plans.get(id);
      // An id that was unknown may have been registered since; the registry client limits how often it asks.
      if (known === undefined || (known instanceof RewindError && known.code === 'schema_unknown'))
        missing.add(id);
    }
    if (missing.size === 0) return;
    if (this.#plans.size + missing.size > IDS_MAX) this.#plans.clear();
    const ids = missing.values();
    const loaders = Array.from({ length: Math.min(REQUESTS_MAX, missing.size) }, async () => {
      for (const id of ids) this.#plans.set(id, await this.#load(id));
    });
    await Promise.all(loaders);
  }

  async #load(id: number): Promise<Plan | RewindError> {
    try {
      return this.#compile(await this.#registry.schemaById(id));
    } catch (error) {
      if (!(error instanceof RewindError) || error.retryable) throw error;
      return error;
    }
  }

  /** What was compiled for an id; undefined: nothing, and `plan` says why. */
  known(id: number): Plan | undefined {
    if (id === this.#lastId) return this.#lastPlan;
    const plan = this.#plans.get(id);
    if (plan === undefined || plan instanceof RewindError) return undefined;
    this.#lastId = id;
    this.#lastPlan = plan;
    return plan;
  }

  /** What was compiled for an id. Errors: schema_unknown, schema_invalid; internal where prepare was not awaited. */
  plan(id: number): Plan {
    const known = this.known(id);
    if (known !== undefined) return known;
    const failed = this.#plans.get(id);
    if (failed !== undefined) throw failed;
    if (id < 0) throw new RewindError('schema_unknown', `schema id ${id}: ids are not negative`);
    throw new RewindError('internal', `schema id ${id} was not prepared`);
  }
}
