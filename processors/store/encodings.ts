/**
 * Encoding versions of tenants in the store. Version 1 is built in; a saved version never changes. Two writers that
 * want the same number are told apart by the order of the table: the first row of a version counts.
 */

import type { Encoding } from '../../schemas/encoding.js';
import { RewindError } from '../../schemas/errors.js';
import { checkEncoding } from '../encodings/check.js';
import { encodingHash } from '../encodings/compile.js';
import type { EncodingVersions, EncodingVersionView } from '../replay/service.js';
import { readSchemaFile } from '../sources/schema-files.js';
import { formatRfc3339Ns } from '../sources/time.js';
import type { Store } from './store.js';

export type EncodingVersion = EncodingVersionView;

export class EncodingCatalog implements EncodingVersions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Rejects with version_unknown. */
  async get(tenantId: string, version: number): Promise<EncodingVersion> {
    if (version === 1) return builtIn();
    const found = (await this.#saved(tenantId)).find((known) => known.version === version);
    if (found === undefined) {
      throw new RewindError('version_unknown', `tenant ${tenantId} has no encoding version ${version}`, {
        pointer: '/encoding_version',
      });
    }
    return found;
  }

  async list(tenantId: string): Promise<EncodingVersion[]> {
    return [builtIn(), ...(await this.#saved(tenantId))];
  }

  async save(
    tenantId: string,
    definition: unknown,
    actor: string,
  ): Promise<EncodingVersion & { readonly created: boolean }> {
    checkEncoding(definition);
    const hash = encodingHash(definition);
    for (let created = false; ; created = true) {
      const versions = await this.list(tenantId);
      const known = versions.find((version) => version.hash === hash);
      if (known !== undefined) return { ...known, created };
      const version = Math.max(...versions.map((existing) => existing.version)) + 1;
      await this.#store.insertRows('encodings', [
        {
          tenant_id: tenantId,
          version,
          name: definition.name,
          hash,
          definition: JSON.stringify(definition),
          actor,
        },
      ]);
    }
  }

  async #saved(tenantId: string): Promise<EncodingVersion[]> {
    const rows = await this.#store.query<{
      version: number;
      hash: string;
      definition: string;
      actor: string;
      ms: string;
    }>(
      `SELECT version, hash, definition, actor, toString(toUnixTimestamp64Milli(created_at)) AS ms
       FROM ${this.#store.t('encodings')} WHERE tenant_id = {tenantId:String}
       ORDER BY version, _block_number, _block_offset LIMIT 1 BY version`,
      { tenantId },
    );
    return rows.map((row) => ({
      version: row.version,
      hash: row.hash,
      encoding: JSON.parse(row.definition) as Encoding,
      createdBy: row.actor,
      createdAt: formatRfc3339Ns(BigInt(row.ms) * 1_000_000n),
    }));
  }
}

function builtIn(): EncodingVersion {
  const encoding: unknown = JSON.parse(readSchemaFile('encodings/rewind.json'));
  checkEncoding(encoding);
  return { version: 1, hash: encodingHash(encoding), encoding, createdBy: '', createdAt: '' };
}
