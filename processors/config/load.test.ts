import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RewindError } from '../../schemas/errors.js';
import { configKeys, envName } from './keys.js';
import { type ConfigProblem, loadConfig } from './load.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rewind-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function load(options: Parameters<typeof loadConfig>[0] = {}) {
  return loadConfig({ env: {}, cwd: dir, ...options });
}

function problems(options: Parameters<typeof loadConfig>[0]): readonly ConfigProblem[] {
  try {
    load(options);
  } catch (error) {
    expect(error).toBeInstanceOf(RewindError);
    expect((error as RewindError).code).toBe('config_invalid');
    return (error as RewindError).facts.errors as ConfigProblem[];
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('gives every default without a file or environment', () => {
    const { config, origins } = load();
    expect(config.http.port).toBe(8080);
    expect(config.kafka.brokers).toEqual([]);
    expect(config.dataDir).toBe('.rewind');
    expect(new Set(origins.values())).toEqual(new Set(['default']));
    expect([...origins.keys()].sort()).toEqual(
      configKeys()
        .map((key) => key.path)
        .sort(),
    );
  });

  it('does not share defaults between two loads', () => {
    load().config.kafka.brokers.push('x:1');
    expect(load().config.kafka.brokers).toEqual([]);
  });

  it('takes flags over environment over project file over user file', () => {
    const xdg = join(dir, 'xdg', 'rewind');
    const user = join(xdg, 'rewind.yaml');
    mkdirSync(xdg, { recursive: true });
    writeFileSync(user, 'http: { port: 1, host: user }\nlog: { level: warn }\ndataDir: from-user\n');
    const project = join(dir, 'rewind.yaml');
    writeFileSync(project, 'http:\n  port: 2\n  host: project\nlog:\n  level: error\n');
    const { config, origins } = load({
      env: { XDG_CONFIG_HOME: join(dir, 'xdg'), REWIND_HTTP_PORT: '3', REWIND_LOG_LEVEL: 'debug' },
      flags: { 'http.port': 4, 'http.host': undefined },
    });
    expect(config.http).toMatchObject({ port: 4, host: 'project' });
    expect(config.log.level).toBe('debug');
    expect(config.dataDir).toBe('from-user');
    expect(origins.get('http.port')).toBe('flag');
    expect(origins.get('log.level')).toBe('REWIND_LOG_LEVEL');
    expect(origins.get('http.host')).toBe(project);
    expect(origins.get('dataDir')).toBe(user);
    expect(origins.get('store.url')).toBe('default');
  });

  it('reads JSON files, REWIND_CONFIG and --config', () => {
    const json = join(dir, 'a.json');
    writeFileSync(json, '{"http":{"port":77}}');
    expect(load({ env: { REWIND_CONFIG: json } }).config.http.port).toBe(77);
    expect(load({ file: 'a.json' }).config.http.port).toBe(77);
    expect(() => load({ file: 'absent.yaml' })).toThrow(expect.objectContaining({ code: 'file_unreadable' }));
  });

  it('knows familiar names, comma lists, JSON lists and booleans', () => {
    const { config, origins } = load({
      env: {
        KAFKA_BROKERS: 'a:9092, b:9092',
        SCHEMA_REGISTRY_URL: 'http://r:8081',
        ENABLE_AUDIT_REPLAY: 'false',
        REWIND_SOURCES: '[{"name":"s","topics":["t"],"decoder":"json"}]',
      },
    });
    expect(config.kafka.brokers).toEqual(['a:9092', 'b:9092']);
    expect(config.registry.url).toBe('http://r:8081');
    expect(config.http.enableAuditReplay).toBe(false);
    expect(config.sources).toEqual([{ name: 's', topics: ['t'], decoder: 'json' }]);
    expect(origins.get('kafka.brokers')).toBe('KAFKA_BROKERS');
  });

  it('reads secrets from files and never shows them', () => {
    const secret = join(dir, 'pw');
    writeFileSync(secret, 'hunter2\n');
    expect(load({ env: { REWIND_STORE_PASSWORD_FILE: secret } }).config.store.password).toBe('hunter2');
    const missing = problems({ env: { REWIND_STORE_PASSWORD_FILE: join(dir, 'absent') } });
    expect(missing[0]).toMatchObject({ pointer: '/store/password', origin: 'REWIND_STORE_PASSWORD_FILE' });
    writeFileSync(join(dir, 'rewind.yaml'), 'store: { password: 424242 }');
    expect(JSON.stringify(problems({}))).not.toContain('424242');
  });

  it('reports all problems at once, each with pointer and origin', () => {
    const file = join(dir, 'rewind.yaml');
    writeFileSync(
      file,
      'http:\n  prot: 80\n  port: nine\nstoer: {}\nreplay:\n  workers: 1000\n__proto__: 1\n',
    );
    const found = problems({ env: { REWIND_KAFKA_SESSION_TIMEOUT_MS: 'soon', REWIND_STROE_URL: 'x' } });
    expect(found.map((p) => p.pointer).sort()).toEqual(
      [
        '',
        '/__proto__',
        '/http/port',
        '/http/prot',
        '/kafka/sessionTimeoutMs',
        '/replay/workers',
        '/stoer',
      ].sort(),
    );
    const by = (pointer: string) => found.find((p) => p.pointer === pointer);
    expect(by('/http/prot')?.message).toContain('did you mean port?');
    expect(by('/stoer')?.message).toContain('did you mean store?');
    expect(by('')?.message).toContain('did you mean REWIND_STORE_URL?');
    expect(by('/http/port')?.origin).toBe(file);
    expect(by('/kafka/sessionTimeoutMs')?.message).toContain('"soon"');
  });

  it('refuses broken YAML and repeated keys', () => {
    writeFileSync(join(dir, 'rewind.yaml'), 'http: { port: 1 }\nhttp: { port: 2 }\n');
    expect(problems({})[0]?.message).toMatch(/unique/i);
    writeFileSync(join(dir, 'rewind.yaml'), 'http: [1,\n');
    expect(problems({}).length).toBeGreaterThan(0);
    writeFileSync(join(dir, 'rewind.yaml'), '- 1\n');
    expect(problems({})[0]?.message).toContain('mapping');
  });
});

it('derives environment names', () => {
  expect(envName('store.queryMaxSeconds')).toBe('REWIND_STORE_QUERY_MAX_SECONDS');
  expect(envName('dataDir')).toBe('REWIND_DATA_DIR');
});
