/**
 * What the fold keeps between rows so that it need not look up again by text: the plan of an event type by its bytes,
 * the state of an entity type with the cells of each rule's fields.
 */
import type { CompiledEncoding, EventPlan, PlannedRule } from '../encodings/compile.js';
import { equalBytes, FixedBytes } from '../snapshots/byte-block.js';
import type { Cell } from '../snapshots/cell.js';
import { EntityState } from '../snapshots/entity-state.js';
import { hash } from './fold-ids.js';
import type { FoldRow } from './fold-row.js';

const PLAN_SLOTS = 1024;
/** Producers may invent any number of entity types; beyond so many the states are made afresh. */
const ENTITY_TYPES_MAX = 1000;

interface PlanSlot {
  readonly eventType: FixedBytes;
  readonly plan: EventPlan | null;
}

/** Direct-mapped: one comparison for a hit, bounded whatever event types there are. */
export class EventPlans {
  readonly #encoding: CompiledEncoding;
  readonly #slots: (PlanSlot | undefined)[] = new Array<PlanSlot | undefined>(PLAN_SLOTS).fill(undefined);
  #last: PlanSlot | undefined;

  constructor(encoding: CompiledEncoding) {
    this.#encoding = encoding;
  }

  of(row: FoldRow): EventPlan | null {
    // Events of one type often follow each other: one comparison, no hash.
    if (this.#last !== undefined && isOf(this.#last, row)) return this.#last.plan;
    const { bytes, view, eventType, eventTypeEnd } = row;
    const index = hash(bytes, view, eventType, eventTypeEnd) & (PLAN_SLOTS - 1);
    let slot = this.#slots[index];
    if (slot === undefined || !isOf(slot, row)) {
      const plan = this.#encoding.planFor(row.text('event_type'));
      slot = { eventType: new FixedBytes(row.text('event_type')), plan };
      this.#slots[index] = slot;
    }
    this.#last = slot;
    return slot.plan;
  }
}

function isOf({ eventType: name }: PlanSlot, row: FoldRow): boolean {
  const size = row.eventTypeEnd - row.eventType;
  return (
    size === name.length && equalBytes(row.bytes, row.view, row.eventType, name.buffer, name.view, 0, size)
  );
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
