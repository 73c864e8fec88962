/** What never became a request (malformed, or with headers beyond Node's limit) is answered as a problem, too. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RewindError } from '../../schemas/errors.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** For the `clientErrorHandler` of the server: the socket is all there is. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const problem = problemOf(
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new RewindError('body_too_large', 'The address and the headers of the request are too long.')
      : new RewindError('field_invalid', 'The request is not well-formed HTTP.'),
    '',
  );
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
