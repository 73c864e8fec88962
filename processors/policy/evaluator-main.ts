/**
 * Entry of an evaluating thread: batches in, outcomes out as they come, so that a thread that is killed loses little.
 * It runs policies of tenants and is terminated at any moment.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { RewindError } from '../../schemas/errors.js';
import type { DecisionInput, Evaluated, PolicyToRun } from './contract.js';
import { type Batch, type EvaluatorData, type EvaluatorReply, KEPT_RUNS } from './evaluator-protocol.js';
import { PolicyRunner, ThreadOpa } from './policy-runner.js';
import { PREPARING, Pulse } from './pulse.js';
import { ReferencePolicy } from './reference.js';

/** Outcomes that are sent together, and the time after which they are sent anyway. */
const SENT_TOGETHER = 256;
const SEND_AFTER_MS = 50;

const { shared, limits } = workerData as EvaluatorData;
const port = parentPort!;
const pulse = new Pulse(shared);
const opa = new ThreadOpa();
const kept = new Map<string, { run: PolicyToRun; runner: PolicyRunner }>();

type Decider = (decision: DecisionInput) => Evaluated;

port.on('message', (batch: Batch) => {
  const { id } = batch;
  try {
    pulse.begin(PREPARING);
    const decide = prepared(batch);
    pulse.end();
    decideAll(batch, decide);
    send({ id, done: true });
  } catch (error) {
    if (!(error instanceof RewindError)) throw error;
    send({ id, failed: { code: error.code, message: error.message } });
    if (pulse.count % 2 === 1) pulse.end();
  }
});

function prepared(batch: Batch): Decider {
  const { run, runner } = keptRun(batch);
  if (batch.isReference) {
    const reference = new ReferencePolicy(run, batch.key, opa, limits.resultMaxBytes);
    return (decision) => reference.decide(decision);
  }
  runner.prepare();
  return (decision) => runner.decide(decision);
}

function keptRun({ key, run }: Batch): { run: PolicyToRun; runner: PolicyRunner } {
  if (run !== undefined) {
    kept.set(key, { run, runner: new PolicyRunner(run, limits, opa) });
    if (kept.size > KEPT_RUNS) kept.delete(kept.keys().next().value!);
  }
  return kept.get(key)!;
}

function decideAll({ id, decisions, maxMs = Number.POSITIVE_INFINITY }: Batch, decide: Decider): void {
  const endMs = performance.now() + maxMs;
  let outcomes: Evaluated[] = [];
  let sentMs = performance.now();
  for (const [index, decision] of decisions.entries()) {
    if (pulse.isStopped || performance.now() >= endMs) break;
    pulse.begin(index);
    outcomes.push(decide(decision));
    pulse.end();
    if (outcomes.length < SENT_TOGETHER && performance.now() - sentMs < SEND_AFTER_MS) continue;
    send({ id, outcomes });
    outcomes = [];
    sentMs = performance.now();
  }
  if (outcomes.length > 0) send({ id, outcomes });
}

function send(reply: EvaluatorReply): void {
  port.postMessage(reply);
}
