/**
 * Versions of a tenant's definitions (encodings, rules, sources), all in the same way: numbered from 1, immutable,
 * version 1 built in, equal definitions have one number. What tells the kinds apart is a VersionKind; the catalog itself
 * is processors/store/versions.ts.
 */
import type { ErrorCode } from '../../schemas/errors.js';
import type { DefinitionChange, IsOrdered } from './diff.js';

export interface VersionView<D> {
  readonly version: number;
  /** SHA-256, hex; equal definitions have equal hashes. */
  readonly hash: string;
  readonly definition: D;
  /** The definition as it was written: every digit of its numbers, members in their order. */
  readonly definitionJson: string;
  /** The version that this one was made from, as its author says; null: from none. */
  readonly revises: number | null;
  readonly note: string;
  /** Empty, like the time, for the built-in version. */
  readonly createdBy: string;
  readonly createdAt: string;
}

/** Something that is wrong with a definition; pointer into it. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

export interface VersionDiff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly DefinitionChange[];
}

export interface SaveOptions {
  /** The definition's text, where it is known: numbers beyond 53 bits are lost without it. */
  readonly json?: string;
  readonly revises?: number;
  readonly note?: string;
}

export interface VersionCatalog<D> {
  /** Rejects with version_unknown; `pointer` says where the number was given, as a rule in the spec of a job. */
  get(tenantId: string, version: number, pointer?: string): Promise<VersionView<D>>;
  /** By number, `after` one and at most `limit`; all, where left out. */
  list(
    tenantId: string,
    page?: { readonly after: number; readonly limit: number },
  ): Promise<readonly VersionView<D>[]>;
  /**
   * A definition that the tenant has already keeps its version (`created` false), and the note it was saved with.
   * Rejects with the kind's code for what is wrong with it, version_unknown for `revises`, versions_full.
   */
  save(
    tenantId: string,
    definition: unknown,
    actor: string,
    options?: SaveOptions,
  ): Promise<VersionView<D> & { readonly created: boolean }>;
  /** All that `save` would refuse; nothing is saved. */
  problems(tenantId: string, definition: unknown): Promise<readonly Problem[]>;
  /** Rejects with version_unknown. */
  diff(tenantId: string, from: number, to: number): Promise<VersionDiff>;
}

/** What the catalog must know of a kind of definition. All of it is pure, but for what a compiler has to say. */
export interface VersionKind<D> {
  readonly table: 'encodings' | 'rules' | 'sources';
  /** For messages: `encoding version 3`. */
  readonly noun: string;
  /** Where a job names a version. */
  readonly pointer: string;
  /** Code of the error that lists what is wrong with a definition. */
  readonly invalid: ErrorCode;
  readonly isOrdered: IsOrdered;
  problems(tenantId: string, definition: unknown): readonly Problem[];
  /** What is wrong with a definition in which `problems` finds nothing. Rejects where that cannot be said. */
  compileProblems?(definition: D): Promise<readonly Problem[]>;
  /** `json` is the definition's text. */
  hash(definition: D, json: string): string;
  builtInJson(tenantId: string): string;
}
