/** Addresses that a tenant's URL must not lead to, by the registries of special-purpose addresses. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AddressGuard } from './address-guard.js';
import { send } from './send.js';

const REFUSED = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a00:1',
  '100::1',
  '2001:db8::1',
  '2002:a00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'localhost',
  '',
];
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '2606:4700::1111',
  '2a00:1450:4001:80b::200e',
  '::ffff:8.8.8.8',
];

it('refuses what is not public, in any clothes, and takes what is', () => {
  const guard = new AddressGuard([]);
  expect(REFUSED.filter((address) => guard.allows(address))).toEqual([]);
  expect(PUBLIC.filter((address) => !guard.allows(address))).toEqual([]);
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(byte, byte, byte, byte, (a, b, c, d) => {
      const text = `${a}.${b}.${c}.${d}`;
      expect(guard.allows(`::ffff:${text}`)).toBe(guard.allows(text));
      if (a === 10 || a === 127 || (a === 192 && b === 168) || (a === 169 && b === 254) || a >= 224)
        expect(guard.allows(text)).toBe(false);
    }),
  );
});

it('takes networks that the configuration names, and only those', () => {
  const guard = new AddressGuard(['10.1.0.0/16', 'fd00::/8']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'].every((address) => guard.allows(address))).toBe(true);
  expect(['10.2.0.1', 'fc00::1', '127.0.0.1'].some((address) => guard.allows(address))).toBe(false);
  for (const odd of ['10.1.0.0', '10.1.0.0/33', 'example.org/8', 'fd00::/129'])
    expect(() => new AddressGuard([odd])).toThrowError(/is not a network/);
});

it('connects to the address that was checked, and to nothing where one of several is refused', async () => {
  let connections = 0;
  const server = createServer((_request, answer) => answer.end());
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const here = { address: '127.0.0.1', family: 4 };
  const to = (url: string, allowed: string[], resolve = async () => [here]) =>
    send(url, {}, Buffer.from('{}'), {
      guard: new AddressGuard(allowed),
      allowHttp: true,
      timeoutMs: 2000,
      answerMaxBytes: 100,
      resolve,
    });
  const url = `http://receiver.invalid:${port}/`;
  expect(await to(url, [])).toMatchObject({ status: 0, error: expect.stringContaining('not public') });
  const both = async () => [{ address: '8.8.8.8', family: 4 }, here];
  expect((await to(url, [], both)).error).toContain('not public');
  expect((await to(`http://127.0.0.1:${port}/`, [])).error).toContain('not public');
  expect((await to(`http://2130706433:${port}/`, [])).error).toContain('not public');
  expect((await to(url, ['127.0.0.0/8'], async () => [])).error).toContain('not public');
  expect(connections).toBe(0);
  // No resolver of the world knows this name: only the address that was checked can have been reached.
  expect(await to(url, ['127.0.0.0/8'])).toMatchObject({ status: 200, error: '' });
  expect(connections).toBe(1);
  server.close();
});
