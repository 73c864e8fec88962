/**
 * docker-compose.yml and deploy/Dockerfile against the code: there may be no Docker where tests run, but every name in
 * these files can be checked. Settings exist and take their values, commands and options exist, services that are named
 * are there and listen where others look for them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from './api/cli/main.js';
import type { Cli } from './api/cli/session.js';
import { configKeys } from './processors/config/keys.js';
import { loadConfig } from './processors/config/load.js';

const ROOT = dirname(fileURLToPath(import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly read_only?: boolean;
  readonly container_name?: string;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'rewind:local');
/** `${NAME:-default}` as Compose fills it in where NAME is not set. */
const filled = (value: unknown) => String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const environmentOf = ({ environment = {} }: Service) =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]));

/** Settings without which a part of Rewind would not find the others. */
const NEEDED = ['REWIND_KAFKA_BROKERS', 'REWIND_REGISTRY_URL', 'REWIND_STORE_URL', 'REWIND_STORE_PASSWORD'];
const COMMAND_LINE_ONLY = ['REWIND_URL', 'REWIND_TENANT', 'REWIND_TOKEN'];

/** Port on which each foreign service listens inside the network, and the setting of its own that says so. */
const LISTENS: Readonly<Record<string, number>> = {
  kafka: 9092,
  registry: 8080,
  clickhouse: 8123,
  api: 8080,
};

async function program(): Promise<Command> {
  return buildProgram({ stdout: process.stdout, stderr: process.stderr, version: '0' } as Cli);
}

/** Follows words into the command tree; what is left are options and arguments. Null: no such command or option. */
function resolved(root: Command, words: readonly string[]): Command | null {
  let command = root;
  for (const word of words) {
    if (word === '-') continue;
    if (word.startsWith('--')) {
      if (![...command.options, ...root.options].some(({ long }) => long === word)) return null;
    } else {
      command = command.commands.find((child) => child.name() === word) ?? command;
    }
  }
  return command === root ? null : command;
}

/** Every `rewind …` that a service runs, as words. */
function commandsOf({ command = [], entrypoint }: Service): string[][] {
  if (entrypoint === undefined) return [[...command]];
  const text = command.join(' ');
  return [...text.matchAll(/\brewind ([^|&]+)/g)].map((match) => (match[1] ?? '').trim().split(/\s+/));
}

