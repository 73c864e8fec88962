/** Unpacks gzip no further than allowed. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { excerpt, RewindError } from '../../schemas/errors.js';

/** Errors: body_too_large, json_invalid (no gzip). */
export async function inflated(packed: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new RewindError('body_too_large', `The body unpacks to more than ${maxBytes} bytes.`);
    throw new RewindError('json_invalid', `The body is not gzip: ${excerpt((error as Error).message)}`);
  }
}
