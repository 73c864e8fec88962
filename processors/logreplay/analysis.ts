/**
 * The decisions of one batch, made again: which are in scope, by which policies, what came of it. The one loop behind log
 * replays that answer at once and those that run as jobs.
 *
 * A decision counts as changed only where the policies as they were (the control run) still give what was logged, and the
 * proposal gives something else.
 */
import { createHash } from 'node:crypto';
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { DecisionInput, Evaluated, Policies, PolicyToRun } from '../policy/contract.js';
import type { Base, Bases } from './bases.js';
import { type LoggedRow, type ReplayDecision, readDecision } from './decision.js';
import { narrowed, type Result, resultOf, sameResult, wordOf } from './outcome.js';
import type { PatchOperation } from './patch.js';
import { type Scope, waysOf } from './scope.js';
import { Tally, type TallyLimits, type Verdict } from './tally.js';

export interface AnalysisRules {
  readonly scopes: readonly Scope[];
  readonly decisionPatches: readonly PatchOperation[];
  /** Fields that count; empty: whole results. */
  readonly significant: readonly string[];
  /** By which results are told to allow or deny. */
  readonly verdictFields: readonly string[];
  /** Equal inputs under equal policies and data are evaluated once. */
  readonly deterministic: boolean;
  readonly affectedBy: readonly string[];
}

export interface AnalysisLimits extends TallyLimits {
  readonly memoDecisions: number;
}

export interface BatchResult {
  readonly observed: number;
  readonly scheduled: number;
  readonly tally: Tally;
}

interface Pair {
  readonly control: Evaluated | null;
  readonly proposed: Evaluated;
}

interface Work {
  readonly decision: ReplayDecision;
  readonly ways: readonly (readonly string[])[];
  readonly base: Base;
  /** Where equal decisions meet; null: each is evaluated. */
  readonly key: string | null;
  pair: Pair | null;
}

export interface Stop {
  readonly signal?: AbortSignal;
  /** By performance.now(). */
  readonly deadlineMs?: number;
}

const DOUBTFUL: ReadonlySet<Verdict['class']> = new Set(['changed', 'not_reproduced']);

/** What `evaluate` rejects with where the data is to blame. */
const OF_DATA: readonly ErrorCode[] = ['policy_memory', 'json_invalid', 'json_too_deep'];

export class Analysis {
  readonly #policies: Policies;
  readonly #bases: Pick<Bases, 'of'>;
  readonly #rules: AnalysisRules;
  readonly #limits: AnalysisLimits;
  /** Pairs by key, the oldest first. */
  readonly #memo = new Map<string, Pair>();

  constructor(policies: Policies, bases: Pick<Bases, 'of'>, rules: AnalysisRules, limits: AnalysisLimits) {
    this.#policies = policies;
    this.#bases = bases;
    this.#rules = rules;
    this.#limits = limits;
  }

