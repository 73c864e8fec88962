/**
 * The store as a server: statements share its cores evenly, none uses more than one core for each of its threads, and
 * only so many run at once. Inserts make parts; sixteen parts of a size are merged to one by work that competes for the
 * same cores; too many parts slow inserts down. The network in is one after the other.
 */
import { type Agenda, Heap, type Wait } from './agenda.js';
import { ASSUMED, CONFIGURED, MEASURED } from './constants.js';

export type WorkKind = 'useful' | 'small' | 'merge';

export interface Statement {
  readonly kind: WorkKind;
  readonly cpuUs: number;
  /** Default 1. */
  readonly threads?: number;
  /** When it begins to run: what a read sees is the state of this moment. */
  readonly onStart?: () => void;
}

interface Table {
  readonly mergeUs: number;
  /** Parts by how often their rows were merged; `rows` of all parts of a level. */
  readonly levels: { parts: number; rows: number }[];
}

export type TableName = 'archive' | 'snapshots';

export class SimStore {
  /** Milliseconds of CPU time spent, by kind. */
  readonly cpuMs: Record<WorkKind, number> = { useful: 0, small: 0, merge: 0 };
  /** Small statements so far. */
  smallStatements = 0;
  networkMs = 0;
  partsMax = 0;
  delayedInserts = 0;
  /** Sum over time of statements that run, in milliseconds: for the share of slots that is taken. */
  slotMs = 0;
  readonly #agenda: Agenda;
  readonly #cores: number;
  readonly #tables: Record<TableName, Table>;
  /** By the virtual time at which each piece of work ends: all pieces run at the same rate. */
  readonly #running = new Heap();
  #pieces = 0;
  #virtual = 0;
  #updated = 0;
  #planned = 0;
  #statements = 0;
  readonly #queue: (() => void)[] = [];
  #queueAt = 0;
  #networkFree = 0;
  #merging = 0;
  readonly #merges: (() => void)[] = [];

  constructor(agenda: Agenda, cores: number, mergeUs: Readonly<Record<TableName, number>>) {
    this.#agenda = agenda;
    this.#cores = cores;
    this.#tables = {
      archive: { mergeUs: mergeUs.archive, levels: [] },
      snapshots: { mergeUs: mergeUs.snapshots, levels: [] },
    };
  }

  /** Runs when a slot is free; resumes when it has ended. */
  statement(statement: Statement): Wait {
    return (resume) => {
      const since = { at: 0 };
      const start = (): void => {
        this.#statements++;
        since.at = this.#agenda.now;
        statement.onStart?.();
        this.#work(statement, () => {
          this.#statements--;
          this.slotMs += this.#agenda.now - since.at;
          this.#next();
          resume();
        });
      };
      if (this.#statements < ASSUMED.statementsMax) start();
      else this.#queue.push(start);
    };
  }

  small(cpuUs: number, onStart?: () => void): Wait {
    this.smallStatements++;
    const sent = this.statement({ kind: 'small', cpuUs, ...(onStart === undefined ? {} : { onStart }) });
    return (resume) => this.#agenda.after(MEASURED.smallStatementNodeUs / 1_000, () => sent(resume));
  }

  /** Bytes on their way in, one sender after the other at the speed of one interface. */
  receive(bytes: number): Wait {
    return (resume) => {
      const ms = (bytes / ASSUMED.networkBytesPerSecond) * 1_000;
      this.networkMs += ms;
      this.#networkFree = Math.max(this.#networkFree, this.#agenda.now) + ms;
      this.#agenda.after(this.#networkFree - this.#agenda.now, resume);
    };
  }

  /** What ClickHouse adds to an insert while a table has too many parts. */
  backpressure(table: TableName): Wait {
    const parts = this.parts(table);
    const over = (parts - ASSUMED.partsToDelay) / (ASSUMED.partsToThrow - ASSUMED.partsToDelay);
    if (over > 0) this.delayedInserts++;
    return this.#agenda.sleep(over > 0 ? Math.min(1, over) * 1_000 : 0);
  }

  /** Rows that an insert has stored, in parts of at most `blockRows`. */
  stored(table: TableName, rows: number, blockRows: number): void {
    for (let left = rows; left > 0; left -= blockRows) this.#addPart(table, 0, Math.min(left, blockRows));
    this.partsMax = Math.max(this.partsMax, this.parts(table));
  }

  parts(table: TableName): number {
    return this.#tables[table].levels.reduce((sum, level) => sum + level.parts, 0);
  }

  #addPart(name: TableName, at: number, rows: number): void {
    const { levels, mergeUs } = this.#tables[name];
    while (levels.length <= at) levels.push({ parts: 0, rows: 0 });
    const level = levels[at]!;
    level.parts++;
    level.rows += rows;
    if (level.parts % CONFIGURED.mergeParts !== 0) return;
    const merged = (level.rows * CONFIGURED.mergeParts) / level.parts;
    const run = (): void => {
      this.#merging++;
      this.#work({ kind: 'merge', cpuUs: merged * mergeUs }, () => {
        this.#merging--;
        level.parts -= CONFIGURED.mergeParts;
        level.rows -= merged;
        this.#addPart(name, at + 1, merged);
        if (this.#merging < ASSUMED.mergesMax) this.#merges.shift()?.();
      });
    };
    if (this.#merging < ASSUMED.mergesMax) run();
    else this.#merges.push(run);
  }

  #next(): void {
    const start = this.#queue[this.#queueAt];
    if (start === undefined) return;
    this.#queueAt++;
    if (this.#queueAt > 1_000 && this.#queueAt * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#queueAt);
      this.#queueAt = 0;
    }
    start();
  }

  /** One piece of work for each thread; `ended` when the last has ended. */
  #work({ kind, cpuUs, threads = 1 }: Statement, ended: () => void): void {
    this.#advance();
    this.cpuMs[kind] += cpuUs / 1_000;
    let left = threads;
    for (let i = 0; i < threads; i++) {
      this.#pieces++;
      this.#running.push(this.#virtual + cpuUs / 1_000 / threads, () => {
        if (--left === 0) ended();
      });
    }
    this.#plan();
  }

  get #rate(): number {
    return this.#pieces <= this.#cores ? 1 : this.#cores / this.#pieces;
  }

  #advance(): void {
    this.#virtual += (this.#agenda.now - this.#updated) * this.#rate;
    this.#updated = this.#agenda.now;
  }

  /** Plans the end of the piece that ends next; what was planned before is void. */
  #plan(): void {
    const plan = ++this.#planned;
    const next = this.#running.first;
    if (next === undefined) return;
    const delay = Math.max(0, (next.key - this.#virtual) / this.#rate);
    this.#agenda.after(delay, () => {
      if (plan !== this.#planned) return;
      this.#advance();
      // Exactly its end: otherwise rounding could leave a rest that takes no time.
      this.#virtual = Math.max(this.#virtual, next.key);
      this.#running.pop();
      this.#pieces--;
      this.#plan();
      next.run();
    });
  }
}
