import { expect, it } from 'vitest';
import { csvOf } from './csv.js';

it('writes a row an object, with all columns that any of them has', () => {
  const data =
    '[{"id":"a","n":12345678901234567890.10,"none":null},{"id":"b","labels":{"x":"1, 2"},"ok":true}]';
  expect(csvOf(Buffer.from(data))).toBe(
    'id,n,none,labels,ok\na,12345678901234567890.10,,,\nb,,,"{""x"":""1, 2""}",true\n',
  );
});

it('quotes what must be quoted, and disarms formulas but not numbers', () => {
  const row = { a: 'say "hi"', b: 'two\nlines', c: '=1+1', d: '@SUM(A1)', e: -5, f: '-5', g: 'a=b' };
  expect(csvOf(Buffer.from(JSON.stringify(row)))).toBe(
    'a,b,c,d,e,f,g\n"say ""hi""","two\nlines",\'=1+1,\'@SUM(A1),-5,\'-5,a=b\n',
  );
});

it('takes lists of texts and empty lists', () => {
  expect(csvOf(Buffer.from('["0001_a","0002_b"]'))).toBe('value\n0001_a\n0002_b\n');
  expect(csvOf(Buffer.from('[]'))).toBe('\n');
});
