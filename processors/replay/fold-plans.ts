/**
 * What the fold keeps between rows so that it need not look up again by text: the plan of an event type and the shape
 * of a payload by their keys in the block's dictionaries, the state of an entity type with the cells of each rule's fields.
 */
import type { CompiledEncoding, EventPlan, PlannedRule } from '../encodings/compile.js';
import { PayloadShape } from '../encodings/payload-shape.js';
import type { Cell } from '../snapshots/cell.js';
import { EntityState } from '../snapshots/entity-state.js';
import type { FoldRow } from './fold-row.js';

/** Producers may invent any number of entity types; beyond so many the states are made afresh. */
const ENTITY_TYPES_MAX = 1000;
/** Likewise of payload shapes, by number and by the bytes of their names. */
const SHAPES_MAX = 10_000;
const SHAPES_MAX_BYTES = 8 << 20;

/** Plans of event types; for each block by the key that the event type has in it. */
export class EventPlans {
  readonly #encoding: CompiledEncoding;
  #ofBlock: (EventPlan | null | undefined)[] = [];

  constructor(encoding: CompiledEncoding) {
    this.#encoding = encoding;
  }

  beginBlock(): void {
    this.#ofBlock = [];
  }

  of(row: FoldRow): EventPlan | null {
    let plan = this.#ofBlock[row.eventTypeKey];
    if (plan === undefined) {
      plan = this.#encoding.planFor(row.text('event_type'));
      this.#ofBlock[row.eventTypeKey] = plan;
    }
    return plan;
  }
}

/** Payload shapes, likewise. */
export class PayloadShapes {
  readonly #shapes = new Map<string, PayloadShape>();
  #bytes = 0;
  #ofBlock: (PayloadShape | undefined)[] = [];

  beginBlock(): void {
    this.#ofBlock = [];
  }

  of(row: FoldRow): PayloadShape {
    let shape = this.#ofBlock[row.payloadShapeKey];
    if (shape === undefined) {
      shape = this.#known(row.payloadShape);
      this.#ofBlock[row.payloadShapeKey] = shape;
    }
    return shape;
  }

  #known(bytes: Buffer): PayloadShape {
    const text = bytes.toString('latin1');
    let shape = this.#shapes.get(text);
    if (shape === undefined) {
      if (this.#shapes.size >= SHAPES_MAX || this.#bytes > SHAPES_MAX_BYTES) {
        this.#shapes.clear();
        this.#bytes = 0;
      }
      shape = new PayloadShape(bytes);
      this.#shapes.set(text, shape);
      this.#bytes += bytes.length;
    }
    return shape;
  }
}

/** The state of one entity type; one entity of it is open at a time. */
export class TypeState {
  readonly state: EntityState;
  readonly #cells = new Map<PlannedRule, readonly Cell[]>();

  constructor(encoding: CompiledEncoding, entityType: string) {
    const { own, others } = encoding.trackedFields(entityType);
    this.state = new EntityState(own, others);
  }

  /** Cells of the fields that a rule tracks, in its order. */
  cells(rule: PlannedRule): readonly Cell[] {
    return this.#cells.get(rule) ?? this.#newCells(rule);
  }

  #newCells(rule: PlannedRule): readonly Cell[] {
    const cells = rule.fields.map((field) => this.state.cell(field));
    // Plans are compiled afresh when there are very many event types: the cells of old ones must not pile up.
    if (this.#cells.size >= ENTITY_TYPES_MAX) this.#cells.clear();
    if (cells.every((cell) => this.state.isOwn(cell))) this.#cells.set(rule, cells);
    return cells;
  }
}

export class TypeStates {
  readonly #encoding: CompiledEncoding;
  readonly #types = new Map<string, TypeState>();

  constructor(encoding: CompiledEncoding) {
    this.#encoding = encoding;
  }

  of(entityType: string): TypeState {
    let type = this.#types.get(entityType);
    if (type === undefined) {
      if (this.#types.size >= ENTITY_TYPES_MAX) this.#types.clear();
      type = new TypeState(this.#encoding, entityType);
      this.#types.set(entityType, type);
    }
    return type;
  }
}
