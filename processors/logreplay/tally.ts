/**
 * What a replay has found so far: counts by outcome, groups of alike changes with a sample each, who is affected. Bounded
 * whatever the log holds. A batch counts as a whole or not at all: it fills a tally of its own, which is then added.
 */
import { createHash } from 'node:crypto';
import { objectText } from '../sources/canonical-json.js';
import { arrayItems, resolvePointer, topLevelFields } from '../sources/json-scan.js';
import { quote } from '../sources/json-text.js';
import type { BaseKind } from './bases.js';
import type { ReplayDecision } from './decision.js';
import type { Result, Word } from './outcome.js';

/** Every scheduled decision is exactly one of these. */
export type DecisionClass = 'unchanged' | 'changed' | 'failed' | 'not_reproduced' | 'not_replayable';

/** What became of one decision. */
export interface Verdict {
  readonly decision: ReplayDecision;
  readonly class: DecisionClass;
  /** Of not_reproduced and not_replayable. */
  readonly reason?: string;
  readonly base: BaseKind;
  /** What is compared: the way below the decision's path, and both results there. */
  readonly way: readonly string[];
  readonly before: Result;
  readonly after: Result;
  readonly was: Word;
  readonly is: Word;
}

export interface Group {
  readonly path: string;
  readonly was: Word;
  readonly is: Word;
  /** Canonical JSON; null: undefined, or an error. */
  readonly before: string | null;
  readonly after: string | null;
  readonly error: string | null;
  count: number;
  firstNs: bigint;
  lastNs: bigint;
  /** A decision of the group in decision-log format, with what is new; null: there was no room. */
  sample: string | null;
}

export interface TallyLimits {
  readonly groupsMax: number;
  readonly samplesMaxBytes: number;
  readonly affectedMax: number;
  readonly resultShownBytes: number;
}

/** What a tally has counted, without its limits. */
export type Counted = Pick<
  Tally,
  | 'classes'
  | 'reasons'
  | 'transitions'
  | 'bases'
  | 'groups'
  | 'errors'
  | 'errorCount'
  | 'ungrouped'
  | 'affected'
>;

/** Messages of what could not be looked at. */
const ERRORS_MAX = 20;

export class Tally {
  readonly classes = new Map<DecisionClass, number>();
  /** `class reason` → count. */
  readonly reasons = new Map<string, number>();
  /** `was is` → count. */
  readonly transitions = new Map<string, number>();
  readonly bases = new Map<BaseKind, number>();
  readonly groups = new Map<string, Group>();
  /** Decisions that could not be looked at: a patch that does not fit, a proposal that does not; by what was wrong. */
  readonly errors = new Map<string, { readonly code: string; readonly message: string; count: number }>();
  /** All of them, also those whose message is one too many. */
  errorCount = 0;
  /** Decisions whose group is one too many. */
  ungrouped = 0;
  /** By pointer: canonical value → changed decisions. */
  readonly affected: ReadonlyMap<string, { readonly values: Map<string, number>; others: number }>;
  readonly #limits: TallyLimits;
  #sampleBytes = 0;

  constructor(limits: TallyLimits, affectedBy: readonly string[]) {
    this.#limits = limits;
    this.affected = new Map(affectedBy.map((pointer) => [pointer, { values: new Map(), others: 0 }]));
  }

  count(name: DecisionClass): number {
    return this.classes.get(name) ?? 0;
  }

  add(verdict: Verdict): void {
    add(this.classes, verdict.class, 1);
    if (verdict.reason !== undefined) add(this.reasons, `${verdict.class} ${verdict.reason}`, 1);
    if (verdict.class === 'not_replayable') return;
    add(this.bases, verdict.base, 1);
    if (verdict.class === 'not_reproduced') return;
    add(this.transitions, `${verdict.was} ${verdict.is}`, 1);
    if (verdict.class === 'unchanged') return;
    this.#group(verdict);
    if (verdict.class === 'changed') this.#affect(verdict.decision.input);
  }

  error({ code, message }: { readonly code: string; readonly message: string }, count: number): void {
    this.errorCount += count;
    const known = this.errors.get(`${code} ${message}`);
    if (known !== undefined) known.count += count;
    else if (this.errors.size < ERRORS_MAX) this.errors.set(`${code} ${message}`, { code, message, count });
  }

