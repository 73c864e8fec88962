/** `rewind replay follow`: the current state goes on with what arrives; the server does it, and leaving does not stop it. */
import { Command } from 'commander';
import { promoteJob } from '../promote.js';
import { type Row, rowOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { renderFacts } from '../table.js';
import type { Terminal } from '../terminal.js';
import { count, duration } from '../values.js';

const PATH = '/tenants/{tenant_id}/current-state/follow';

interface FollowOptions {
  readonly status?: boolean;
  readonly stop?: boolean;
  readonly reason?: string;
}

export function followCommand(cli: Cli): Command {
  return new Command('follow')
    .description('Keep the current state live: fold what arrives onto it, from now on')
    .argument('[job]', 'run to promote first, unless it is current already')
    .option('--reason <text>', 'why, where a run is promoted that is not exact')
    .option('--status', 'only show how far it has come')
    .option('--stop', 'leave the state as it is from now on')
    .addHelpText('after', '\nExample:\n  rewind replay follow run-123\n  rewind replay follow --status')
    .action(async (job: string | undefined, options: FollowOptions, command: Command) => {
      const session = openSession(cli, command);
      const params = { path: { tenant_id: session.tenant } };
      if (options.status) return show(session, (await session.connection.get(PATH, { params })).data);
      if (!options.stop && job !== undefined) await promoteIfNeeded(cli, session, job, options.reason);
      const answer = await session.connection.post(PATH, { params, body: { on: options.stop !== true } });
      return show(session, answer.data);
    });
}

async function promoteIfNeeded(
  cli: Cli,
  session: Session,
  job: string,
  reason: string | undefined,
): Promise<void> {
  const params = { path: { tenant_id: session.tenant } };
  const status = await session.connection.get(PATH, { params });
  if (rowOf(status.data).text('job_id') === job) return;
  // What it prints is the outcome of this command, the state of following, and not of the promotion.
  const silent = { ...session, print: async () => undefined };
  await promoteJob(cli, silent, job, reason === undefined ? {} : { reason });
}

async function show(session: Session, data: Buffer): Promise<void> {
  await session.print(data, (terminal) => renderFollowing(terminal, rowOf(data)));
}

function renderFollowing(screen: Terminal, following: Row): string {
  const on = following.raw('on') === 'true';
  const facts: [string, string][] = [
    ['following', on ? `on, since ${following.text('since')} by ${following.text('actor')}` : 'off'],
    ['run', following.text('job_id') || 'none is current'],
  ];
  if (following.text('step') !== '')
    facts.push(['steps', `${count(following.number('step'))}, the last at ${following.text('step_at')}`]);
  if (following.text('lag_records') !== '')
    facts.push([
      'behind',
      `${count(following.number('lag_records'))} records of the archive${ageOf(following)}`,
    ]);
  if (following.text('untold_steps') !== '') facts.push(['topics', topicsOf(following)]);
  const error = following.row('error');
  if (error.text('code') !== '')
    facts.push(['error', `${error.text('code')} at ${error.text('at')}: ${error.text('message')}`]);
  return renderFacts(screen, facts);
}

function topicsOf(following: Row): string {
  const behind = following.number('untold_steps');
  return behind === 0 ? 'have all steps' : `${count(behind)} steps behind`;
}

function ageOf(following: Row): string {
  return following.text('lag_seconds') === ''
    ? ''
    : `, the oldest of ${duration(following.number('lag_seconds'))} ago`;
}
