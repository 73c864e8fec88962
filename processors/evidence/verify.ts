/**
 * Checks an archive with nothing but its bytes and, where it is given, the signer's public key. Every byte of the file is
 * either compared with what it must be, or covered by a hash, or signed: whichever is changed, it shows.
 */
import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { ByteSource } from './byte-source.js';
import {
  type EvidenceManifest,
  type FileEntry,
  FORMAT,
  isSignedBy,
  MANIFEST_FILE,
  SIGNATURE_FILE,
  SMALL_FILE_MAX_BYTES,
  STATES_FILE,
  signatureText,
} from './format.js';
import { type Leaf, leafHash, type PathStep, rootOf } from './merkle.js';
import { StatesCheck } from './states-check.js';
import { readTarHeader, TAR_BLOCK, TAR_END, tarHeader, tarPadding } from './tar.js';

export interface VerifyOptions {
  /** The 32 bytes that the signer published. Left out: the archive is only held against the key inside it. */
  readonly publicKey?: Buffer;
  /** An entity whose final state is to be shown to be the run's. */
  readonly entity?: Omit<Leaf, 'exists'>;
}

export interface VerifyReport {
  readonly valid: boolean;
  /** What is wrong, in words; the first problem only, since what follows it cannot be trusted. */
  readonly problem: string | null;
  /** Null until the signature was found right. */
  readonly manifest: EvidenceManifest | null;
  /** Base64; null until it was read. */
  readonly publicKey: string | null;
  /** From the entity's leaf up to the root; null: none was asked for. */
  readonly path: readonly PathStep[] | null;
}

class Broken extends Error {}

export async function verifyEvidence(
  chunks: AsyncIterable<Buffer>,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const check = new Check(new ByteSource(chunks), options);
  try {
    await check.run();
    return { valid: true, problem: null, ...check.found };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { valid: false, problem: error.message, ...check.found };
  }
}

class Check {
  readonly found: {
    manifest: EvidenceManifest | null;
    publicKey: string | null;
    path: readonly PathStep[] | null;
  } = { manifest: null, publicKey: null, path: null };
  readonly #source: ByteSource;
  readonly #options: VerifyOptions;

  constructor(source: ByteSource, options: VerifyOptions) {
    this.#source = source;
    this.#options = options;
  }

  async run(): Promise<void> {
    const manifestBytes = await this.#smallFile(MANIFEST_FILE);
    const signed = await this.#smallFile(SIGNATURE_FILE);
    this.#signature(manifestBytes, signed);
    const manifest = JSON.parse(manifestBytes.toString()) as EvidenceManifest;
    require(manifest.format === FORMAT, `this is no archive of the format ${FORMAT}`);
    this.found.manifest = manifest;
    for (const file of manifest.files) await this.#file(file, manifest);
    const end = await this.#source.read(TAR_END.length);
    require(end?.equals(TAR_END) === true, 'the archive does not end as it should');
    require(await this.#source.ended(), 'something stands behind the end of the archive');
  }

  async #smallFile(name: string): Promise<Buffer> {
    const block = await this.#source.read(TAR_BLOCK);
    const header = block === null ? null : readTarHeader(block);
    if (header === null || header.name !== name || header.size > SMALL_FILE_MAX_BYTES)
      throw new Broken(`${name} is not where it belongs`);
    const content = await this.#source.read(header.size);
    if (content === null) throw new Broken(`the archive ends inside ${name}`);
    await this.#padding(name, header.size);
    return content;
  }

  #signature(manifest: Buffer, file: Buffer): void {
    let publicKey: Buffer;
    let signature: Buffer;
    try {
      const parsed = JSON.parse(file.toString()) as { public_key: string; signature: string };
      publicKey = Buffer.from(parsed.public_key, 'base64');
      signature = Buffer.from(parsed.signature, 'base64');
    } catch {
      throw new Broken(`${SIGNATURE_FILE} cannot be read`);
    }
    // One spelling alone: Base64 has bits that decode to nothing.
    require(signatureText(publicKey, signature) === file.toString('latin1'), `${SIGNATURE_FILE} was changed`);
    this.found.publicKey = publicKey.toString('base64');
    const { publicKey: expected } = this.#options;
    require(expected === undefined ||
      expected.equals(publicKey), 'it is signed with another key than the one given');
    require(publicKey.length === 32 &&
      isSignedBy(publicKey, signature, manifest), `the signature is not that of ${MANIFEST_FILE}`);
  }

  async #file(file: FileEntry, manifest: EvidenceManifest): Promise<void> {
    const header = await this.#source.read(TAR_BLOCK);
    require(header?.equals(tarHeader(file.name, file.bytes)) ===
      true, `the header of ${file.name} was changed`);
    const hash = createHash('sha256');
    let bytes = 0;
    const hashed = async function* (parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const part of parts) {
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    };
    const content = hashed(this.#source.parts(file.bytes));
    let problem: string | null = null;
    if (file.name === STATES_FILE) problem = await this.#states(content, manifest);
    for await (const _ of content);
    require(bytes === file.bytes, `the archive ends inside ${file.name}`);
    require(hash.digest('hex') === file.sha256, `${file.name} was changed`);
    require(problem === null, problem ?? '');
    await this.#padding(file.name, file.bytes);
  }

  /** What is wrong with the states; null: nothing. Reads the parts to their end where they can be unpacked. */
  async #states(parts: AsyncIterable<Buffer>, manifest: EvidenceManifest): Promise<string | null> {
    const { entity } = this.#options;
    const states = new StatesCheck(entity ?? null);
    try {
      for await (const chunk of unpacked(parts)) states.push(chunk);
      states.end();
    } catch {
      return `${STATES_FILE} cannot be read`;
    }
    const { root, path } = states.finish();
    const { entities, merkle_root } = manifest.states;
    if (states.entities !== entities || root.toString('hex') !== merkle_root)
      return 'the states do not lead to the root that the manifest names';
    if (entity === undefined) return null;
    const line = states.found;
    if (line === null || path === null) return `the run has no ${entity.entityType}/${entity.entityId}`;
    const leaf = leafHash({ ...entity, exists: line.exists });
    if (leaf.toString('hex') !== line.leaf)
      return `the state given is not the final state of ${entity.entityType}/${entity.entityId}`;
    if (rootOf(leaf, path).toString('hex') !== merkle_root) return 'the path does not lead to the root';
    this.found.path = path;
    return null;
  }

  async #padding(name: string, size: number): Promise<void> {
    const padding = await this.#source.read(tarPadding(size));
    require(padding?.every((byte) => byte === 0) === true, `the bytes behind ${name} were changed`);
  }
}

/** Ends with an error where the bytes are no gzip. The source is read on by the caller. */
async function* unpacked(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let failed: unknown = null;
  const feeding = (async () => {
    const iterator = parts[Symbol.asyncIterator]();
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (failed === null && !gunzip.write(next.value))
        await new Promise<void>((resolve) => {
          gunzip.once('drain', resolve);
          gunzip.once('close', resolve);
        });
    }
    gunzip.end();
  })();
  gunzip.once('error', (error) => {
    failed = error;
  });
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    failed ??= new Error('not read on');
    gunzip.destroy();
    await feeding;
  }
}

function require(holds: boolean, problem: string): void {
  if (!holds) throw new Broken(problem);
}
