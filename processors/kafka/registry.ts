/** Schema registries behind one interface: a Confluent-compatible one over HTTP, or files in embedded mode. */
export interface SchemaRegistry {
  /**
   * The text of a writer schema, self-contained. Known ids cost no request. Errors: schema_unknown (the registry says
   * there is none), schema_invalid (too large, or not Avro), registry_unavailable (retryable).
   */
  schemaById(id: number): Promise<string>;
  /**
   * Registers a schema under a subject and returns its id; the same text gives the same id. `compatibility` is set when
   * the subject is new. Errors: schema_incompatible, schema_invalid, registry_unavailable.
   */
  register(subject: string, schemaText: string, compatibility?: Compatibility): Promise<number>;
}

export type Compatibility =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE';