  newTally(): Tally {
    return new Tally(this.#limits, this.#rules.affectedBy);
  }

  /** Null: the time was over before all of the batch was looked at. */
  async batch(
    rows: readonly LoggedRow[],
    stop: Stop,
    onVerdict?: (verdict: Verdict) => void,
  ): Promise<BatchResult | null> {
    const tally = this.newTally();
    let scheduled = 0;
    const byBase = new Map<Base, Work[]>();
    const tell = (verdict: Verdict) => {
      tally.add(verdict);
      onVerdict?.(verdict);
    };
    for (const row of rows) {
      const read = this.#read(row);
      if (read === null) continue;
      if (read instanceof RewindError) {
        tally.error(read, 1);
        continue;
      }
      const base = await this.#bases.of(read.decision.revision);
      if (!base.affects(read.decision.path)) continue;
      const against =
        read.decision.notReplayable ?? (base.controlFailed ? 'baseline_does_not_compile' : null);
      if (against === null && base.proposalError !== null) {
        tally.error(base.proposalError, 1);
        continue;
      }
      scheduled++;
      if (against !== null) tell(unreplayable(read.decision, base, against));
      else listed(byBase, base).push({ ...read, base, key: this.#keyOf(base, read.decision), pair: null });
    }
    for (const [base, works] of byBase) {
      const failure = await this.#evaluate(base, works, stop);
      if (failure === 'time is over') return null;
      if (failure === null) for (const work of works) tell(this.#verdict(work));
      else {
        tally.error(failure, works.length);
        scheduled -= works.length;
      }
    }
    return { observed: rows.length, scheduled, tally };
  }

  /** Null: out of scope. An error: the request's patches do not fit the decision. */
  #read(row: LoggedRow): Pick<Work, 'decision' | 'ways'> | RewindError | null {
    try {
      const decision = readDecision(row, this.#rules.decisionPatches);
      const ways = waysOf(this.#rules.scopes, decision);
      return ways === null ? null : { decision, ways };
    } catch (error) {
      if (error instanceof RewindError && error.code === 'patch_failed') return error;
      throw error;
    }
  }

  /** Fills in the pairs. Null: all of them. An error: these policies with this data can decide nothing. */
  async #evaluate(
    base: Base,
    works: readonly Work[],
    stop: Stop,
  ): Promise<RewindError | 'time is over' | null> {
    const open = new Map<string, Work[]>();
    for (const [i, work] of works.entries()) {
      const known = work.key === null ? undefined : this.#memo.get(work.key);
      if (known !== undefined) work.pair = known;
      else listed(open, work.key ?? `#${i}`).push(work);
    }
    const alike = [...open.values()];
    const inputs = alike.map(([work]) => inputOf(work!.decision));
    const run = (policy: PolicyToRun) => this.#policies.evaluate(policy, inputs, stop);
    const results = await Promise.all([
      base.control === null ? null : run(base.control),
      run(base.proposed!),
    ]).catch((error: unknown) => {
      if (error instanceof RewindError && OF_DATA.includes(error.code)) return error;
      throw error;
    });
    if (results instanceof RewindError) return results;
    const [control, proposed] = results;
    const done = Math.min(proposed.length, control?.length ?? proposed.length);
    for (let i = 0; i < done; i++) {
      const pair = { control: control?.[i] ?? null, proposed: proposed[i]! };
      for (const work of alike[i]!) work.pair = pair;
      this.#remember(alike[i]![0]!.key, pair);
    }
    if (done < alike.length) return 'time is over';
    return this.#lookAgain(base, alike, stop);
  }

  /**
   * Where OPA's WebAssembly may decide otherwise than OPA, OPA's own evaluator has the word about each decision that would
   * count as changed, or as not reproduced. It is slow, and asked about nothing else.
   */
  async #lookAgain(base: Base, alike: readonly Work[][], stop: Stop): Promise<'time is over' | null> {
    const policies = [base.control, base.proposed].filter((run) => run !== null);
    if (policies.every(({ policy }) => policy.caveats.length === 0)) return null;
    const doubtful = alike.filter((works) => works.some((work) => DOUBTFUL.has(this.#verdict(work).class)));
    if (doubtful.length === 0) return null;
    const inputs = doubtful.map(([work]) => inputOf(work!.decision));
    const run = (policy: PolicyToRun) => this.#policies.reference(policy, inputs, stop);
    const control = base.control === null ? null : await run(base.control);
    const proposed = await run(base.proposed!);
    if (Math.min(proposed.length, control?.length ?? proposed.length) < doubtful.length)
      return 'time is over';
    for (const [i, works] of doubtful.entries()) {
      const pair = { control: control?.[i] ?? null, proposed: proposed[i]! };
      for (const work of works) work.pair = pair;
      this.#remember(works[0]!.key, pair);
    }
    return null;
  }

  #keyOf(base: Base, { path, input, ndCache }: ReplayDecision): string | null {
    if (!this.#rules.deterministic || this.#limits.memoDecisions === 0) return null;
    const parts = [base.id, path.join('/'), input ?? '-', ndCache ?? '-'];
    return createHash('sha256').update(parts.join('\n')).digest('base64url');
  }

  #remember(key: string | null, pair: Pair): void {
    if (key === null) return;
    this.#memo.set(key, pair);
    if (this.#memo.size > this.#limits.memoDecisions) this.#memo.delete(this.#memo.keys().next().value!);
  }

  #verdict({ decision, ways, base, pair }: Work): Verdict {
    const { control, proposed } = pair!;
    if (proposed.kind === 'not_replayable' || control?.kind === 'not_replayable')
      return unreplayable(decision, base, 'nondeterministic_builtin');
    const after = resultOf(proposed);
    const before = control === null ? decision.logged : resultOf(control);
    const compared = ways.map((way) => this.#compared(decision, base, way, before, after));
    // The first that changed stands for the decision, else the first that could not be compared.
    return (
      compared.find((one) => one.class === 'changed' || one.class === 'failed') ??
      compared.find((one) => one.class === 'not_reproduced') ??
      compared[0]!
    );
  }

  #compared(
    decision: ReplayDecision,
    base: Base,
    way: readonly string[],
    control: Result,
    proposed: Result,
  ): Verdict {
    const { significant, verdictFields } = this.#rules;
    const logged = narrowed(decision.logged, way);
    const before = narrowed(control, way);
    const after = narrowed(proposed, way);
    const common = {
      decision,
      base: base.kind,
      way,
      before: logged,
      after,
      was: wordOf(logged, verdictFields),
      is: wordOf(after, verdictFields),
    };
    if (after.kind === 'error') return { ...common, class: 'failed' };
    if (!sameResult(logged, before, significant)) {
      const reason = base.kind === 'logged' ? 'logged_revision_differs' : 'revision_not_kept';
      return { ...common, class: 'not_reproduced', reason };
    }
    return { ...common, class: sameResult(before, after, significant) ? 'unchanged' : 'changed' };
  }
}

function listed<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: V[] = [];
  lists.set(key, made);
  return made;
}

function inputOf({ path, input, ns, ndCache }: ReplayDecision): DecisionInput {
  return { path: path.join('/'), input, nowNs: ns, ndCache };
}

function unreplayable(decision: ReplayDecision, base: Base, reason: string): Verdict {
  const nothing: Result = { kind: 'undefined' };
  return {
    decision,
    class: 'not_replayable',
    reason,
    base: base.kind,
    way: [],
    before: nothing,
    after: nothing,
    was: 'undefined',
    is: 'undefined',
  };
}
