import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewOf } from '../snapshots/byte-block.js';
import { CONFLICT, DUPLICATE, EventIds, FIRST } from './fold-ids.js';

describe('event ids of an entity', () => {
  it('tell first, duplicate and conflict as a Map does, also after clear', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.tuple(fc.string({ maxLength: 4 }), fc.integer({ min: 0, max: 2 })), { maxLength: 300 }),
          {
            maxLength: 4,
          },
        ),
        (entities) => {
          const ids = new EventIds();
          for (const events of entities) {
            ids.clear();
            const bodies = new Map<string, number>();
            for (const [id, body] of events) {
              const row = Buffer.concat([Buffer.from(id), Buffer.alloc(8, body)]);
              const first = bodies.get(id);
              const expected = first === undefined ? FIRST : first === body ? DUPLICATE : CONFLICT;
              const size = row.length - 8;
              expect(ids.add(row, viewOf(row), 0, size, size)).toBe(expected);
              if (first === undefined) bodies.set(id, body);
              expect(ids.size).toBe(bodies.size);
            }
          }
        },
      ),
    );
  });

  it('holds very many, and very long ones', () => {
    const ids = new EventIds();
    let firsts = 0;
    let duplicates = 0;
    const row = (i: number): Buffer =>
      Buffer.concat([Buffer.from(`${'x'.repeat(i % 50 === 0 ? 5000 : 0)}${i}`), Buffer.alloc(8)]);
    for (let i = 0; i < 50_000; i++) {
      const bytes = row(i);
      if (ids.add(bytes, viewOf(bytes), 0, bytes.length - 8, bytes.length - 8) === FIRST) firsts++;
    }
    for (let i = 0; i < 50_000; i += 5) {
      const bytes = row(i);
      if (ids.add(bytes, viewOf(bytes), 0, bytes.length - 8, bytes.length - 8) === DUPLICATE) duplicates++;
    }
    expect([firsts, duplicates, ids.size]).toEqual([50_000, 10_000, 50_000]);
    ids.clear();
    const bytes = row(1);
    expect(ids.add(bytes, viewOf(bytes), 0, bytes.length - 8, bytes.length - 8)).toBe(FIRST);
  });
});
