/** Inputs for the policies of cases.ts: each field is usual, odd or missing, by chance of a seed. As JSON text. */
import { createHmac } from 'node:crypto';
import { Prng } from '../../generate/prng.js';

const LONG = ['12345678901234567890', '9007199254740993', '-12345678901234567890123', '7'];

/** `count` inputs; the same seed gives the same. */
export function policyInputs(seed: number, count: number): string[] {
  const chance = new Prng(seed);
  return Array.from({ length: count }, () => input(chance));
}

function input(chance: Prng): string {
  const pick = <T>(...values: readonly T[]): T => values[chance.int(0, values.length - 1)]!;
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: chance.int(0, most) }, make);
  const number = (): number => pick(0, 1, 2, -3, 17, 99, 100, 4.5, -0.25);
  const fields: Record<string, unknown> = {
    user: pick('ann', 'bob', 'eve', ''),
    roles: some(3, () => pick('admin', 'editor', 'viewer', 'auditor', 'banned')),
    action: pick('read', 'write', 'list', 'delete', 'read'),
    resource: {
      type: pick('doc', 'bill', 'audit', 'other'),
      owner: pick('ann', 'bob', 'nobody'),
      level: pick(1, 2, 3, 2.5, null),
      locked: pick(true, false, false),
      tags: some(3, () => pick('public', 'secret', 'internal', 'weird', 'zz')),
    },
    user_attributes: { clearance: pick(1, 2, 3), team: pick('a', 'b'), ann: true },
    numbers: some(4, number),
    amount: pick(0, 10, 19.99, 1000.5, 0.1, 7),
    at: pick(
      '2024-02-29T12:34:56Z',
      '2023-07-01T06:00:00.123456789+02:00',
      '2024-12-31T23:59:59Z',
      'yesterday',
    ),
    text: pick(
      'The quick brown fox.',
      'a',
      '',
      'naïve café ☕',
      ' spaces ',
      '\u0001\u007f\u2028\u200b\u{1f6d1}',
      '{"a":1}',
      '<b>&"quoted"\\</b>',
    ),
    name: pick('Zoë', 'İstanbul', '𝒳y', 'plain', 'ß'),
    email: pick('ann@example.com', 'ann@example.net', 'Ann@example.org'),
    path_text: pick('/api/v1/items/12/x', '/a.b/c33', 'x', ''),
    pattern: pick('^/a', '(', '[0-9]{2,}$', '(a+)+$'),
    host: pick('www.example.com', 'a.b.example.com', 'example.org'),
    ip: pick('10.1.2.3', '192.168.1.7', '8.8.8.8', '2001:db8::1', 'no ip'),
    version: pick('1.2.3', '1.10.0', '2.0.0-rc1', 'v1'),
    size: pick('10Mi', '1.5GB', '7', 'many'),
    section: pick('grants', 'inherits', 'nothing'),
    numeric_text: pick('19.99', '10', '1e2', 'x'),
    nothing: null,
    token: token(pick('ann', 'bob'), pick('secret', 'other')),
    containers: some(2, () => ({
      name: pick('web', 'db'),
      image: pick('registry.example.com/web:1', 'docker.io/db'),
      ...(pick(true, false) ? { limits: { cpu: '1' } } : {}),
      ...(pick(true, false, false) ? { privileged: true } : {}),
    })),
  };
  // A field is left out now and then.
  for (const name of Object.keys(fields)) if (chance.int(1, 25) === 1) delete fields[name];
  return JSON.stringify(fields).replace(/^\{/, `{"big":${pick(...LONG)},`);
}

function token(sub: string, secret: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
