/**
 * Encoding versions of tenants in the store. Version 1 is built in; a saved version never changes. Two writers that
 * want the same number are told apart by the order of the table: the first row of a version counts.
 */

import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { checkEncoding } from '../encodings/check.js';
import { encodingHash } from '../encodings/compile.js';
import { readSchemaFile } from '../sources/schema-files.js';
import type { Store } from './store.js';

export interface EncodingVersion {
  readonly version: number;
  readonly hash: string;
  readonly encoding: Encoding;
}

export class EncodingCatalog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Rejects with version_unknown. */
  async get(tenantId: string, version: number): Promise<EncodingVersion> {
    if (version === 1) {
      const encoding: unknown = JSON.parse(readSchemaFile('encodings/rewind.json'));
      checkEncoding(encoding);
      return { version: 1, hash: encodingHash(encoding), encoding };
    }
    const found = (await this.#versions(tenantId)).find((known) => known.version === version);
    if (found === undefined) {
      throw new RewindError('version_unknown', `tenant ${tenantId} has no encoding version ${version}`, {
        pointer: '/encoding_version',
      });
    }
    return found;
  }

  /** Saves a definition and returns its version; a definition that the tenant has already keeps its version. */
  async save(tenantId: string, encoding: Encoding, actor: string): Promise<EncodingVersion> {
    checkEncoding(encoding);
    const hash = encodingHash(encoding);
    for (;;) {
      const versions = await this.#versions(tenantId);
      const known = versions.find((version) => version.hash === hash);
      if (known !== undefined) return known;
      const version = Math.max(1, ...versions.map((existing) => existing.version)) + 1;
      await this.#store.insertRows('encodings', [
        {
          tenant_id: tenantId,
          version,
          name: encoding.name,
          hash,
          definition: JSON.stringify(encoding),
          actor,
        },
      ]);
    }
  }

  async #versions(tenantId: string): Promise<EncodingVersion[]> {
    const rows = await this.#store.query<{ version: number; hash: string; definition: string }>(
      `SELECT version, hash, definition FROM ${this.#store.t('encodings')} WHERE tenant_id = {tenantId:String}
       ORDER BY version, _block_number, _block_offset LIMIT 1 BY version`,
      { tenantId },
    );
    return rows.map((row) => ({
      version: row.version,
      hash: row.hash,
      encoding: JSON.parse(row.definition) as Encoding,
    }));
  }
}
