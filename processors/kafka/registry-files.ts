/**
 * The registry of embedded mode: one file for each schema, `<id>.json`, in a directory that any number of processes may
 * use at once. An id belongs to whoever links its file first; a file is complete when it appears and never changes.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import avro from 'avsc';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { parseAvroSchema } from '../sources/avro-schema.js';
import { canonicalJson } from '../sources/canonical-json.js';
import type { Compatibility, SchemaRegistry } from './registry-contract.js';

interface Entry {
  readonly id: number;
  readonly subject: string;
  readonly schema: string;
}

/** Other processes may take the next id first; so many times in a row is no accident. */
const TRIES_MAX = 1000;
/** Nesting of a schema text, as parseAvroSchema allows it. */
const TEXT_DEPTH_MAX = 256;

export class FileRegistry implements SchemaRegistry {
  readonly #directory: string;
  readonly #schemaMaxBytes: number;
  readonly #entries = new Map<number, Entry>();

  constructor(directory: string, schemaMaxBytes: number) {
    this.#directory = directory;
    this.#schemaMaxBytes = schemaMaxBytes;
  }

  async schemaById(id: number): Promise<string> {
    const entry = await this.#read(id);
    if (entry === undefined) {
      throw new RewindError('schema_unknown', `schema id ${id} is not in the file registry`);
    }
    return entry.schema;
  }

  async lookUp(subject: string, schemaText: string): Promise<number | null> {
    const schema = canonicalJson(schemaText, TEXT_DEPTH_MAX);
    const found = (await this.#all()).find((entry) => entry.subject === subject && entry.schema === schema);
    return found?.id ?? null;
  }

  async register(
    subject: string,
    schemaText: string,
    compatibility: Compatibility = 'BACKWARD',
  ): Promise<number> {
    if (Buffer.byteLength(schemaText) > this.#schemaMaxBytes) {
      throw new RewindError('schema_invalid', `schema of more than ${this.#schemaMaxBytes} bytes`);
    }
    parseAvroSchema(schemaText);
    const schema = canonicalJson(schemaText, TEXT_DEPTH_MAX);
    await mkdir(this.#directory, { recursive: true });
    const draft = join(this.#directory, `.draft-${randomUUID()}`);
    try {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const entries = await this.#all();
        const versions = entries.filter((entry) => entry.subject === subject);
        const same = versions.find((entry) => entry.schema === schema);
        if (same !== undefined) return same.id;
        checkCompatibility(subject, schema, versions, compatibility);
        const id = Math.max(0, ...entries.map((entry) => entry.id)) + 1;
        await writeFile(draft, JSON.stringify({ id, subject, schema } satisfies Entry), { flush: true });
        if (await linkNew(draft, this.#path(id))) return id;
      }
    } finally {
      await rm(draft, { force: true });
    }
    throw new RewindError('registry_unavailable', `no free id in ${this.#directory}`);
  }

  async #all(): Promise<Entry[]> {
    const names = await readdir(this.#directory);
    const ids = names.flatMap((name) => (/^[0-9]{1,9}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
    const entries = await Promise.all(ids.map((id) => this.#read(id)));
    return entries.filter((entry) => entry !== undefined).sort((a, b) => a.id - b.id);
  }

  async #read(id: number): Promise<Entry | undefined> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    let entry: Entry;
    try {
      entry = JSON.parse(await readFile(this.#path(id), 'utf8')) as Entry;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      const message = `${this.#path(id)}: ${(cause as Error).message}`;
      throw new RewindError('registry_unavailable', message, { cause });
    }
    this.#entries.set(id, entry);
    return entry;
  }

  #path(id: number): string {
    return join(this.#directory, `${id}.json`);
  }
}

/** Gives a file a second name; false: the name is taken. */
async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** As a Confluent registry judges: BACKWARD means that the new schema reads what the last one wrote. */
function checkCompatibility(
  subject: string,
  schema: string,
  versions: readonly Entry[],
  compatibility: Compatibility,
): void {
  if (compatibility === 'NONE') return;
  const next = avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
  for (const { id, schema: text } of compatibility.endsWith('_TRANSITIVE') ? versions : versions.slice(-1)) {
    const last = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
    try {
      if (!compatibility.startsWith('FORWARD')) next.createResolver(last);
      if (!compatibility.startsWith('BACKWARD')) last.createResolver(next);
    } catch (cause) {
      const message = `subject ${excerpt(subject)}, against schema id ${id}: ${(cause as Error).message}`;
      throw new RewindError('schema_incompatible', message, { cause });
    }
  }
}
