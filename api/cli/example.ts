/** The example at the end of a command's help, for commands that give none of their own. */
import type { EventEmitter } from 'node:events';
import type { Command } from 'commander';

/** The shortest use: the words, arguments in capitals, and options that must be given. */
export function exampleOf(command: Command): string {
  const words: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) words.unshift(one.name());
  const places = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => argument.argChoices?.[0] ?? argument.name().toUpperCase());
  const options = command.options
    .filter(({ mandatory, defaultValue }) => mandatory && defaultValue === undefined)
    .map(({ long, argChoices, flags }) => `${long} ${argChoices?.[0] ?? placeOf(flags)}`);
  return [...words, ...places, ...options].join(' ');
}

function placeOf(flags: string): string {
  return (/[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? 'value').toUpperCase();
}

/** Adds it to every command that does something and shows no example yet. */
export function addExample(command: Command): void {
  // A command is an emitter, and what follows its help listens; its types do not say so.
  const own = (command as unknown as EventEmitter).listenerCount('afterHelp') > 0;
  if (command.commands.length > 0 || own) return;
  command.addHelpText('after', () => `\nExample:\n  ${exampleOf(command)}`);
}
