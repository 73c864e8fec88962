/** The repository tests itself: import directions, cycles, sizes, leftovers, and that its documents tell the truth. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from './api/cli/main.js';
import type { Cli } from './api/cli/session.js';
import { generatedDocs } from './api/docs.js';

const ROOT = dirname(fileURLToPath(import.meta.url));
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
/** The types of the client are written by a program; they are held to be fresh, not to be short. */
const SOURCES = FILES.filter(
  (path) => /^(schemas|processors|api|deploy|bench)\/.*\.tsx?$/.test(path) && path !== 'api/client/schema.ts',
);
const MARKDOWN = FILES.filter((path) => path.endsWith('.md'));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const isTest = (path: string) => /\.(test|contract|fixture)\.ts$/.test(path) || path.includes('/testing/');

interface Import {
  /** Repository path for relative imports, else the package or `node:` name. */
  readonly target: string;
  readonly relative: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g;

function importsOf(path: string): Import[] {
  return [...read(path).matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? '';
    if (!name.startsWith('.')) return { target: name, relative: false };
    const target = posix.normalize(posix.join(posix.dirname(path), name)).replace(/\.js$/, '.ts');
    return { target, relative: true };
  });
}

const IMPORTS = new Map(SOURCES.map((path) => [path, importsOf(path)]));

/** `file: what` for every import that a rule refuses. */
function offending(rule: (path: string, imported: Import) => boolean): string[] {
  const found: string[] = [];
  for (const [path, imports] of IMPORTS) {
    for (const imported of imports) if (rule(path, imported)) found.push(`${path}: ${imported.target}`);
  }
  return found;
}

