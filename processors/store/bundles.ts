/**
 * Bundles of policies by revision. Two who save a revision at once are told apart by the order of the table: the first row
 * counts, and the other is answered as anybody who saves other content under a revision that is taken.
 */
import { RewindError } from '../../schemas/errors.js';
import { type Bundle, bundleHash, modulesOf, modulesText, type RegoVersion } from '../logreplay/bundle.js';
import type { Bundles, BundleView } from '../logreplay/bundle-contract.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

interface Row {
  readonly revision: string;
  readonly hash: string;
  readonly rego_version: number;
  readonly modules: string;
  readonly data: string;
  readonly actor: string;
  readonly ms: string;
  readonly module_count: string;
  readonly bytes: string;
}

const COLUMNS = `revision, hash, rego_version, actor, toString(toUnixTimestamp64Milli(created_at)) AS ms,
  toString(length(JSONExtractKeys(modules))) AS module_count, toString(length(modules) + length(data)) AS bytes`;

export class StoredBundles implements Bundles {
  readonly #store: Store;
  readonly #perTenantMax: number;

  constructor(store: Store, perTenantMax: number) {
    this.#store = store;
    this.#perTenantMax = perTenantMax;
  }

  async save(tenantId: string, revision: string, bundle: Bundle, actor: string): Promise<boolean> {
    const hash = bundleHash(bundle);
    const known = await this.#first(tenantId, revision, '');
    if (known !== undefined) return same(known, hash, revision);
    if ((await this.#count(tenantId)) >= this.#perTenantMax)
      throw new RewindError(
        'bundles_full',
        `the tenant has ${this.#perTenantMax} bundles, as many as may be`,
      );
    await this.#store.insertRows('bundles', [
      {
        tenant_id: tenantId,
        revision,
        hash,
        rego_version: bundle.regoVersion,
        modules: modulesText(bundle.modules),
        data: bundle.data,
        actor,
      },
    ]);
    const counts = await this.#first(tenantId, revision, '');
    if (counts !== undefined) same(counts, hash, revision);
    return true;
  }

  async get(tenantId: string, revision: string): Promise<BundleView & { readonly bundle: Bundle }> {
    const row = await this.#first(tenantId, revision, ', modules, data');
    if (row === undefined)
      throw new RewindError('bundle_not_found', 'This tenant has no bundle of that revision.');
    return { ...viewOf(row), bundle: bundleOf(row) };
  }

  async find(tenantId: string, revisions: readonly string[]): Promise<ReadonlyMap<string, Bundle>> {
    if (revisions.length === 0) return new Map();
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS}, modules, data FROM ${this.#store.t('bundles')}
       WHERE tenant_id = {tenantId:String} AND revision IN {revisions:Array(String)}
       ORDER BY revision, _block_number, _block_offset LIMIT 1 BY revision`,
      { tenantId, revisions },
    );
    return new Map(rows.map((row) => [row.revision, bundleOf(row)]));
  }

  async kept(tenantId: string, revisions: readonly string[]): Promise<string[]> {
    if (revisions.length === 0) return [];
    const rows = await this.#store.query<{ revision: string }>(
      `SELECT DISTINCT revision FROM ${this.#store.t('bundles')}
       WHERE tenant_id = {tenantId:String} AND revision IN {revisions:Array(String)} ORDER BY revision`,
      { tenantId, revisions },
    );
    return rows.map(({ revision }) => revision);
  }

  async latest(tenantId: string): Promise<string | null> {
    const rows = await this.#store.query<{ revision: string }>(
      `SELECT revision FROM ${this.#store.t('bundles')} WHERE tenant_id = {tenantId:String}
       GROUP BY revision ORDER BY min((_block_number, _block_offset)) DESC LIMIT 1`,
      { tenantId },
    );
    return rows[0]?.revision ?? null;
  }

  async list(tenantId: string, page: { after: string; limit: number }): Promise<BundleView[]> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS} FROM ${this.#store.t('bundles')}
       WHERE tenant_id = {tenantId:String} AND revision > {after:String}
       ORDER BY revision, _block_number, _block_offset LIMIT 1 BY revision LIMIT {limit:UInt32}`,
      { tenantId, ...page },
    );
    return rows.map(viewOf);
  }

  async #first(tenantId: string, revision: string, more: string): Promise<Row | undefined> {
    const rows = await this.#store.query<Row>(
      `SELECT ${COLUMNS}${more} FROM ${this.#store.t('bundles')}
       WHERE tenant_id = {tenantId:String} AND revision = {revision:String}
       ORDER BY _block_number, _block_offset LIMIT 1`,
      { tenantId, revision },
    );
    return rows[0];
  }

  async #count(tenantId: string): Promise<number> {
    const rows = await this.#store.query<{ count: string }>(
      `SELECT toString(uniqExact(revision)) AS count FROM ${this.#store.t('bundles')} WHERE tenant_id = {tenantId:String}`,
      { tenantId },
    );
    return Number(rows[0]?.count ?? 0);
  }
}

function same(row: Row, hash: string, revision: string): false {
  if (row.hash === hash) return false;
  throw new RewindError('bundle_conflict', `revision ${revision} is kept with other content`);
}

function bundleOf(row: Row): Bundle {
  return {
    regoVersion: row.rego_version as RegoVersion,
    modules: modulesOf(row.modules),
    data: row.data,
  };
}

function viewOf(row: Row): BundleView {
  return {
    revision: row.revision,
    hash: row.hash,
    regoVersion: row.rego_version as RegoVersion,
    modules: Number(row.module_count),
    bytes: Number(row.bytes),
    createdBy: row.actor,
    createdAt: formatRfc3339Ns(BigInt(row.ms) * 1_000_000n),
  };
}
