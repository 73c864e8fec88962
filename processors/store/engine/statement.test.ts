import { describe, expect, test } from 'vitest';
import { splitStatements } from '../sql-lexer.js';
import { EngineError } from './engine-error.js';
import { parseStatement } from './statement.js';

/** The SQL that would run, with white space made even. */
function redirected(sql: string): string {
  const statement = parseStatement(sql);
  if (statement.kind === 'plain') return `plain: ${statement.sql}`;
  return statement.sql('PIPE').replace(/\s+/g, ' ').trim();
}

describe('reads are redirected into the pipe', () => {
  test.each([
    ['SELECT 1', "SELECT 1 INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated"],
    ['select 1 format JSON;', "select 1 INTO OUTFILE 'PIPE' APPEND FORMAT JSON"],
    [
      'SELECT 1 FORMAT CSV SETTINGS max_threads = 1',
      "SELECT 1 INTO OUTFILE 'PIPE' APPEND FORMAT CSV SETTINGS max_threads = 1",
    ],
    [
      'SELECT 1 SETTINGS max_threads = 1',
      "SELECT 1 SETTINGS max_threads = 1 INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated",
    ],
    [
      '(SELECT 1) UNION ALL (SELECT 2)',
      "(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated",
    ],
    ['WITH 1 AS x SELECT x', "WITH 1 AS x SELECT x INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated"],
    ["SELECT ' FORMAT JSON'", "SELECT ' FORMAT JSON' INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated"],
    ['SELECT format FROM t', "SELECT format FROM t INTO OUTFILE 'PIPE' APPEND FORMAT TabSeparated"],
  ])('%s', (sql, expected) => {
    expect(redirected(sql)).toBe(expected);
  });

  test('a comment at the end does not swallow the redirection', () => {
    const statement = parseStatement('SELECT 1 -- FORMAT JSON');
    expect(statement.kind === 'read' && statement.sql('P')).toBe(
      "SELECT 1 -- FORMAT JSON\nINTO OUTFILE 'P' APPEND FORMAT TabSeparated",
    );
  });
});

describe('inserts read their data from the pipe', () => {
  test.each([
    [
      'INSERT INTO t (a, b) FORMAT RowBinary',
      "INSERT INTO t (a, b) FROM INFILE 'PIPE' COMPRESSION 'none' FORMAT RowBinary",
      '',
    ],
    [
      'insert into `values` values (1);',
      "insert into `values` FROM INFILE 'PIPE' COMPRESSION 'none' FORMAT Values",
      ' (1);',
    ],
    [
      'INSERT INTO t SETTINGS async_insert = 0 FORMAT JSONEachRow\n{"a":"\'"}',
      "INSERT INTO t FROM INFILE 'PIPE' COMPRESSION 'none' SETTINGS async_insert = 0 FORMAT JSONEachRow",
      '{"a":"\'"}',
    ],
    [
      'INSERT INTO t FORMAT CSV\n\n1',
      "INSERT INTO t FROM INFILE 'PIPE' COMPRESSION 'none' FORMAT CSV",
      '\n1',
    ],
  ])('%s', (sql, expected, data) => {
    const statement = parseStatement(sql);
    expect(redirected(sql)).toBe(expected);
    expect(statement.kind === 'insert' && sql.slice(statement.dataAt).trimStart()).toBe(data.trimStart());
  });
});

test.each([
  'INSERT INTO t SELECT 1 FORMAT JSON',
  'INSERT INTO t (a) WITH 1 AS x SELECT x',
  'CREATE TABLE t (format String) ENGINE = Memory',
  'SHOW TABLES',
  'EXPLAIN SELECT 1',
  '/* SELECT */ DROP TABLE t',
  'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
])('runs as it is: %s', (sql) => {
  expect(redirected(sql)).toBe(`plain: ${sql}`);
});

test.each([
  'SELECT 1; DROP TABLE t',
  "SELECT 'a\\'; b'; SELECT 2",
  'INSERT INTO t SELECT 1; SELECT 2',
  "SELECT 1 INTO OUTFILE 'x'",
])('is refused: %s', (sql) => {
  expect(() => parseStatement(sql)).toThrow(EngineError);
});

test('statements are split at semicolons that are none of text or comments', () => {
  const text =
    '-- one; still one\nSELECT \';\', ";", `;` /* ; */;\n;\nSELECT $x$ ; $x$;\n-- only a comment;\n';
  expect(splitStatements(text)).toEqual([
    '-- one; still one\nSELECT \';\', ";", `;` /* ; */',
    'SELECT $x$ ; $x$',
  ]);
});