const layerOf = (path: string) => path.split('/')[0] ?? '';
/** What each folder may import, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  processors: ['schemas'],
  api: ['schemas', 'processors', 'deploy'],
  deploy: ['schemas', 'processors'],
  bench: ['schemas', 'processors', 'api', 'deploy'],
};

describe('imports', () => {
  it('go one way: schemas, processors, api', () => {
    const wrong = offending((path, { target, relative }) => {
      if (!relative) return false;
      const from = layerOf(path);
      const to = layerOf(target);
      // The test cluster starts brokers with deploy/local.
      if (isTest(path) && to === 'deploy') return false;
      return from !== to && !(ALLOWED[from] ?? []).includes(to);
    });
    expect(wrong).toEqual([]);
  });

  it('name files exactly, in the case that the file has', () => {
    const known = new Set(FILES);
    const wrong = offending((_path, { target, relative }) => relative && !known.has(target));
    expect(wrong).toEqual([]);
  });

  const PURE =
    /^processors\/(encodings\/|rules\/|reducers\/|snapshots\/|replay\/(plan|fold|units|job-state|unit-protocol)[^/]*$)/;
  const IO =
    /^(node:)?(fs|fs\/promises|net|http|https|http2|dns|tls|dgram|child_process|worker_threads|os|process|timers|timers\/promises|readline|cluster)$/;

  it('of pure parts bring no IO', () => {
    const wrong = offending((path, { target, relative }) => {
      if (!PURE.test(path) || isTest(path)) return false;
      if (!relative) return IO.test(target);
      return (
        /^processors\/(kafka|store|collect|sinks)\//.test(target) &&
        !/^processors\/store\/native-(columns|reader)\.ts$/.test(target)
      );
    });
    expect(wrong).toEqual([]);
  });

  it('of pure parts bring no clock and no chance', () => {
    const clock = /\b(Date\.now|Math\.random|performance\.now|new Date\(\)|randomUUID|randomBytes|uuidv7)\b/;
    const wrong = SOURCES.filter((path) => PURE.test(path) && !isTest(path) && clock.test(read(path)));
    expect(wrong).toEqual([]);
  });

  it('of Kafka and ClickHouse libraries stay in their folders', () => {
    const owners: readonly (readonly [RegExp, RegExp])[] = [
      [/^(kafkajs|snappy|lz4-napi|fzstd|@kafkajs\/.*)$/, /^processors\/kafka\//],
      [/^(@clickhouse\/.*|chdb)$/, /^processors\/store\//],
      [/^(fastify|@fastify\/.*|commander)$/, /^api\//],
    ];
    const wrong = offending(
      (path, { target, relative }) =>
        !relative &&
        !isTest(path) &&
        !path.startsWith('bench/') &&
        // To be copied by those who read output topics.
        !path.startsWith('deploy/examples/') &&
        owners.some(([library, folder]) => library.test(target) && !folder.test(path)),
    );
    expect(wrong).toEqual([]);
  });

  it('have no cycles', () => {
    expect(findCycle()).toBeNull();
  });
});

/** The files of one import cycle, or null. */
function findCycle(): string[] | null {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | null => {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path];
    if (done.has(path)) return null;
    for (const { target, relative } of IMPORTS.get(path) ?? []) {
      const cycle = relative ? visit(target, [...trail, path]) : null;
      if (cycle !== null) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of SOURCES) {
    const cycle = visit(path, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

describe('files', () => {
  it('are small', () => {
    const long = SOURCES.filter((path) => !isTest(path)).map(
      (path) => [path, read(path).split('\n').length - 1] as const,
    );
    // The error table is one entry after another: cutting it up would hide it.
    expect(long.filter(([path, lines]) => lines > 320 && path !== 'schemas/errors.ts')).toEqual([]);
  });

  it('are named in lower case with hyphens, in words that say what they do', () => {
    // The contract between api/ and the pipeline keeps the name of the interface that it holds.
    const kept = new Set(['processors/replay/service.ts']);
    const bad = SOURCES.filter((path) => {
      const name = path.split('/').at(-1) ?? '';
      return (
        !/^[a-z0-9][a-z0-9.-]*\.tsx?$/.test(name) ||
        (/(manager|helper|service|util|common)/.test(name) && !kept.has(path))
      );
    });
    expect(bad).toEqual([]);
  });

  it('hold no leftovers', () => {
    const marks = new RegExp(`\\b(${['TO', 'DO|FIX', 'ME|X', 'XX'].join('')})\\b`);
    const tests = /\b(describe|it|test)\.(only|skip|todo)\b/;
    const wrong = SOURCES.flatMap((path) => {
      const text = read(path);
      const found: string[] = [];
      if (marks.test(text)) found.push(`${path}: open mark`);
      if (tests.test(text)) found.push(`${path}: test left out`);
      if (/\bconsole\.\w+\(/.test(text) && !/^(bench|deploy)\//.test(path)) found.push(`${path}: console`);
      if (/:\s*any\b|<any>|\bas any\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^']*'|`[^`]*`/g, ''))) {
        found.push(`${path}: any`);
      }
      return found;
    });
    expect(wrong).toEqual([]);
  });

  it('name no path of a machine', () => {
    const text = FILES.filter((path) =>
      /\.(ts|tsx|js|json|md|ya?ml|sql|avsc|xml|sh)$|Dockerfile|\.ci\//.test(path),
    );
    const machine = new RegExp(`["'\`\\s(=](/(home|root|Users|${'work'})/[\\w.-]|[A-Z]:\\\\\\\\)`);
    // /home/… inside an image is the image's own.
    const wrong = text.filter(
      (path) => path !== 'tidy.test.ts' && !/Dockerfile/.test(path) && machine.test(read(path)),
    );
    expect(wrong).toEqual([]);
  });
});

function codeOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].flatMap((match) =>
    (match[1] ?? '').split('\n'),
  );
  const spans = [...markdown.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(
    (match) => match[1] ?? '',
  );
  return [...blocks, ...spans].map((line) =>
    line
      .replace(/\s+#.*$/, '')
      .replace(/^\$ /, '')
      .trim(),
  );
}

describe('documents', () => {
  it('that are made from code are fresh (npm run docs)', async () => {
    for (const [path, text] of await generatedDocs()) expect(read(path), path).toBe(text);
  });

  it('name only paths that exist', () => {
    const rooted = /^(schemas|processors|api|deploy|bench|docs|\.ci)\/[\w./-]*$/;
    const wrong = MARKDOWN.flatMap((file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) =>
        posix.normalize(posix.join(posix.dirname(file), match[1] ?? '')),
      );
      const spans = codeOf(read(file))
        .flatMap((code) => code.split(/[\s,]+/))
        .map((word) => word.replace(/:\d+$/, '').replace(/[.]$/, ''))
        .filter((word) => rooted.test(word));
      return [...links, ...spans]
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${file}: ${path}`);
    });
    expect(wrong).toEqual([]);
  });

  it('name only commands that exist', async () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const streams = { stdout: process.stdout, stderr: process.stderr };
    const program = await buildProgram({ ...streams, version: '0' } as Cli);
    const wrong = MARKDOWN.flatMap((file) =>
      codeOf(read(file)).flatMap((code) => {
        const script = /^npm run (?:-s )?([\w:-]+)/.exec(code)?.[1];
        if (script !== undefined && scripts[script] === undefined) return [`${file}: npm run ${script}`];
        const words = /^(?:npx |npm run (?:-s )?rewind -- )?rewind ((?:[a-z]+(?:-[a-z]+)* ?)+)/
          .exec(code)?.[1]
          ?.trim()
          .split(' ');
        const unknown = words === undefined ? null : unknownCommand(program, words);
        return unknown === null ? [] : [`${file}: rewind ${unknown}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

/** Walks the words down the command tree; what follows a command without children is its arguments. */
function unknownCommand(program: Command, words: readonly string[]): string | null {
  let command = program;
  for (const word of words) {
    if (command.commands.length === 0) return null;
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) return words.join(' ');
    command = child;
  }
  return null;
}
