/**
 * A Confluent-compatible registry (Confluent, Apicurio under /apis/ccompat/v7, Redpanda, Karapace) over HTTP. Reading
 * schemas is on the way of every record, so it is ours: time limit, size limit, one request for many askers, a copy on
 * disk with which known ids decode while the registry is down. Registering is left to
 * @kafkajs/confluent-schema-registry.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  COMPATIBILITY,
  SchemaRegistry as ConfluentRegistry,
  SchemaType,
} from '@kafkajs/confluent-schema-registry';
import { excerpt, RewindError } from '../../schemas/errors.js';
import { checkTextDepth } from '../sources/avro-schema.js';
import type { Compatibility, SchemaRegistry } from './registry-contract.js';
import { inlineReferences } from './registry-inline.js';

export interface HttpRegistryOptions {
  readonly url: string;
  /** Basic auth; empty: none. */
  readonly username: string;
  readonly password: string;
  /** Limit of one request. */
  readonly timeoutMs: number;
  readonly schemaMaxBytes: number;
  /** Schemas are kept here, in a directory for each registry. */
  readonly cacheDir: string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** An id that failed is asked for again no sooner. */
const RETRY_AFTER_MS = 1000;
/** Failures remembered; forgotten all at once when full. */
const FAILURES_MAX = 10_000;
/** Schemas that one schema may draw in by references. */
const REFERENCES_MAX = 64;
/** JSON escapes in the registry's answer, and what stands around the schema. */
const ANSWER_FACTOR = 2;
const ANSWER_EXTRA_BYTES = 64 << 10;
/** The registry's own codes for "there is no such subject, version, schema". */
const UNKNOWN_CODES = new Set<unknown>([40401, 40402, 40403]);

type Json = Readonly<Record<string, unknown>>;

export class HttpRegistry implements SchemaRegistry {
  readonly #options: HttpRegistryOptions;
  readonly #base: string;
  readonly #directory: string;
  readonly #now: () => number;
  readonly #schemas = new Map<number, string>();
  readonly #pending = new Map<number, Promise<string>>();
  readonly #failures = new Map<number, { readonly until: number; readonly error: unknown }>();

  constructor(options: HttpRegistryOptions) {
    this.#options = options;
    this.#base = baseUrl(options.url);
    const key = createHash('sha256').update(this.#base).digest('hex').slice(0, 16);
    this.#directory = join(options.cacheDir, key);
    this.#now = options.now ?? (() => performance.now());
  }

  async schemaById(id: number): Promise<string> {
    const known = this.#schemas.get(id);
    if (known !== undefined) return known;
    const failure = this.#failures.get(id);
    if (failure !== undefined && this.#now() < failure.until) throw failure.error;
    let pending = this.#pending.get(id);
    if (pending === undefined) {
      pending = this.#find(id).finally(() => this.#pending.delete(id));
      this.#pending.set(id, pending);
    }
    return pending;
  }

  async register(
    subject: string,
    schemaText: string,
    compatibility: Compatibility = 'BACKWARD',
  ): Promise<number> {
    const config = await this.#get(`/config/${encodeURIComponent(subject)}`);
    const level = (config.status === 200 ? (config.body as Json | null)?.compatibilityLevel : undefined) as
      | string
      | undefined;
    const client = this.#client();
    const registered = client.register(
      { type: SchemaType.AVRO, schema: schemaText },
      // The client refuses to go on where the subject's own level is another: a level that is set stands.
      { subject, compatibility: COMPATIBILITY[(level ?? compatibility).toUpperCase() as Compatibility] },
    );
    try {
      return (await within(registered, this.#options.timeoutMs)).id;
    } catch (error) {
      throw registerError(error, subject);
    }
  }

  async lookUp(subject: string, schemaText: string): Promise<number | null> {
    const found = this.#client().getRegistryIdBySchema(subject, {
      type: SchemaType.AVRO,
      schema: schemaText,
    });
    try {
      return await within(found, this.#options.timeoutMs);
    } catch (error) {
      // The client's own error class stands for 404 here: no such subject, or no such schema under it.
      if ((error as Error).name.startsWith('ConfluentSchemaRegistry')) return null;
      throw registerError(error, subject);
    }
  }

  #client(): ConfluentRegistry {
    const { username, password } = this.#options;
    return new ConfluentRegistry({
      host: this.#base,
      clientId: 'rewind',
      retry: { retries: 0 },
      ...(username === '' ? {} : { auth: { username, password } }),
    });
  }

  async #find(id: number): Promise<string> {
    try {
      const schema = (await this.#fromDisk(id)) ?? (await this.#fetch(id));
      this.#schemas.set(id, schema);
      this.#failures.delete(id);
      return schema;
    } catch (error) {
      if (this.#failures.size >= FAILURES_MAX) this.#failures.clear();
      this.#failures.set(id, { until: this.#now() + RETRY_AFTER_MS, error });
      throw error;
    }
  }

  async #fetch(id: number): Promise<string> {
    const answer = await this.#schema(`/schemas/ids/${id}`, `schema id ${id}`);
    const references = await this.#references(answer, new Map());
    const schema =
      references.length === 0
        ? answer.schema
        : JSON.stringify(inlineReferences(parse(answer.schema), references.map(parse)));
    await this.#toDisk(id, schema);
    return schema;
  }

  /** Texts of all schemas that `answer` refers to, directly or not. */
  async #references(answer: SchemaAnswer, seen: Map<string, string>): Promise<string[]> {
    for (const { subject, version } of answer.references) {
      const path = `/subjects/${encodeURIComponent(String(subject))}/versions/${encodeURIComponent(String(version))}`;
      if (seen.has(path)) continue;
      if (seen.size >= REFERENCES_MAX) {
        throw new RewindError('schema_invalid', `more than ${REFERENCES_MAX} references`);
      }
      const found = await this.#schema(path, `subject ${excerpt(subject)} version ${excerpt(version)}`);
      seen.set(path, found.schema);
      await this.#references(found, seen);
    }
    return [...seen.values()];
  }

  async #schema(path: string, what: string): Promise<SchemaAnswer> {
    const { status, body } = await this.#get(path);
    const json = (typeof body === 'object' && body !== null ? body : {}) as Json;
    if (status === 404 && UNKNOWN_CODES.has(json.error_code)) {
      throw new RewindError('schema_unknown', `${what} is not in the registry ${this.#base}`);
    }
    if (status !== 200 || typeof json.schema !== 'string') {
      const hint = status === 401 || status === 403 ? '; check registry.username and registry.password' : '';
      throw this.#unavailable(`answered ${status} for ${what}${hint}`);
    }
    if (json.schemaType !== undefined && json.schemaType !== 'AVRO') {
      throw new RewindError('schema_invalid', `${what} is ${excerpt(json.schemaType)}, not AVRO`);
    }
    if (Buffer.byteLength(json.schema) > this.#options.schemaMaxBytes) throw this.#tooLarge(what);
    const references = Array.isArray(json.references) ? (json.references as Json[]) : [];
    return { schema: json.schema, references };
  }

  /** A GET with limits on time and size. Errors: registry_unavailable, schema_invalid (too large). */
  async #get(path: string): Promise<{ status: number; body: unknown }> {
    const { username, password, timeoutMs, schemaMaxBytes } = this.#options;
    const headers: Record<string, string> = {
      accept: 'application/vnd.schemaregistry.v1+json, application/json',
    };
    if (username !== '') {
      headers.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    }
    let status: number;
    let text: string | undefined;
    try {
      // A redirect could carry the credentials elsewhere.
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(this.#base + path, { headers, redirect: 'error', signal });
      status = response.status;
      text = await readCapped(response, schemaMaxBytes * ANSWER_FACTOR + ANSWER_EXTRA_BYTES);
    } catch (cause) {
      const reason =
        (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error) : (cause as Error);
      throw this.#unavailable(`${reason.message || reason.name}`, cause);
    }
    if (text === undefined) throw this.#tooLarge(path);
    try {
      return { status, body: JSON.parse(text) as unknown };
    } catch {
      return { status, body: undefined };
    }
  }

  #unavailable(why: string, cause?: unknown): RewindError {
    return new RewindError('registry_unavailable', `schema registry ${this.#base}: ${why}`, { cause });
  }