describe('docker-compose.yml', () => {
  it('has every part once, and starts the demo only where it is asked for', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['api', 'archiver', 'clickhouse', 'demo', 'kafka', 'migrate', 'registry', 'topics', 'worker'].sort(),
    );
    const profiled = services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name);
    expect(profiled).toEqual(['demo']);
  });

  it.each(ours)('%s names settings that exist, with values that they take', (_name, service) => {
    const env = environmentOf(service);
    const known = new Set(configKeys().flatMap((key) => key.env));
    const unknown = Object.keys(env).filter((name) => !known.has(name) && !COMMAND_LINE_ONLY.includes(name));
    expect(unknown).toEqual([]);
    expect(() =>
      loadConfig({ env: { ...env, XDG_CONFIG_HOME: join(ROOT, 'schemas') }, cwd: '/' }),
    ).not.toThrow();
    if (env.REWIND_URL === undefined) expect(NEEDED.filter((name) => !env[name])).toEqual([]);
  });

  it.each(ours)('%s runs commands that exist', async (_name, service) => {
    const root = await program();
    const commands = commandsOf(service);
    expect(commands.length).toBeGreaterThan(0);
    for (const words of commands) expect([words, resolved(root, words) !== null]).toEqual([words, true]);
  });

  it.each(ours)('%s needs no writable root, and no second copy of it is in the way', (name, service) => {
    expect(service.read_only).toBe(true);
    expect(service.container_name).toBeUndefined();
    if (name === 'worker') expect(service.ports).toBeUndefined();
    const { REWIND_DATA_DIR: dataDir = '' } = environmentOf(service);
    const places = [...(service.volumes ?? []).map((volume) => volume.split(':')[1] ?? ''), '/tmp'];
    if (dataDir !== '') expect(places.some((place) => dataDir.startsWith(place))).toBe(true);
  });

  it.each(services)('%s waits for services that can become what it waits for', (_name, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[other];
      expect([other, target !== undefined]).toEqual([other, true]);
      if (condition === 'service_healthy' && target?.image !== 'rewind:local') {
        expect([other, target?.healthcheck?.test !== undefined]).toEqual([other, true]);
      }
      if (condition === 'service_healthy') expect(target?.healthcheck?.disable).not.toBe(true);
      expect(target?.profiles).toBeUndefined();
    }
    for (const volume of service.volumes ?? []) {
      expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  it('addresses services by their name, on the port where they listen', () => {
    const addresses = ours.flatMap(([, service]) =>
      Object.values(environmentOf(service)).flatMap((value) => [
        ...value.matchAll(/(?:^|\/\/)([a-z]+):(\d+)/g),
      ]),
    );
    expect(addresses.length).toBeGreaterThan(0);
    for (const [, host = '', port] of addresses) expect([host, Number(port)]).toEqual([host, LISTENS[host]]);
    const kafka = environmentOf(compose.services.kafka!);
    expect(kafka.KAFKA_LISTENERS).toContain('INTERNAL://:9092');
    expect(kafka.KAFKA_ADVERTISED_LISTENERS).toContain('INTERNAL://kafka:9092');
    const published = services.flatMap(([, { ports = [] }]) => ports);
    expect(published.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect(new Set(published.map((port) => port.split(':')[1])).size).toBe(published.length);
  });

  it('keeps what is replayed: the topic of the configuration, without an end of retention', () => {
    const job = compose.services.topics?.command?.join(' ') ?? '';
    const { config } = loadConfig({ env: environmentOf(compose.services.api!), cwd: '/' });
    expect(job).toContain(`--topic ${config.kafka.eventsTopic} `);
    expect(job).toContain(`--topic ${config.decisionLogs.topic} `);
    expect(job).toContain(`--partitions ${config.kafka.eventsTopicPartitions} `);
    expect(job).toContain('retention.ms=-1');
    expect(environmentOf(compose.services.kafka!).KAFKA_LOG_RETENTION_MS).toBe('-1');
    expect(config.store.password).toBe(environmentOf(compose.services.clickhouse!).CLICKHOUSE_PASSWORD);
    expect(config.store.username).toBe(environmentOf(compose.services.clickhouse!).CLICKHOUSE_USER);
  });
});

describe('deploy/Dockerfile', () => {
  const lines = read('deploy/Dockerfile')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).at(-1) ?? '';
  const env = Object.fromEntries(
    last('ENV')
      .split(/\s+/)
      .slice(1)
      .map((pair) => pair.split('=') as [string, string]),
  );

  it('builds in one stage and runs in another, as nobody special', () => {
    const stages = lines.filter((line) => line.startsWith('FROM '));
    expect(stages).toHaveLength(2);
    expect(stages[0]).toMatch(/ AS build$/);
    const node = /node:(\d+)/.exec(stages[1] ?? '')?.[1];
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(Number(node)).toBeGreaterThanOrEqual(Number(/(\d+)/.exec(engines.node)?.[1]));
    const user = lines.findIndex((line) => line.startsWith('USER '));
    expect(lines[user]).not.toMatch(/root|USER 0/);
    expect(user).toBeLessThan(lines.findIndex((line) => line.startsWith('ENTRYPOINT ')));
  });

  it('names settings that exist, one port and one directory everywhere', () => {
    const known = new Set(configKeys().flatMap((key) => key.env));
    for (const name of Object.keys(env)) if (name !== 'NODE_ENV') expect(known.has(name)).toBe(true);
    expect(last('EXPOSE')).toBe(`EXPOSE ${env.REWIND_HTTP_PORT}`);
    expect(last('HEALTHCHECK')).toContain(`127.0.0.1:${env.REWIND_HTTP_PORT}/readyz`);
    expect(last('VOLUME')).toBe(`VOLUME ${env.REWIND_DATA_DIR}`);
  });

  it('copies what exists, and starts what package.json calls rewind', async () => {
    for (const line of lines.filter((one) => /^COPY (?!--from)/.test(one))) {
      for (const path of line.split(/\s+/).slice(1, -1))
        expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    }
    const { bin } = JSON.parse(read('package.json')) as { bin: { rewind: string } };
    const entry = JSON.parse(last('ENTRYPOINT').replace('ENTRYPOINT ', '')) as string[];
    expect(entry).toEqual(['node', `/app/${bin.rewind}`]);
    const command = JSON.parse(last('CMD').replace('CMD ', '')) as string[];
    expect(resolved(await program(), command)?.name()).toBe('serve');
    const compiled = read('tsconfig.json').match(/"outDir": "(\w+)"/)?.[1];
    expect(lines).toContain(`COPY --from=build /app/${compiled} ./${compiled}`);
    expect(lines).toContain('COPY --from=build /app/schemas ./schemas');
  });
});
