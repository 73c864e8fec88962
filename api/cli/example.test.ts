import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { buildProgram, run } from './main.js';
import type { Cli } from './session.js';

function screen() {
  let text = '';
  const stream = {
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  };
  const cli = {
    stdout: stream,
    stderr: stream,
    version: '0',
    env: {},
    exitCode: 0,
    signal: new AbortController().signal,
  } as unknown as Cli;
  return { cli, text: () => text };
}

function leaves(command: Command, path: readonly string[] = []): string[][] {
  if (command.commands.length === 0) return [[...path]];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

it('every command shows how it is used', async () => {
  const { cli } = screen();
  for (const path of leaves(await buildProgram(cli))) {
    const one = screen();
    expect([path, await run(one.cli, [...path, '--help'])]).toEqual([path, 0]);
    const example = one.text().split(/Examples?:\n/)[1] ?? '';
    expect([path, example.includes('rewind ')]).toEqual([path, true]);
  }
});

it('a misspelt command is answered with the one that was meant', async () => {
  const one = screen();
  expect(await run(one.cli, ['replay', 'lst'])).toBe(2);
  expect(one.text()).toContain('Did you mean list?');
  const other = screen();
  expect(await run(other.cli, ['replya'])).toBe(2);
  expect(other.text()).toContain('Did you mean replay?');
});
