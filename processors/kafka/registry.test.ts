import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileRegistry } from './registry-files.js';
import { HttpRegistry } from './registry-http.js';
import { inlineReferences } from './registry-inline.js';

let directory: string;
let server: Server;
let url: string;
let requests: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rewind-registry-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apis/`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

const schema = '{"type":"record","name":"A","fields":[{"name":"x","type":"int"}]}';
const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

describe('over HTTP', () => {
  let clock = 0;
  const open = (more: Partial<ConstructorParameters<typeof HttpRegistry>[0]> = {}) =>
    new HttpRegistry({
      url,
      username: '',
      password: '',
      timeoutMs: 2000,
      schemaMaxBytes: 1000,
      cacheDir: directory,
      now: () => clock,
      ...more,
    });

  it('asks once for many, with basic auth, and id 0 is an id', async () => {
    answer = (_, response) => json(response, 200, { schema });
    const registry = open({ username: 'u', password: 'p' });
    expect(await Promise.all([registry.schemaById(0), registry.schemaById(0)])).toEqual([schema, schema]);
    expect(await registry.schemaById(0)).toBe(schema);
    expect(requests.map((request) => request.url)).toEqual(['/apis/schemas/ids/0']);
    expect(requests[0]!.headers.authorization).toBe('Basic dTpw');
  });

  it('decodes known ids from disk while the registry is down, and survives a damaged file', async () => {
    answer = (_, response) => json(response, 200, { schema });
    await open().schemaById(7);
    answer = (_, response) => json(response, 503, {});
    expect(await open().schemaById(7)).toBe(schema);
    expect(requests).toHaveLength(1);
    const [registryDirectory] = await readdir(directory);
    await writeFile(join(directory, registryDirectory!, '7.json'), '{"id":7,"sch');
    await expect(open().schemaById(7)).rejects.toMatchObject({
      code: 'registry_unavailable',
      retryable: true,
    });
  });

  it('asks again for an id that failed once a second at most', async () => {
    answer = (_, response) => json(response, 404, { error_code: 40403, message: 'Schema not found' });
    const registry = open();
    for (let i = 0; i < 5; i++) {
      await expect(registry.schemaById(9)).rejects.toMatchObject({ code: 'schema_unknown' });
    }
    expect(requests).toHaveLength(1);
    clock += 1001;
    answer = (_, response) => json(response, 200, { schema });
    expect(await registry.schemaById(9)).toBe(schema);
  });

  const bad: [string, (response: ServerResponse) => void, string][] = [
    ['500', (response) => json(response, 500, {}), 'registry_unavailable'],
    ['401', (response) => json(response, 401, {}), 'registry_unavailable'],
    [
      '404 of another server',
      (response) => json(response, 404, { message: 'Not Found' }),
      'registry_unavailable',
    ],
    ['no JSON', (response) => response.end('<html>'), 'registry_unavailable'],
    ['other JSON', (response) => json(response, 200, { scheme: 1 }), 'registry_unavailable'],
    ['a broken connection', (response) => response.destroy(), 'registry_unavailable'],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'registry_unavailable',
    ],
    [
      'protobuf',
      (response) => json(response, 200, { schemaType: 'PROTOBUF', schema: 'x' }),
      'schema_invalid',
    ],
    ['a schema too large', (response) => json(response, 200, { schema: ' '.repeat(1001) }), 'schema_invalid'],
    ['an endless answer', (response) => response.end(' '.repeat(200_000)), 'schema_invalid'],
  ];
  it.each(bad)('%s', async (_, respond, code) => {
    answer = (_request, response) => respond(response);
    await expect(open().schemaById(1)).rejects.toMatchObject({ code });
  });

  it('gives up on a registry that does not answer', async () => {
    answer = () => undefined;
    await expect(open({ timeoutMs: 50 }).schemaById(1)).rejects.toMatchObject({
      code: 'registry_unavailable',
    });
  });

  it('writes out the types that a schema refers to', async () => {
    const main =
      '{"type":"record","name":"Main","namespace":"m","fields":[{"name":"a","type":"r.Ref"},{"name":"b","type":"r.Ref"}]}';
    const ref = '{"type":"record","name":"Ref","namespace":"r","fields":[{"name":"x","type":"int"}]}';
    answer = (request, response) =>
      request.url!.includes('/ids/')
        ? json(response, 200, { schema: main, references: [{ name: 'r.Ref', subject: 'ref/1', version: 2 }] })
        : json(response, 200, { schema: ref, subject: 'ref/1', version: 2 });
    const text = await open().schemaById(3);
    expect(requests.map((request) => request.url)).toEqual([
      '/apis/schemas/ids/3',
      '/apis/subjects/ref%2F1/versions/2',
    ]);
    const type = avro.Type.forSchema(JSON.parse(text) as avro.Schema);
    expect(type.fromBuffer(Buffer.from([2, 4]))).toEqual({ a: { x: 1 }, b: { x: 2 } });
  });

  it.each(['ftp://x', 'nonsense', 'http://u:p@host/'])('refuses the address %s', (address) => {
    expect(() => open({ url: address })).toThrow('registry.url');
  });
});

describe('inlining', () => {
  it('keeps names without a namespace apart from the place they are put in', () => {
    const inlined = inlineReferences(
      {
        type: 'record',
        name: 'ns.Main',
        fields: [{ name: 'list', type: ['null', { type: 'array', items: 'Plain' }] }],
      },
      [
        { type: 'record', name: 'Plain', fields: [{ name: 'kind', type: 'Kind' }] },
        { type: 'enum', name: 'Kind', symbols: ['A'] },
      ],
    );
    const type = avro.Type.forSchema(inlined as avro.Schema);
    // Branch 1, one item (enum symbol 0), end of the array.
    expect(type.fromBuffer(Buffer.from([2, 2, 0, 0]))).toEqual({ list: [{ kind: 'A' }] });
  });
});

describe('in files', () => {
  const wider =
    '{"type":"record","name":"A","fields":[{"name":"x","type":"long"},{"name":"y","type":"int","default":0}]}';
  const other = '{"type":"record","name":"A","fields":[{"name":"z","type":"string"}]}';

  it('gives ids, the same for the same text, and finds them again', async () => {
    const registry = new FileRegistry(directory, 1000);
    const id = await registry.register('s', schema);
    expect(await registry.register('s', ` ${schema}`)).toBe(id);
    const next = await registry.register('s', wider);
    expect(next).not.toBe(id);
    const again = new FileRegistry(directory, 1000);
    expect(JSON.parse(await again.schemaById(id))).toEqual(JSON.parse(schema));
    expect(await again.register('s', wider)).toBe(next);
    await expect(again.schemaById(999)).rejects.toMatchObject({ code: 'schema_unknown' });
    await expect(again.schemaById(-1)).rejects.toMatchObject({ code: 'schema_unknown' });
  });

  it('refuses what is incompatible, too large or no schema', async () => {
    const registry = new FileRegistry(directory, 1000);
    await registry.register('s', schema);
    await expect(registry.register('s', other)).rejects.toMatchObject({ code: 'schema_incompatible' });
    await expect(registry.register('s', wider, 'FULL')).rejects.toMatchObject({
      code: 'schema_incompatible',
    });
    await registry.register('s', other, 'NONE');
    await expect(registry.register('s', '{"type":"x"}')).rejects.toMatchObject({ code: 'schema_invalid' });
    await expect(registry.register('s', ' '.repeat(1001))).rejects.toMatchObject({ code: 'schema_invalid' });
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('gives each of many processes its own id and all the same for one text', async () => {
    const program = `
      import { FileRegistry } from ${JSON.stringify(new URL('../../dist/processors/kafka/registry-files.js', import.meta.url).href)};
      const registry = new FileRegistry(${JSON.stringify(directory)}, 1000);
      const ids = [];
      for (let i = 0; i < 10; i++) {
        ids.push(await registry.register('shared' + i, ${JSON.stringify(schema)}));
        ids.push(await registry.register('own' + process.argv[1] + i, ${JSON.stringify(schema)}));
      }
      process.stdout.write(JSON.stringify(ids));`;
    const runs = [0, 1, 2, 3].map(async (n) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, String(n)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(child, 'close');
      return JSON.parse(Buffer.concat(chunks).toString()) as number[];
    });
    const ids = await Promise.all(runs);
    const shared = (list: number[]) => list.filter((_, index) => index % 2 === 0);
    for (const list of ids) expect(shared(list)).toEqual(shared(ids[0]!));
    expect(new Set(ids.flat()).size).toBe(10 + 40);
  });
});
