/** Which events of a job's log become messages, against the published rule: those that change the status. */
import { expect, it } from 'vitest';
import { deliveryIdOf, type PlacedEvent, transitionsIn } from './messages.js';
import { newSecret, SecretSeal, signature } from './signature.js';

const SPEC = { jobType: 'StateRebuild', labels: {}, name: '', reason: '', ticket: '' };

const log = (...kinds: PlacedEvent['kind'][]): PlacedEvent[] =>
  kinds.map((kind, place) => ({
    jobId: 'run-1',
    tenantId: 'acme',
    kind,
    actor: 'ann',
    body: kind === 'created' ? SPEC : null,
    writtenAt: `2024-01-01T00:00:${String(place).padStart(2, '0')}.000Z`,
    place,
    block: '7',
    blockOffset: String(place),
  }));
const events = (...kinds: PlacedEvent['kind'][]) =>
  transitionsIn(log('created', ...kinds)).map(({ event }) => event);

it('tells of what changed the status, and of nothing else', () => {
  expect(events('started', 'folding', 'complete')).toEqual(['job.completed']);
  expect(events('started', 'complete', 'cancelled', 'failed')).toEqual(['job.completed']);
  expect(events('cancelled', 'complete', 'settled')).toEqual(['job.cancelled']);
  expect(events('paused', 'paused', 'resumed', 'started', 'paused')).toEqual(['job.paused', 'job.paused']);
  expect(events('started', 'failed', 'failed', 'resumed', 'started', 'failed')).toEqual([
    'job.failed',
    'job.failed',
  ]);
  expect(events('started', 'complete', 'deleted', 'settled')).toEqual(['job.completed']);
});

it('gives each message of each webhook an id of its own, the same each time', () => {
  const found = () => transitionsIn(log('created', 'paused', 'resumed', 'paused'));
  const ids = found().flatMap((what) => [deliveryIdOf('a', what), deliveryIdOf('b', what)]);
  expect(new Set(ids).size).toBe(4);
  expect(found().flatMap((what) => [deliveryIdOf('a', what), deliveryIdOf('b', what)])).toEqual(ids);
});

it("signs as the scheme's own example does, and opens secrets by the same server secret alone", () => {
  // The example of the Standard Webhooks libraries.
  const made = signature(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1614265330,
    Buffer.from('{"test": 2432232314}'),
  );
  expect(made).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  const secret = newSecret();
  const seal = new SecretSeal(Buffer.from('one'));
  const sealed = seal.seal(secret, 'hook-1');
  expect(sealed).not.toContain(secret.slice(6, 20));
  expect(seal.open(sealed, 'hook-1')).toBe(secret);
  expect(seal.open(sealed, 'hook-2')).toBeNull();
  expect(new SecretSeal(Buffer.from('two')).open(sealed, 'hook-1')).toBeNull();
  expect(seal.open('', 'hook-1')).toBeNull();
});
