/** `rewind pause --all`, `rewind resume --all`: the switch over all jobs of all tenants, for operators. */
import { Command } from 'commander';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';

export function pauseCommand(cli: Cli): Command {
  return switchCommand(
    cli,
    'pause',
    'Stop all reading of the instance: jobs, archiver, fold; restarts keep it so',
  );
}

export function resumeCommand(cli: Cli): Command {
  return switchCommand(cli, 'resume', 'Let all jobs of the instance go on');
}

function switchCommand(cli: Cli, step: 'pause' | 'resume', description: string): Command {
  return new Command(step)
    .description(description)
    .requiredOption('--all', 'every tenant; for one job: rewind replay pause|resume JOB')
    .option('--reason <text>', 'why, for those who look')
    .addHelpText('after', `\nExample:\n  rewind ${step} --all --reason "broker maintenance"`)
    .action(async ({ reason }: { reason?: string }, command: Command) => {
      const session = openSession(cli, command);
      const body = reason === undefined ? {} : { reason };
      const answer = await session.connection.post(`/instance/${step}`, { body });
      await session.print(answer.data, () => {
        const state = rowOf(answer.data);
        const why = state.text('reason') === '' ? '' : `: ${state.text('reason')}`;
        return `${state.raw('paused') === 'true' ? 'paused' : 'running'} since ${state.text('since')} by ${state.text('actor')}${why}\n`;
      });
    });
}