  addAll(other: Counted): void {
    for (const error of other.errors.values()) this.error(error, error.count);
    const listed = [...other.errors.values()].reduce((sum, { count }) => sum + count, 0);
    this.errorCount += other.errorCount - listed;
    for (const [name, count] of other.classes) add(this.classes, name, count);
    for (const [name, count] of other.reasons) add(this.reasons, name, count);
    for (const [name, count] of other.transitions) add(this.transitions, name, count);
    for (const [name, count] of other.bases) add(this.bases, name, count);
    this.ungrouped += other.ungrouped;
    for (const [key, group] of other.groups) this.#merge(key, group);
    for (const [pointer, { values, others }] of other.affected) {
      this.affected.get(pointer)!.others += others;
      for (const [value, count] of values) this.#affectedValue(pointer, value, count);
    }
  }

  #group(verdict: Verdict): void {
    const { decision, way, was, is } = verdict;
    const path = [...decision.path, ...way].join('/');
    const before = jsonOf(verdict.before);
    const after = jsonOf(verdict.after);
    const error = verdict.after.kind === 'error' ? verdict.after.message : null;
    const key = keyOf([
      path,
      was,
      is,
      before ?? '',
      after ?? '',
      error ?? '',
      decision.revision,
      likeness(decision.input),
    ]);
    this.#merge(key, {
      path,
      was,
      is,
      before: this.#shown(before),
      after: this.#shown(after),
      error,
      count: 1,
      firstNs: decision.ns,
      lastNs: decision.ns,
      sample: this.groups.has(key) ? null : sampleOf(verdict, path),
    });
  }

  #merge(key: string, group: Group): void {
    const known = this.groups.get(key);
    if (known !== undefined) {
      known.count += group.count;
      if (group.firstNs < known.firstNs) known.firstNs = group.firstNs;
      if (group.lastNs > known.lastNs) known.lastNs = group.lastNs;
      return;
    }
    if (this.groups.size >= this.#limits.groupsMax) {
      this.ungrouped += group.count;
      return;
    }
    const bytes = group.sample?.length ?? 0;
    const fits = this.#sampleBytes + bytes <= this.#limits.samplesMaxBytes;
    if (fits) this.#sampleBytes += bytes;
    this.groups.set(key, { ...group, sample: fits ? group.sample : null });
  }

  #affect(input: string | undefined): void {
    for (const pointer of this.affected.keys()) {
      // Named as places of the decision: `/input/user`.
      const value = input === undefined ? undefined : resolvePointer(`{"input":${input}}`, pointer);
      this.#affectedValue(pointer, this.#shown(value ?? null) ?? 'null', 1);
    }
  }

  #affectedValue(pointer: string, value: string, count: number): void {
    const counted = this.affected.get(pointer)!;
    if (counted.values.has(value) || counted.values.size < this.#limits.affectedMax)
      add(counted.values, value, count);
    else counted.others += count;
  }

  /** Long values are told by their hash. */
  #shown(json: string | null): string | null {
    if (json === null || json.length <= this.#limits.resultShownBytes) return json;
    return objectText([['sha256', quote(createHash('sha256').update(json).digest('hex'))]]);
  }
}

function add<K>(counts: Map<K, number>, key: K, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function jsonOf(result: Result): string | null {
  return result.kind === 'value' ? result.json : null;
}

function keyOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}

const LIKENESS_DEPTH = 4;

/** Inputs with the same members of the same kinds are alike; what a list holds does not count, nor what lies deep. */
function likeness(json: string | undefined, depth = LIKENESS_DEPTH): string {
  if (json === undefined) return '-';
  const first = json[0]!;
  if (first === '{') {
    if (depth === 0) return '{}';
    return `{${[...topLevelFields(json)].map(({ name, value }) => `${quote(name)}:${likeness(value, depth - 1)}`).join()}}`;
  }
  if (first === '[') {
    const [item] = arrayItems(json);
    return depth === 0 ? '[]' : `[${item === undefined ? '' : likeness(item, depth - 1)}]`;
  }
  return first === '"' ? 's' : first === 't' || first === 'f' ? 'b' : first === 'n' ? 'n' : '0';
}

/** The decision as it was logged, narrowed to what was compared, with the new result or why there is none. */
function sampleOf({ decision, way, before, after }: Verdict, path: string): string {
  const members = new Map([...topLevelFields(decision.payload)].map(({ name, value }) => [name, value]));
  if (way.length > 0) {
    members.set('path', quote(path));
    members.delete('result');
    if (before.kind === 'value') members.set('result', before.json);
  }
  if (after.kind === 'value') members.set('new_result', after.json);
  if (after.kind === 'error') members.set('error', quote(after.message));
  return objectText([...members]);
}

/** In one order, however the work was shared. */
export function frequentFirst(groups: Iterable<Group>): Group[] {
  const text = ({ path, was, is, before, after, error, firstNs }: Group): string =>
    [path, was, is, before, after, error, firstNs].join('\n');
  return [...groups].sort((a, b) => b.count - a.count || (text(a) < text(b) ? -1 : 1));
}
