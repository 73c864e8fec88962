/** `rewind completion bash|zsh|fish`: a script that completes commands and options. */
import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion.js';
import { type Cli, openSession } from '../session.js';

/** @param whole builds the program with all of its commands, also those that this process did not load */
export function completionCommand(cli: Cli, whole: () => Promise<Command>): Command {
  return new Command('completion')
    .description('Print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'shell').choices(SHELLS))
    .addHelpText('after', '\nExample:\n  source <(rewind completion bash)')
    .action(async (shell: Shell, _options: object, command: Command) => {
      await openSession(cli, command).terminal.data(completionScript(shell, await whole()));
    });
}