  #tooLarge(what: string): RewindError {
    return new RewindError('schema_invalid', `${what} has more than ${this.#options.schemaMaxBytes} bytes`);
  }

  /** What an earlier process read; a file that is damaged counts as none. */
  async #fromDisk(id: number): Promise<string | undefined> {
    try {
      const entry = JSON.parse(await readFile(this.#path(id), 'utf8')) as Partial<{
        id: number;
        schema: string;
      }>;
      return entry.id === id && typeof entry.schema === 'string' ? entry.schema : undefined;
    } catch {
      return undefined;
    }
  }

  /** Ids never change their schema, so a copy is good for ever. Decoding goes on where it cannot be written. */
  async #toDisk(id: number, schema: string): Promise<void> {
    const draft = join(this.#directory, `.draft-${randomUUID()}`);
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeFile(draft, JSON.stringify({ id, schema }));
      await rename(draft, this.#path(id));
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  #path(id: number): string {
    return join(this.#directory, `${id}.json`);
  }
}

interface SchemaAnswer {
  readonly schema: string;
  readonly references: readonly Json[];
}

/** The address without a slash at the end. Errors: config_invalid. */
function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new RewindError('config_invalid', `registry.url is no HTTP address: ${excerpt(text)}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new RewindError(
      'config_invalid',
      'registry.url holds credentials; use registry.username and password',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** The body as text; undefined where it is larger than `maxBytes`. */
async function readCapped(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  checkTextDepth(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RewindError('schema_invalid', `Avro schema: not JSON: ${excerpt(text)}`);
  }
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new RewindError('registry_unavailable', `no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function registerError(error: unknown, subject: string): RewindError {
  if (error instanceof RewindError) return error;
  const { status, message } = error as { status?: unknown; message: string };
  const text = `subject ${excerpt(subject)}: ${message}`;
  if (status === 409) return new RewindError('schema_incompatible', text, { cause: error });
  // Without a status the client found the schema wrong before it sent it, unless the network failed.
  if (status === 422 || (error as Error).name.startsWith('ConfluentSchemaRegistry')) {
    return new RewindError('schema_invalid', text, { cause: error });
  }
  return new RewindError('registry_unavailable', text, { cause: error });
}
