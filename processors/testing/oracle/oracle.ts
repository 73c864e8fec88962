/**
 * The oracle: a plain, single-threaded fold of what was sent, against which every run of the pipeline is compared row
 * for row. It reads all records, keeps those the job asks for, sorts them and applies them one by one.
 */
import type { JobCounters } from '../../../schemas/job.js';
import {
  apply,
  fieldOrder,
  findText,
  OperationFailed,
  ruleFor,
  type State,
  type Subject,
  subjectsOf,
} from './encoding.js';
import { byBytes, type Json, objectText, text } from './json.js';
import {
  byPlace,
  byTime,
  compare,
  type Decoded,
  decode,
  envelopeRow,
  makeRow,
  placeOf,
  type Row,
} from './rows.js';
import type { OracleJob, OracleLetter, OracleResult, OracleSnapshot, SentRecord } from './types.js';

type Tally = { -readonly [K in keyof JobCounters]: number };

type FoldFailure = 'operation_failed' | 'entity_id_missing';

interface Entity {
  readonly type: string;
  readonly id: string;
  readonly order: (a: string, b: string) => number;
  state: State;
  folded: number;
  /** Why all its further events fail. */
  stopped: FoldFailure | null;
  last: { row: Row; exists: boolean } | null;
}

/** Everything that the job must come to. */
export function runOracle(records: readonly SentRecord[], job: OracleJob): OracleResult {
  return new Run(job).run(records);
}

class Run {
  readonly #tally: Tally = {
    scanned: 0,
    processed: 0,
    failed: 0,
    duplicates: 0,
    conflicts: 0,
    skipped: 0,
    snapshots: 0,
    changed: 0,
    entities: 0,
  };
  readonly #snapshots: OracleSnapshot[] = [];
  readonly #letters: OracleLetter[] = [];
  readonly #entities = new Map<string, Entity>();
  readonly #orders = new Map<string, (a: string, b: string) => number>();

  constructor(readonly job: OracleJob) {}

  run(records: readonly SentRecord[]): OracleResult {
    const rows = records.flatMap((record) => this.#select(record));
    rows.sort(this.job.ordering === 'log' ? byPlace : byTime);
    for (const row of this.#firsts(rows)) this.#fold(row);
    if (this.job.snapshots === 'final') for (const entity of this.#entities.values()) this.#final(entity);
    this.#tally.snapshots = this.#snapshots.length;
    this.#snapshots.sort(
      (a, b) => compare(a.occurredAtNs, b.occurredAtNs) || byBytes(a.eventId, b.eventId) || a.n - b.n,
    );
    this.#letters.sort((a, b) => byPlace({ place: a }, { place: b }));
    return { snapshots: this.#snapshots, letters: this.#letters, counters: this.#tally };
  }

  /** The rows of a record that the job folds; everything else is counted here. */
  #select(record: SentRecord): Row[] {
    const { job } = this;
    this.#tally.scanned++;
    const event = record.event === null ? null : decode(record, record.event, job);
    const inRange = (ns: bigint) => ns >= job.startNs && ns <= job.endNs;
    if (event === null) {
      if (!inRange(record.recordTimeMs * 1_000_000n)) return this.#skip();
      this.#tally.failed++;
      this.#letters.push({ ...placeOf(record, 0), kind: 'failed', stage: 'decode', code: '', ...NO_EVENT });
      return [];
    }
    const { sent } = event;
    const { event_type, severity } = job.filters;
    if (sent.tenantId !== job.tenantId || !inRange(sent.occurredAtNs)) return this.#skip();
    if (event_type !== undefined && !event_type.some((one) => matches(one, sent.eventType)))
      return this.#skip();
    if (severity !== undefined && !severity.includes(sent.severity ?? '')) return this.#skip();
    const rows =
      job.encoding.entity === 'envelope' ? [envelopeRow(record, event)] : this.#mapped(record, event);
    return rows.filter((row) => this.#entityWanted(row));
  }

  #skip(): [] {
    this.#tally.skipped++;
    return [];
  }

  #entityWanted(row: Row): boolean {
    const { entity_type, entity_id } = this.job.filters;
    const wanted =
      (entity_type === undefined || entity_type.includes(row.entityType)) &&
      (entity_id === undefined || entity_id.includes(row.entityId));
    if (!wanted) this.#tally.skipped++;
    return wanted;
  }

  /** A record that touches k entities counts k times. */
  #mapped(record: SentRecord, event: Decoded): Row[] {
    const { encoding } = this.job;
    const whole: Subject = { envelope: event.envelope, payload: event.payload, item: undefined };
    const rule = ruleFor(encoding, event.sent.eventType, whole);
    const subjects = rule === undefined ? [] : subjectsOf(rule, whole);
    if (rule === undefined || subjects.length === 0) return this.#skip();
    this.#tally.scanned += subjects.length - 1;
    return subjects.map((subject, n) => {
      const entityType = findText(rule.entityType!, subject);
      const entityId = findText(rule.entityId!, subject);
      return makeRow(record, event, n, entityType, entityId, { rule, subject });
    });
  }

  /** The first event of every id, with all its rows; later records of the same id are counted. */
  #firsts(rows: readonly Row[]): Row[] {
    const first = new Map<string, { at: string; bodies: Map<number, string> }>();
    return rows.filter((row) => {
      const { topicId, partition, offset, n } = row.place;
      const at = `${topicId}/${partition}/${offset}`;
      const known = first.get(row.event.eventId);
      if (known === undefined || known.at === at) {
        if (known === undefined) first.set(row.event.eventId, { at, bodies: new Map([[n, row.body]]) });
        else known.bodies.set(n, row.body);
        return true;
      }
      if (known.bodies.get(n) === row.body) this.#tally.duplicates++;
      else {
        this.#tally.conflicts++;
        this.#letter(row, 'conflict', 'event_id_conflict');
      }
      return false;
    });
  }

  #fold(row: Row): void {
    const { encoding } = this.job;
    const { event } = row;
    const eventType = event.sent.eventType;
    const subject = row.mapped?.subject ?? {
      envelope: event.envelope,
      payload: event.payload,
      item: undefined,
    };
    const rule = row.mapped?.rule ?? ruleFor(encoding, eventType, subject);
    if (rule === undefined) {
      this.#tally.skipped++;
      return;
    }
    const entity = this.#entity(row);
    const cannot = entity.stopped ?? (row.entityId === '' ? 'entity_id_missing' : null);
    if (cannot !== null) {
      this.#fail(row, entity, cannot);
      return;
    }
    const before = entity.state;
    try {
      const { after, exists } = apply(rule, eventType, before, subject);
      entity.state = after;
      entity.last = { row, exists };
      this.#emit(row, entity, before, exists);
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      this.#fail(row, entity, 'operation_failed');
    }
  }

  #entity(row: Row): Entity {
    const key = `${row.entityType}\u0000${row.entityId}`;
    const known = this.#entities.get(key);
    if (known !== undefined) return known;
    const order = this.#orders.get(row.entityType) ?? fieldOrder(this.job.encoding, row.entityType);
    this.#orders.set(row.entityType, order);
    const made: Entity = {
      type: row.entityType,
      id: row.entityId,
      order,
      state: new Map(),
      folded: 0,
      stopped: null,
      last: null,
    };
    this.#entities.set(key, made);
    return made;
  }

  #fail(row: Row, entity: Entity, code: FoldFailure): void {
    this.#tally.failed++;
    if (this.job.onFailure === 'stop_entity') entity.stopped ??= code;
    this.#letter(row, 'failed', code);
  }

  #emit(row: Row, entity: Entity, before: State, exists: boolean): void {
    const foldSeq = entity.folded++;
    this.#tally.processed++;
    if (foldSeq === 0) this.#tally.entities++;
    const snapshot = snapshotOf(row, entity, foldSeq, before, exists);
    if (snapshot.changes > 0) this.#tally.changed++;
    const { snapshots } = this.job;
    if (snapshots === 'all' || (snapshots === 'changed' && snapshot.changes > 0))
      this.#snapshots.push(snapshot);
  }

  /** One row for the entity: its last event, and what all of them came to. */
  #final(entity: Entity): void {
    if (entity.last === null) return;
    this.#snapshots.push(
      snapshotOf(entity.last.row, entity, entity.folded - 1, new Map(), entity.last.exists),
    );
  }

  #letter(row: Row, kind: OracleLetter['kind'], code: OracleLetter['code']): void {
    const { eventId, sent } = row.event;
    const { entityType, entityId } = row;
    const event = { eventId, eventType: sent.eventType, entityType, entityId };
    this.#letters.push({ ...row.place, kind, stage: 'fold', code, ...event });
  }
}

