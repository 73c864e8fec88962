import { expect, it } from 'vitest';
import { openTerminal } from './terminal.js';

function opened(options: { progressJson?: boolean; quiet?: boolean; env?: Record<string, string> } = {}) {
  let err = '';
  const stream = {
    isTTY: false,
    write: (text: string) => {
      err += text;
      return true;
    },
  } as unknown as NodeJS.WriteStream;
  const { quiet = false, env = {}, progressJson = false } = options;
  const terminal = openTerminal({
    quiet,
    env,
    progressJson,
    color: undefined,
    stdout: stream,
    stderr: stream,
  });
  return { terminal, err: () => err };
}

it('writes progress as a JSON line where programs read it, and no more than one a second', () => {
  const { terminal, err } = opened({ progressJson: true });
  terminal.progress('fold  50 %', { job_id: 'run-1', percent: 50 });
  terminal.progress('fold  51 %', { job_id: 'run-1', percent: 51 });
  expect(JSON.parse(err())).toEqual({ progress: { text: 'fold  50 %', job_id: 'run-1', percent: 50 } });
});

it('writes plain lines without a terminal, and nothing when quiet', () => {
  const plain = opened();
  plain.terminal.progress('fold  50 %');
  expect(plain.err()).toBe('fold  50 %\n');
  const quiet = opened({ quiet: true, progressJson: true });
  quiet.terminal.progress('fold');
  expect(quiet.err()).toBe('');
});

it('colours by NO_COLOR before FORCE_COLOR before the terminal', () => {
  expect(opened().terminal.color).toBe(false);
  expect(opened({ env: { FORCE_COLOR: '1' } }).terminal.color).toBe(true);
  expect(opened({ env: { FORCE_COLOR: '0' } }).terminal.color).toBe(false);
  expect(opened({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).terminal.color).toBe(false);
});
