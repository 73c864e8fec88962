/**
 * An encoding: how past events are read as changes of entities, without code. Immutable once a version is saved.
 * `encodings/rewind.json` is version 1; `encodings/cloudtrail.json` reads AWS CloudTrail.
 *
 * Values are found by templates:
 * - a JSON pointer (`/requestParameters/name`) into the payload;
 * - `$name` for an envelope field: `$entity_id`, `$entity_type`, `$event_type`, `$tenant_id`, `$actor`, `$event_id`;
 * - `=text` for a constant;
 * - `@/name` inside a rule with `forEach`: a pointer into the item (`@` alone: the item itself).
 * A list of templates takes the first that finds a non-null value.
 */
import { type Static, Type } from 'typebox';

const Template = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[/$=@]' });
export const Templates = Type.Union([Template, Type.Array(Template, { minItems: 1, maxItems: 16 })]);
export type Templates = Static<typeof Templates>;

const Field = Type.String({ minLength: 1, maxLength: 256 });

export const Operation = Type.Union([
  Type.Object({ op: Type.Literal('set'), field: Field, from: Templates }, { additionalProperties: false }),
  Type.Object(
    { op: Type.Literal('increment'), field: Field, by: Type.Union([Templates, Type.Number()]) },
    { additionalProperties: false },
  ),
  Type.Object({ op: Type.Literal('append'), field: Field, from: Templates }, { additionalProperties: false }),
  Type.Object({ op: Type.Literal('remove'), field: Field }, { additionalProperties: false }),
  Type.Object(
    { op: Type.Literal('merge'), field: Type.Optional(Field), from: Templates },
    { additionalProperties: false },
  ),
  Type.Object({ op: Type.Literal('deleteEntity') }, { additionalProperties: false }),
]);
export type Operation = Static<typeof Operation>;

/** All must hold: template → the JSON value it must equal, or `{ "exists": true | false }`. */
export const Conditions = Type.Record(Type.String({ pattern: '^[/$@]' }), Type.Unknown());
export type Conditions = Static<typeof Conditions>;

/**
 * How a value is hidden. redact: `***`, so that nothing but its presence shows; hash: 128 bits of SHA-256 over field and
 * value, so that a change shows, and where a value occurs again; last4: the last four characters of texts from twelve on.
 */
export const Mask = Type.Union([Type.Literal('redact'), Type.Literal('hash'), Type.Literal('last4')]);
export type Mask = Static<typeof Mask>;

export const EncodingRule = Type.Object(
  {
    /** Event type: exact (`content.updated`) or a prefix with `*` (`content.*`). The longest match wins. */
    match: Type.String({ minLength: 1, maxLength: 256 }),
    where: Type.Optional(Conditions),
    /** Pointer to an array of the payload: the rule applies once for each item, in order, each its own entity. */
    forEach: Type.Optional(Type.String({ pattern: '^/', maxLength: 1024 })),
    entityType: Type.Optional(Templates),
    entityId: Type.Optional(Templates),
    /** Tracked fields in order: name → where the value comes from. A value that is found (null too) is set. */
    track: Type.Optional(Type.Record(Field, Templates)),
    /** Track every top-level field of the payload instead. */
    trackDocument: Type.Optional(Type.Boolean()),
    operations: Type.Optional(Type.Array(Operation, { maxItems: 64 })),
  },
  { additionalProperties: false },
);
export type EncodingRule = Static<typeof EncodingRule>;

/** How a foreign JSON record becomes the envelope of an AuditEvent; used at ingest and by a source's mapping. */
export const EnvelopeMapping = Type.Object(
  {
    eventId: Type.Optional(Templates),
    tenantId: Type.Optional(Templates),
    /** Joined with `.` when a list of lists is needed; see `eventTypeParts`. */
    eventType: Type.Optional(Templates),
    /** Parts joined with `.`, each lower-cased up to its first dot: [`/eventSource`, `/eventName`] → `ssm.PutParameter`. */
    eventTypeParts: Type.Optional(Type.Array(Templates, { minItems: 1, maxItems: 4 })),
    occurredAt: Templates,
    actor: Type.Optional(Templates),
    action: Type.Optional(Templates),
    severity: Type.Optional(Templates),
    decision: Type.Optional(Templates),
  },
  { additionalProperties: false },
);
export type EnvelopeMapping = Static<typeof EnvelopeMapping>;

export const Encoding = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 2000 })),
    /** `envelope`: the archive's entity stands and no rule may derive another. `rules`: entityType/entityId of the rules. */
    entity: Type.Union([Type.Literal('envelope'), Type.Literal('rules')]),
    envelope: Type.Optional(EnvelopeMapping),
    /** Events for which any entry holds are left out before the rules are tried, and counted as skipped. */
    ignore: Type.Optional(
      Type.Array(
        Type.Object(
          { match: Type.Optional(Type.String({ minLength: 1 })), where: Type.Optional(Conditions) },
          { additionalProperties: false },
        ),
        { maxItems: 200 },
      ),
    ),
    /** Fields whose values no state ever holds: name → how they are hidden. */
    mask: Type.Optional(Type.Record(Field, Mask)),
    rules: Type.Array(EncodingRule, { minItems: 1, maxItems: 2000 }),
  },
  { additionalProperties: false },
);
export type Encoding = Static<typeof Encoding>;
