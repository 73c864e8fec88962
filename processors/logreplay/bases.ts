/**
 * What decisions are made again by: for each set of revisions that decisions name, the policies as they were (control) and
 * with the proposal laid over them. Compiled when the first decision of it comes.
 *
 * Where a revision is not kept, the bundle that was saved last stands in for both, and the control run says decision by
 * decision whether it would have decided the same. Where nothing is kept, the proposal alone is the whole, and results are
 * compared with the logged ones.
 */
import { type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { Policies, PolicyToRun } from '../policy/contract.js';
import { canonicalTreeText, parseTree } from '../versions/json-tree.js';
import { type Bundle, EMPTY_BUNDLE, joinBundles, type RegoVersion } from './bundle.js';
import type { Bundles } from './bundle-contract.js';
import { revisionsOf } from './decision.js';
import { overlaid, type ProposedPolicies, packageOf } from './overlay.js';
import { applyPatch, type PatchOperation } from './patch.js';
import { isPrefix, pathNames } from './scope.js';

export type BaseKind = 'logged' | 'current' | 'none';

export interface Base {
  /** Unlike any other base's. */
  readonly id: string;
  readonly kind: BaseKind;
  /** Null: nothing is known of the policies before. */
  readonly control: PolicyToRun | null;
  readonly proposed: PolicyToRun | null;
  /** The policies as they were do not compile here, so nothing can be said. */
  readonly controlFailed: boolean;
  /** The proposal does not fit these policies; null: it does. */
  readonly proposalError: RewindError | null;
  /** Whether the proposal can matter for decisions of this path. */
  affects(path: readonly string[]): boolean;
}

export interface Proposal {
  readonly policies: ProposedPolicies;
  readonly dataPatches: readonly PatchOperation[];
  /** Null: as the bundle's, else 1. */
  readonly regoVersion: RegoVersion | null;
}

/** Errors that say something of the policies and not of this process. */
const OF_POLICIES: readonly ErrorCode[] = [
  'policy_invalid',
  'builtin_not_allowed',
  'policy_too_large',
  'policy_compile_timeout',
  'policy_compile_memory',
  'patch_failed',
  'bundle_invalid',
];

export class Bases {
  readonly #tenantId: string;
  readonly #bundles: Pick<Bundles, 'find' | 'latest'>;
  readonly #policies: Policies;
  readonly #proposal: Proposal;
  readonly #max: number;
  /** By what decisions name, the one used last at the end. */
  readonly #known = new Map<string, Promise<Base>>();
  #current: Promise<Base> | null = null;

  constructor(parts: {
    readonly tenantId: string;
    readonly bundles: Pick<Bundles, 'find' | 'latest'>;
    readonly policies: Policies;
    readonly proposal: Proposal;
    readonly max: number;
  }) {
    this.#tenantId = parts.tenantId;
    this.#bundles = parts.bundles;
    this.#policies = parts.policies;
    this.#proposal = parts.proposal;
    this.#max = parts.max;
  }

  /** The proposal over what is active now: what a caller is told about who proposes something that does not work. */
  current(): Promise<Base> {
    this.#current ??= this.#openCurrent();
    return this.#current;
  }

  /** @param revision as a decision names it */
  of(revision: string): Promise<Base> {
    const known = this.#known.get(revision);
    if (known !== undefined) {
      this.#known.delete(revision);
      this.#known.set(revision, known);
      return known;
    }
    const opened = this.#open(revision);
    this.#known.set(revision, opened);
    if (this.#known.size > this.#max) this.#known.delete(this.#known.keys().next().value!);
    return opened;
  }

  async #open(revision: string): Promise<Base> {
    const named = revisionsOf(revision);
    const kept = await this.#bundles.find(this.#tenantId, named);
    if (named.length === 0 || named.some((one) => !kept.has(one))) return this.current();
    return this.#make('logged', revision, () => joinBundles(named.map((one) => kept.get(one)!)));
  }

  async #openCurrent(): Promise<Base> {
    const latest = await this.#bundles.latest(this.#tenantId);
    if (latest === null) return this.#make('none', '', () => EMPTY_BUNDLE);
    const kept = await this.#bundles.find(this.#tenantId, [latest]);
    return this.#make('current', '', () => kept.get(latest) ?? EMPTY_BUNDLE);
  }

  async #make(kind: BaseKind, id: string, open: () => Bundle): Promise<Base> {
    const affects = kind === 'none' ? byPackages(this.#proposal.policies) : () => true;
    const base = { id: `${kind} ${id}`, kind, affects };
    const control = kind === 'none' ? null : await settled(async () => this.#run(open()));
    const proposed = await settled(async () => this.#run(this.#withProposal(open())));
    return {
      ...base,
      control: control instanceof RewindError ? null : control,
      controlFailed: control instanceof RewindError,
      proposed: proposed instanceof RewindError ? null : proposed,
      proposalError: proposed instanceof RewindError ? proposed : null,
    };
  }

  #withProposal(bundle: Bundle): Bundle {
    const { policies, dataPatches, regoVersion } = this.#proposal;
    const data =
      dataPatches.length === 0
        ? bundle.data
        : canonicalTreeText(applyPatch(parseTree(bundle.data), dataPatches, '/data_patches'));
    if (!data.startsWith('{'))
      throw new RewindError('patch_failed', 'data is no object any more', { pointer: '/data_patches' });
    return {
      regoVersion: regoVersion ?? bundle.regoVersion,
      modules: overlaid(bundle.modules, policies),
      data,
    };
  }

  async #run({ modules, regoVersion, data }: Bundle): Promise<PolicyToRun> {
    const policy = await this.#policies.compile({
      modules: Object.fromEntries(modules),
      regoVersion,
      nondeterminism: 'logged',
    });
    return { policy, data };
  }
}

/** Packages of the proposal, and what lies above or below them. */
function byPackages(policies: ProposedPolicies): Base['affects'] {
  const packages = [...policies].map(([key, rego]) => pathNames(packageOf(rego) ?? key));
  return (path) => packages.some((one) => isPrefix(one, path) || isPrefix(path, one));
}

/** What is wrong with the policies is an answer; anything else is not. */
async function settled(run: () => Promise<PolicyToRun>): Promise<PolicyToRun | RewindError> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RewindError && OF_POLICIES.includes(error.code)) return error;
    throw error;
  }
}
