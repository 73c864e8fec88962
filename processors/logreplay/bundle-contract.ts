/** Where bundles are kept, as those see it who save and who use them. */
import type { Bundle, RegoVersion } from './bundle.js';

export interface BundleView {
  readonly revision: string;
  /** SHA-256 of Rego version, modules and data. */
  readonly hash: string;
  readonly regoVersion: RegoVersion;
  readonly modules: number;
  readonly bytes: number;
  readonly createdBy: string;
  readonly createdAt: string;
}

/** Policies and data by the revisions that decision logs name. A revision never changes. */
export interface Bundles {
  /** False: it was there already, with the same content. Errors: bundle_conflict (other content), bundles_full. */
  save(tenantId: string, revision: string, bundle: Bundle, actor: string): Promise<boolean>;
  /** Errors: bundle_not_found. */
  get(tenantId: string, revision: string): Promise<BundleView & { readonly bundle: Bundle }>;
  /** Those of the revisions that are kept. */
  find(tenantId: string, revisions: readonly string[]): Promise<ReadonlyMap<string, Bundle>>;
  /** Which of the revisions are kept. */
  kept(tenantId: string, revisions: readonly string[]): Promise<string[]>;
  /** The revision that was saved last; null: none. */
  latest(tenantId: string): Promise<string | null>;
  /** By revision, behind `after`. */
  list(tenantId: string, page: { after: string; limit: number }): Promise<BundleView[]>;
}
