/**
 * A policy decided by OPA's own evaluator (topdown), in the module that also compiles: thirty times slower, and OPA by
 * definition. Whatever WebAssembly decides differently is found out by asking it again here.
 */
import { RewindError } from '../../schemas/errors.js';
import { canonicalJson } from '../sources/canonical-json.js';
import { resolvePointer } from '../sources/json-scan.js';
import { quote } from '../sources/json-text.js';
import type { DecisionInput, Evaluated, PolicyToRun } from './contract.js';
import { normalPath } from './entrypoints.js';
import { OpaEnded } from './opa-instance.js';
import type { ThreadOpa } from './policy-runner.js';

export class ReferencePolicy {
  readonly #run: PolicyToRun;
  readonly #key: string;
  readonly #opa: ThreadOpa;
  readonly #resultMaxBytes: number;

  /** `key` names policy and data. */
  constructor(run: PolicyToRun, key: string, opa: ThreadOpa, resultMaxBytes: number) {
    this.#run = run;
    this.#key = key;
    this.#opa = opa;
    this.#resultMaxBytes = resultMaxBytes;
  }

  /** Throws policy_memory, policy_invalid. */
  prepare(): void {
    const { policy, data } = this.#run;
    const more = `"key":${quote(this.#key)},"data":${canonicalJson(data)}`;
    const answer = this.#call('prepare', policy.requestJson.replace(/}$/, `,${more}}`));
    const problem = (JSON.parse(answer) as { problems?: { message: string }[] }).problems?.[0];
    if (problem !== undefined) throw new RewindError('policy_invalid', problem.message);
  }

  decide({ path, input, nowNs, ndCache }: DecisionInput): Evaluated {
    try {
      const members = [`"key":${quote(this.#key)}`, `"path":${quote(normalPath(path))}`, `"now_ns":${nowNs}`];
      if (input !== undefined) members.push(`"input":${canonicalJson(input)}`);
      if (ndCache !== undefined) members.push(`"nd_builtin_cache":${canonicalJson(ndCache)}`);
      const request = `{${members.join(',')}}`;
      return this.#outcome(this.#call('evaluate', request)) ?? this.#prepared(request);
    } catch (error) {
      if (!(error instanceof RewindError)) throw error;
      const code = error.code === 'policy_memory' ? error.code : 'policy_input_invalid';
      return { kind: 'error', code, message: error.message };
    }
  }

  /** After others have taken its place, or OPA is a new one. */
  #prepared(request: string): Evaluated {
    this.prepare();
    return this.#outcome(this.#call('evaluate', request))!;
  }

  /** What ended OPA was this policy; the next call gets another one. */
  #call(name: 'prepare' | 'evaluate', request: string): string {
    try {
      return this.#opa.get(this.#run.policy).call(name, Buffer.from(request)).toString();
    } catch (error) {
      if (!(error instanceof OpaEnded)) throw error;
      this.#opa.drop();
      throw new RewindError('policy_memory', `OPA has ended: ${error.message}`, { cause: error });
    }
  }

  /** Null: OPA does not have the policy. */
  #outcome(text: string): Evaluated | null {
    const answer = canonicalJson(text, ANSWER_DEPTH_MAX);
    const { kind, message = '' } = JSON.parse(withoutValue(answer)) as { kind: string; message?: string };
    if (kind === 'unprepared') return null;
    if (kind === 'undefined') return { kind };
    if (kind === 'not_replayable') return { kind, builtin: message, message: `${message} is not in the log` };
    if (kind === 'error') return { kind, code: 'policy_error', message };
    const json = resolvePointer(answer, '/value')!;
    if (json.length <= this.#resultMaxBytes) return { kind: 'value', json };
    return {
      kind: 'error',
      code: 'policy_result_too_large',
      message: `the result is larger than ${this.#resultMaxBytes} bytes`,
    };
  }
}

const ANSWER_DEPTH_MAX = 512;

function withoutValue(answer: string): string {
  const pick = (name: string) => resolvePointer(answer, `/${name}`) ?? '""';
  return `{"kind":${pick('kind')},"message":${pick('message')}}`;
}
