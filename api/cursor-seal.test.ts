import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openCursor, sealCursor } from './cursor-seal.js';

const SECRET = Buffer.from('a secret of the server');
/** No lone surrogates: UTF-8 cannot hold them. */
const TEXT = fc.string({ unit: 'binary' });

it('gives back what it sealed, for its own list alone', () => {
  fc.assert(
    fc.property(TEXT, TEXT, TEXT, (scope, other, inner) => {
      const sealed = sealCursor(SECRET, scope, inner);
      expect(sealed).toMatch(/^[\w-]+$/);
      expect(openCursor(SECRET, scope, sealed)).toBe(inner);
      expect(openCursor(Buffer.from('another'), scope, sealed)).toBeNull();
      if (other !== scope) expect(openCursor(SECRET, other, sealed)).toBeNull();
    }),
  );
});

it('refuses every change of a character, every cut, and text that was never sealed', () => {
  const sealed = sealCursor(SECRET, 'list', '2024-01-15T10:30:00Z/run-1');
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'ABCxyz019-_=+/ é'), (at, char) => {
      fc.pre(sealed[at] !== char);
      expect(openCursor(SECRET, 'list', sealed.slice(0, at) + char + sealed.slice(at + 1))).toBeNull();
      expect(openCursor(SECRET, 'list', sealed.slice(0, at))).toBeNull();
      expect(openCursor(SECRET, 'list', `${sealed}${char}`)).toBeNull();
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => openCursor(SECRET, 'list', text) === null));
});
