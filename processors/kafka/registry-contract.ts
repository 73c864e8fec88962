/** What decoders need of a schema registry. */
export interface SchemaReader {
  /**
   * The text of a writer schema, self-contained: schemas it refers to are written out where they are first named. Known
   * ids cost no request. Errors: schema_unknown (the registry says there is none), schema_invalid (too large, or not
   * Avro), registry_unavailable (retryable; asked again at most once a second for an id).
   */
  schemaById(id: number): Promise<string>;
}

/** What producers need beside. */
export interface SchemaRegistry extends SchemaReader {
  /**
   * Registers a schema under a subject and returns its id; the same text gives the same id. `compatibility` (BACKWARD
   * by default) is set when the subject has none of its own; one that it has stands. Errors: schema_incompatible,
   * schema_invalid, registry_unavailable.
   */
  register(subject: string, schemaText: string, compatibility?: Compatibility): Promise<number>;
  /** The id under which a subject has the schema already; null: it does not. Changes nothing. Errors: registry_unavailable. */
  lookUp(subject: string, schemaText: string): Promise<number | null>;
}

export type Compatibility =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE';
