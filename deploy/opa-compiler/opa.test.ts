/** The committed OPA is the one that was recorded, of the version that its sources name, and does what was allowed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../processors/package-root.js';
import { OpaInstance } from '../../processors/policy/opa-instance.js';
import {
  CAPABILITIES_FILE,
  OPA_FILE,
  opaModule,
  readOpaRecord,
  sha256,
  unpackOpa,
} from '../../processors/policy/opa-module.js';
import { allowedCapabilities, type Capabilities, REFUSED } from './capabilities.js';

const file = (path: string) => readFileSync(join(packageRoot(), path));

it('has the hashes that were recorded when it was built', async () => {
  const record = await readOpaRecord();
  expect(sha256(file(OPA_FILE))).toBe(record.packedSha256);
  expect(sha256(await unpackOpa())).toBe(record.sha256);
  expect(file('deploy/opa-compiler/go.mod').toString()).toContain(`open-policy-agent/opa v${record.opa}\n`);
});

it('allows what OPA can do, less what is named', async () => {
  const opa = new OpaInstance(await opaModule(512 << 20));
  const all = opa.call('capabilities', Buffer.alloc(0)).toString();
  expect(file(CAPABILITIES_FILE).toString()).toBe(allowedCapabilities(all));
  const names = (text: string) => (JSON.parse(text) as Capabilities).builtins.map(({ name }) => name);
  const allowed = new Set(names(file(CAPABILITIES_FILE).toString()));
  expect(names(all).filter((name) => !allowed.has(name))).toEqual(Object.keys(REFUSED));
});
