/** Entry of the compiling thread: one policy at a time, by OPA's own compiler. Terminated when one takes too long. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompileHead, CompileReply, CompileRequest, CompilerData } from './compile-protocol.js';
import { OpaInstance } from './opa-instance.js';

const port = parentPort!;
const beganMs = performance.now();
const opa = new OpaInstance((workerData as CompilerData).opa);
send({ ready: true, initMs: performance.now() - beganMs });

/** Bytes of the length before the head. */
const LENGTH_BYTES = 4;

port.on('message', ({ id, json }: CompileRequest) => {
  try {
    const answer = opa.call('compile', Buffer.from(json));
    const headEnd = LENGTH_BYTES + answer.readUInt32LE(0);
    const head = JSON.parse(answer.toString('utf8', LENGTH_BYTES, headEnd)) as CompileHead;
    const wasm = answer.subarray(headEnd);
    const module = wasm.length === 0 ? null : new WebAssembly.Module(wasm);
    send({ id, head, module, memoryBytes: opa.memoryBytes });
  } catch (error) {
    send({ id, ended: error instanceof Error ? error.message : String(error) });
  }
});

function send(reply: CompileReply): void {
  port.postMessage(reply);
}
