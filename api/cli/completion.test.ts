import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { completionScript } from './completion.js';
import { buildProgram } from './main.js';
import type { Cli } from './session.js';

const program = () =>
  buildProgram({ stdout: process.stdout, stderr: process.stderr, version: '0' } as unknown as Cli);

/** What bash itself offers behind these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = completionScript('bash', await program());
  const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rewind; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `${script}\n${line}`], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((one) => one !== '');
}

it('completes commands, commands of commands, options and their choices', async () => {
  expect(await offered('rewind', 'rep')).toEqual(['replay']);
  expect(await offered('rewind', 'replay', 'cr')).toEqual(['create']);
  expect(await offered('rewind', 'replay', 'create', '--time')).toEqual([]);
  expect(await offered('rewind', 'replay', 'create', '--encoding')).toEqual(['--encoding-version']);
  expect(await offered('rewind', '--output', 'nd')).toEqual(['ndjson']);
  expect(await offered('rewind', '--tenant', 'acme', 'replay', 'li')).toEqual(
    expect.arrayContaining(['list']),
  );
});

it('has a line for every command in fish', async () => {
  const whole = await program();
  const script = completionScript('fish', whole);
  for (const command of whole.commands) {
    expect(script).toContain(`complete -c rewind -f -n '__fish_use_subcommand' -a ${command.name()}\n`);
  }
  expect(script).toContain("-l output -x -a '");
});
