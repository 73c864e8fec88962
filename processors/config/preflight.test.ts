/** Each thing that can be missing is one line that says what to do; all lines come at once. */
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { type Machine, type PreflightNeeds, preflight, thisMachine } from './preflight.js';

const GIB = 2 ** 30;
const GOOD: Machine = {
  nodeVersion: '20.19.0',
  platform: 'linux',
  arch: 'arm64',
  glibc: '2.31',
  freeMemory: () => 8 * GIB,
  freeDisk: async () => 50 * GIB,
  portProblem: async () => null,
};
const NEEDS: PreflightNeeds = {
  dataDir: 'data',
  diskBytes: 2 * GIB,
  memoryBytes: GIB,
  host: '127.0.0.1',
  port: 8080,
};

async function problems(machine: Partial<Machine>, needs: Partial<PreflightNeeds> = {}): Promise<string[]> {
  try {
    await preflight({ ...NEEDS, ...needs }, { ...GOOD, ...machine });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(RewindError);
    expect((error as RewindError).code).toBe('preflight_failed');
    return (error as RewindError).message.split('\n');
  }
}

describe('preflight', () => {
  it('passes on a machine that has everything', async () => {
    expect(await problems({})).toEqual([]);
    expect(await problems({ nodeVersion: '24.1.0', platform: 'darwin', glibc: null })).toEqual([]);
  });

  it.each<[string, Partial<Machine>, RegExp]>([
    ['an old Node', { nodeVersion: '20.18.3' }, /^Node 20\.18\.3 is too old: install Node 20\.19/],
    [
      'a platform without engine',
      { platform: 'win32', arch: 'x64' },
      /^The .* win32 x64: .*docker compose up/,
    ],
    ['another C library', { glibc: null }, /^The embedded engine needs glibc.*: .*store\.url/],
    ['a full disk', { freeDisk: async () => GIB / 2 }, /^0\.5 GiB of disk .* 2\.0 are needed: .*--data-dir/],
    ['little memory', { freeMemory: () => GIB / 4 }, /^0\.3 GiB of memory .* 1\.0 are needed: /],
    ['a taken port', { portProblem: async () => 'EADDRINUSE' }, /^Port 8080 .* taken: .*--port/],
    ['a refused port', { portProblem: async () => 'EACCES' }, /127\.0\.0\.1:8080 \(EACCES\): .*--port/],
  ])('names %s in one line', async (_name, machine, expected) => {
    const lines = await problems(machine);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(expected);
  });

  it('says everything at once, the further checks too', async () => {
    const lines = await problems(
      { nodeVersion: '18.0.0', freeMemory: () => 0 },
      { more: [async () => null, async () => 'Java was not found: install it.'] },
    );
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('Java was not found: install it.');
  });

  it('sees a port that is really taken, and a directory that is still to be made', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const machine = thisMachine();
    expect(await machine.portProblem('127.0.0.1', port)).toBe('EADDRINUSE');
    await new Promise((resolve) => server.close(resolve));
    expect(await machine.portProblem('127.0.0.1', port)).toBeNull();
    expect(await machine.freeDisk(join(tmpdir(), 'not', 'there', 'yet'))).toBeGreaterThan(0);
    expect(machine.freeMemory()).toBeGreaterThan(0);
  });
});
