/** Log replays that run as jobs, from the command line: asked for, waited for, shown. */
import { setTimeout as wait } from 'node:timers/promises';
import { RewindError } from '../../schemas/errors.js';
import { ImpactTotal } from './impact-total.js';
import { type Row, rowOf } from './rows.js';
import type { Cli, Session } from './session.js';
import { count } from './values.js';

const POLL_MS = 500;

/** `body`: members of the request, as JSON text. Gives the replay's id. */
export async function startReplay(session: Session, body: string): Promise<string> {
  const answer = await session.connection.post('/v1/logreplay', {
    params: { query: { async: 'true' }, header: { 'x-tenant-id': session.tenant } },
    body: Buffer.from(`{${body}}`),
  });
  return rowOf(answer.data).text('replay_id');
}

/** What it found, once it has ended. Null: the command was interrupted, and the replay goes on. */
export async function replayEnd(cli: Cli, session: Session, replayId: string): Promise<ImpactTotal | null> {
  for (;;) {
    const job = await replayJob(session, replayId);
    if (job.raw('ended_at') !== 'null') {
      session.terminal.progressDone();
      return found(job);
    }
    session.terminal.progress(progressOf(job));
    await wait(POLL_MS, undefined, { signal: cli.signal }).catch(() => undefined);
    if (!cli.signal.aborted) continue;
    session.terminal.progressDone();
    session.terminal.say(`The log replay goes on. To see it again: rewind impact show ${replayId}`);
    return null;
  }
}

async function replayJob(session: Session, replayId: string): Promise<Row> {
  const answer = await session.connection.get('/v1/logreplay/{replay_id}', {
    params: { path: { replay_id: replayId }, header: { 'x-tenant-id': session.tenant } },
  });
  return rowOf(answer.data);
}

/** Rejects with why there is nothing to show. */
function found(job: Row): ImpactTotal {
  const status = job.text('status');
  if (status === 'Failed') {
    const { code, message } = JSON.parse(job.raw('error')) as { code: 'internal'; message: string };
    throw new RewindError(code, message);
  }
  if (status !== 'Complete')
    throw new RewindError('logreplay_cancelled', `${job.text('replay_id')} was cancelled`);
  const total = new ImpactTotal();
  total.add(Buffer.from(job.raw('result')), Number.POSITIVE_INFINITY);
  return total;
}

export function progressOf(job: Row): string {
  const held = job.raw('held_by');
  const why =
    held === 'null' ? '' : `, held: ${held === '"pause"' ? 'all reading is paused' : 'others come first'}`;
  const looked = `${count(job.number('entries_observed'))} decisions looked at`;
  return `${job.number('percent')} %, ${looked}, ${count(job.number('results_changed'))} changed${why}`;
}