const NO_EVENT = { eventId: '', eventType: '', entityType: '', entityId: '' };

function snapshotOf(
  row: Row,
  entity: Entity,
  foldSeq: number,
  before: State,
  exists: boolean,
): OracleSnapshot {
  const after = entity.state;
  const fields = [...new Set([...before.keys(), ...after.keys()])].sort(entity.order);
  const diff: string[] = [];
  for (const field of fields) {
    const old = before.get(field);
    const now = after.get(field);
    if (old !== undefined && now !== undefined && text(old) === text(now)) continue;
    const operation = old === undefined ? 'added' : now === undefined ? 'removed' : 'modified';
    const members: [string, Json][] = [['field', field]];
    if (old !== undefined) members.push(['before', old]);
    if (now !== undefined) members.push(['after', now]);
    diff.push(objectText([...members, ['operation', operation]]));
  }
  const stateText = (state: State) =>
    objectText(fields.filter((field) => state.has(field)).map((field) => [field, state.get(field)!]));
  return {
    ...row.place,
    entityType: entity.type,
    entityId: entity.id,
    foldSeq,
    eventId: row.event.eventId,
    eventType: row.event.sent.eventType,
    occurredAtNs: row.event.sent.occurredAtNs,
    stateBefore: stateText(before),
    stateAfter: stateText(after),
    diff: `[${diff.join(',')}]`,
    changes: diff.length,
    exists,
  };
}

function matches(filter: string, eventType: string): boolean {
  return filter.endsWith('*') ? eventType.startsWith(filter.slice(0, -1)) : filter === eventType;
}
