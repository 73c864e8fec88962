/**
 * The catalog of versions in the store. Two writers that want the same number are told apart by the order of the table:
 * the first row of a version counts, and the other writer takes the next number.
 */
import { RewindError } from '../../schemas/errors.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type {
  Problem,
  SaveOptions,
  VersionCatalog,
  VersionDiff,
  VersionKind,
  VersionView,
} from '../versions/catalog.js';
import { diffTrees } from '../versions/diff.js';
import { parseTree, treeText } from '../versions/json-tree.js';
import type { Store } from './store.js';

const BUILT_IN = 1;

interface Row {
  version: number;
  hash: string;
  definition: string;
  revises: number;
  note: string;
  actor: string;
  ms: string;
}

export interface CatalogLimits {
  /** Versions that a tenant may save. */
  readonly perTenantMax: number;
  readonly definitionMaxBytes: number;
}

export class StoredVersions<D extends { readonly name: string }> implements VersionCatalog<D> {
  readonly #store: Store;
  readonly #kind: VersionKind<D>;
  readonly #limits: CatalogLimits;

  constructor(store: Store, kind: VersionKind<D>, limits: CatalogLimits) {
    this.#store = store;
    this.#kind = kind;
    this.#limits = limits;
  }

  async get(tenantId: string, version: number, pointer = this.#kind.pointer): Promise<VersionView<D>> {
    const found =
      version === BUILT_IN
        ? this.#builtIn(tenantId)
        : (await this.#saved(tenantId, { after: version - 1, limit: 1 }))[0];
    if (found?.version === version) return found;
    throw new RewindError(
      'version_unknown',
      `tenant ${tenantId} has no ${this.#kind.noun} version ${version}`,
      {
        pointer,
      },
    );
  }

  async list(
    tenantId: string,
    page = { after: 0, limit: this.#limits.perTenantMax + 1 },
  ): Promise<VersionView<D>[]> {
    if (page.after >= BUILT_IN) return this.#saved(tenantId, page);
    const saved = await this.#saved(tenantId, { after: BUILT_IN, limit: page.limit - 1 });
    return [this.#builtIn(tenantId), ...saved];
  }

  async problems(tenantId: string, definition: unknown): Promise<readonly Problem[]> {
    const problems = this.#kind.problems(tenantId, definition);
    if (problems.length > 0) return problems;
    return (await this.#kind.compileProblems?.(definition as D)) ?? [];
  }

  async save(
    tenantId: string,
    definition: unknown,
    actor: string,
    options: SaveOptions = {},
  ): Promise<VersionView<D> & { readonly created: boolean }> {
    const json = await this.#checked(tenantId, definition, options.json);
    const { revises, note } = options;
    if (revises !== undefined) await this.#requireRevised(tenantId, revises);
    const hash = this.#kind.hash(definition as D, json);
    for (let created = false; ; created = true) {
      const numbers = await this.#numbers(tenantId);
      const known = numbers.find((one) => one.hash === hash);
      if (known !== undefined) return { ...(await this.get(tenantId, known.version)), created };
      if (numbers.length > this.#limits.perTenantMax)
        throw new RewindError(
          'versions_full',
          `tenant ${tenantId} has ${numbers.length - 1} saved versions, as many as versions.perTenantMax allows`,
        );
      await this.#store.insertRows(this.#kind.table, [
        {
          tenant_id: tenantId,
          version: Math.max(...numbers.map((one) => one.version)) + 1,
          name: (definition as D).name,
          hash,
          definition: json,
          revises: revises ?? 0,
          note: note ?? '',
          actor,
        },
      ]);
    }
  }

  async diff(tenantId: string, from: number, to: number): Promise<VersionDiff> {
    const [a, b] = await Promise.all([this.get(tenantId, from), this.get(tenantId, to)]);
    const trees = [parseTree(a.definitionJson), parseTree(b.definitionJson)] as const;
    return { from, to, changes: diffTrees(...trees, this.#kind.isOrdered) };
  }

  /** The definition's text as it is stored. Throws the kind's error with all problems in `facts.problems`. */
  async #checked(tenantId: string, definition: unknown, json: string | undefined): Promise<string> {
    const text = treeText(parseTree(json ?? JSON.stringify(definition ?? null)));
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#limits.definitionMaxBytes)
      throw new RewindError(
        'body_too_large',
        `the definition has ${bytes} bytes, more than versions.definitionMaxBytes (${this.#limits.definitionMaxBytes})`,
      );
    const problems = await this.problems(tenantId, definition);
    const first = problems[0];
    if (first === undefined) return text;
    throw new RewindError(this.#kind.invalid, `${first.pointer || '/'}: ${first.message}`, {
      pointer: first.pointer,
      facts: { problems },
    });
  }

  async #requireRevised(tenantId: string, version: number): Promise<void> {
    if ((await this.#numbers(tenantId)).some((one) => one.version === version)) return;
    throw new RewindError(
      'version_unknown',
      `tenant ${tenantId} has no ${this.#kind.noun} version ${version} to revise`,
      { pointer: '/revises' },
    );
  }

  #builtIn(tenantId: string): VersionView<D> {
    const json = treeText(parseTree(this.#kind.builtInJson(tenantId)));
    return this.#view({
      version: BUILT_IN,
      hash: '',
      definition: json,
      revises: 0,
      note: '',
      actor: '',
      ms: '',
    });
  }

  async #numbers(tenantId: string): Promise<{ version: number; hash: string }[]> {
    const saved = await this.#store.query<{ version: number; hash: string }>(
      `SELECT version, hash FROM ${this.#store.t(this.#kind.table)} WHERE tenant_id = {tenantId:String}
       ORDER BY version, _block_number, _block_offset LIMIT 1 BY version`,
      { tenantId },
    );
    const { version, hash } = this.#builtIn(tenantId);
    return [{ version, hash }, ...saved];
  }

  async #saved(tenantId: string, page: { after: number; limit: number }): Promise<VersionView<D>[]> {
    const rows = await this.#store.query<Row>(
      `SELECT version, hash, definition, revises, note, actor, toString(toUnixTimestamp64Milli(created_at)) AS ms
       FROM ${this.#store.t(this.#kind.table)} WHERE tenant_id = {tenantId:String} AND version > {after:UInt32}
       ORDER BY version, _block_number, _block_offset LIMIT 1 BY version LIMIT {limit:UInt32}`,
      { tenantId, ...page },
    );
    return rows.map((row) => this.#view(row));
  }

  #view(row: Row): VersionView<D> {
    const definition = JSON.parse(row.definition) as D;
    return {
      version: row.version,
      hash: row.hash === '' ? this.#kind.hash(definition, row.definition) : row.hash,
      definition,
      definitionJson: row.definition,
      revises: row.revises === 0 ? null : row.revises,
      note: row.note,
      createdBy: row.actor,
      createdAt: row.ms === '' ? '' : formatRfc3339Ns(BigInt(row.ms) * 1_000_000n),
    };
  }
}
