/**
 * The final states of a run as leaves: hashed inside the store, sorted there by type and id (bytewise, beyond a bounded
 * memory on disk), and written to a file line by line.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { RowBinaryReader } from '../store/rowbinary-reader.js';
import type { Store } from '../store/store.js';
import type { FileEntry } from './format.js';
import { STATES_FILE, type StateLine } from './format.js';
import { MerkleTree } from './merkle.js';

const SPILL_BYTES = 256 << 20;
const length = (column: string) => `unhex(leftPad(hex(toUInt32(length(${column}))), 8, '0'))`;

export interface WrittenStates {
  readonly file: FileEntry;
  readonly entities: number;
  readonly root: string;
}

export async function writeStates(
  store: Store,
  jobId: string,
  path: string,
  maxSeconds: number,
): Promise<WrittenStates> {
  const tree = new MerkleTree();
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(
    Readable.from(lines(store, jobId, tree, maxSeconds)),
    createGzip(),
    counted,
    createWriteStream(path),
  );
  return {
    file: { name: STATES_FILE, bytes, sha256: hash.digest('hex') },
    entities: tree.leaves,
    root: tree.finish().root.toString('hex'),
  };
}

async function* lines(
  store: Store,
  jobId: string,
  tree: MerkleTree,
  maxSeconds: number,
): AsyncGenerator<string> {
  const stream = await store.streamRowBinary(
    `SELECT type, id, toInt32(here),
       SHA256(concat(char(0), ${length('type')}, type, ${length('id')}, id, char(here), final))
     FROM (
       SELECT toString(entity_type) AS type, entity_id AS id, argMax(exists, fold_seq) AS here,
         argMax(state_after, fold_seq) AS final
       FROM ${store.t('v1_snapshots')} WHERE job_id = {job:String} GROUP BY type, id)
     ORDER BY type, id`,
    { job: jobId },
    {
      maxSeconds,
      settings: {
        max_bytes_before_external_group_by: SPILL_BYTES,
        max_bytes_before_external_sort: SPILL_BYTES,
      },
    },
  );
  const reader = new RowBinaryReader();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      reader.push(chunk);
      let text = '';
      reader.drain((row) => {
        const line = {
          entity_type: row.string(),
          entity_id: row.string(),
          exists: row.i32() === 1,
          leaf: row.fixed(32).toString('hex'),
        } satisfies StateLine;
        tree.add(Buffer.from(line.leaf, 'hex'));
        text += `${JSON.stringify(line)}\n`;
      });
      yield text;
    }
    reader.end();
  } finally {
    stream.destroy();
  }
}
