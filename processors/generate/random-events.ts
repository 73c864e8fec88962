/**
 * Random events for the comparison with the oracle: everything that a log can do to a fold, at once. Out of order, equal
 * time stamps, duplicates spelled anew, conflicts also across entities, garbage and tombstones, several tenants, five
 * schema versions, keys that are not the entity, one entity over two topics.
 */
import type { Encoding } from '../../schemas/encoding.js';
import { AVRO_VERSIONS, asWrittenBy } from './avro-versions.js';
import type { Generated, GeneratedEvent } from './event.js';
import { Prng } from './prng.js';
import {
  HOSTILE_NAMES,
  type Member,
  randomNumber,
  randomText,
  randomValue,
  spellObject,
  spellText,
} from './random-values.js';

export interface RandomOptions {
  readonly seed: number;
  readonly events: number;
  /** Distinct entities of each kind; fewer entities have longer histories. */
  readonly entities?: number;
}

export interface RandomEntry {
  readonly entry: Generated;
  /** 0 or 1: which of two topics. */
  readonly topic: 0 | 1;
  readonly recordTimeMs: bigint;
  /** Version of the AuditEvent schema that the event is written with, 1 to 5. */
  readonly schemaVersion: number;
}

export const RANDOM_TENANTS = ['acme', 'globex', 'Ünternehmen'] as const;
/** Events lie between these days; a job over the inner days leaves some out at both ends. */
export const RANDOM_START_NS = 1_704_067_200_000_000_000n; // 2024-01-01T00:00:00Z
export const RANDOM_DAYS = 10;
const DAY_NS = 86_400_000_000_000n;
export const RANDOM_JOB_START_NS = RANDOM_START_NS + DAY_NS;
export const RANDOM_JOB_END_NS = RANDOM_START_NS + 9n * DAY_NS;

/**
 * Version 1's rules, and rules for hostile tracked names, whole documents and operations. As JSON text: a literal
 * `__proto__` in an object would be its prototype. `rulesJson` of version 1 comes from schemas/encodings/rewind.json.
 */
export function randomEncoding(builtIn: Encoding): Encoding {
  const track = HOSTILE_NAMES.filter((name) => name !== '' && name !== '0').map((name) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return `${JSON.stringify(name)}:${JSON.stringify(pointer)}`;
  });
  const hostile = JSON.parse(`{"match":"thing.*","track":{${track.join(',')}}}`) as Encoding['rules'][number];
  return {
    name: 'random events',
    entity: 'envelope',
    ignore: [{ match: 'thing.viewed' }, { where: { '/ignored': true } }],
    rules: [
      ...builtIn.rules,
      hostile,
      { match: 'doc.*', trackDocument: true },
      {
        match: 'ledger.*',
        track: { owner: ['/owner', '$actor'] },
        operations: [
          { op: 'increment', field: 'balance', by: '/amount' },
          { op: 'append', field: 'entries', from: '/entry' },
          { op: 'merge', field: 'labels', from: '/labels' },
        ],
      },
      {
        match: 'ledger.noted',
        where: { '/keep': { exists: true } },
        operations: [{ op: 'set', field: 'note', from: '/keep' }],
      },
      { match: 'ledger.closed', operations: [{ op: 'deleteEntity' }] },
    ],
  };
}

const TRACKED: Readonly<Record<string, readonly string[]>> = {
  content: ['title', 'status', 'wordCount', 'qualityScore'],
  playbook: ['name', 'status', 'version', 'runCount'],
  'playbook.execution_': ['status', 'currentStep', 'totalSteps'],
  billing: ['plan', 'status', 'tokensUsed', 'lastPayment'],
  llm: ['name', 'status', 'executionCount'],
};

/** What is needed to send an event again, in another spelling or with another body. */
interface Remembered {
  readonly event: GeneratedEvent;
  readonly members: readonly Member[];
  readonly schemaVersion: number;
}

const REMEMBERED_MAX = 500;
const GARBAGE = [
  null,
  Buffer.alloc(0),
  Buffer.from('not avro'),
  Buffer.from([0, 0, 0, 0, 1]),
  Buffer.from([1, 2, 3, 4, 5, 6]),
];
/** Payloads that no decoder may accept. */
const BAD_PAYLOADS = [
  '{"a":1,"a":2}',
  '[1]',
  '"text"',
  '{"a":NaN}',
  '{"a":"\\ud800"}',
  '{"a":1',
  '{"a":01}',
  'null',
];

export function* randomEvents(options: RandomOptions): Generator<RandomEntry> {
  const source = new RandomSource(options);
  for (let i = 0; i < options.events; i++) yield source.next(i / options.events);
}

class RandomSource {
  readonly #prng: Prng;
  readonly #entities: number;
  readonly #past: Remembered[] = [];
  #count = 0;

  constructor({ seed, entities = 300 }: RandomOptions) {
    this.#prng = new Prng(seed, 1);
    this.#entities = entities;
  }

  next(progress: number): RandomEntry {
    const prng = this.#prng;
    this.#count++;
    const occurredAtNs = this.#time(progress);
    const topic = prng.chance(0.3) ? 1 : 0;
    // Mostly near the event's time; sometimes far off it, to either side.
    const skewMs = prng.chance(0.9) ? prng.int(0, 60_000) : prng.int(-200_000_000, 200_000_000);
    const recordTimeMs = occurredAtNs / 1_000_000n + BigInt(skewMs);
    if (prng.chance(0.004))
      return { entry: { garbage: prng.pick(GARBAGE), keyText: 'k' }, topic, recordTimeMs, schemaVersion: 2 };
    const made =
      this.#past.length > 0 && prng.chance(0.06) ? this.#again() : this.#fresh(progress, occurredAtNs);
    return { entry: made.event, topic, recordTimeMs, schemaVersion: made.schemaVersion };
  }

  /** Rising over the days, with jitter of hours; one in five falls on a whole minute, so that stamps are equal. */
  #time(progress: number): bigint {
    const prng = this.#prng;
    const days = progress * RANDOM_DAYS;
    const jitter = prng.chance(0.2) ? prng.float() * 0.3 - 0.15 : 0;
    const ns = RANDOM_START_NS + BigInt(Math.floor((days + jitter) * 86_400_000)) * 1_000_000n;
    return prng.chance(0.2) ? ns - (ns % 60_000_000_000n) : ns + BigInt(prng.int(0, 999_999));
  }

  #fresh(progress: number, occurredAtNs: bigint): Remembered {
    const prng = this.#prng;
    const schemaVersion = Math.min(
      AVRO_VERSIONS,
      Math.max(1, 1 + Math.floor(progress * 5 + prng.float() - 0.5)),
    );
    const { eventType, members, declared } = this.#body();
    const full: GeneratedEvent = {
      tenantId: prng.chance(0.8) ? RANDOM_TENANTS[0] : prng.pick(RANDOM_TENANTS),
      ...(prng.chance(0.02) ? {} : { eventId: this.#eventId() }),
      eventType,
      ...declared,
      ...(prng.chance(0.5) ? { actor: randomText(prng) || 'nobody', action: 'act' } : {}),
      ...(prng.chance(0.7) ? { severity: prng.pick(['info', 'low', 'high', 'critical']) } : {}),
      occurredAtNs,
      ...(prng.chance(0.1)
        ? { decisionJson: spellObject(prng, [['allow', prng.pick(['true', 'false'])]]) }
        : {}),
      payloadJson: prng.chance(0.003) ? prng.pick(BAD_PAYLOADS) : spellObject(prng, members),
      // The key is the entity, another value, or nothing.
      ...(prng.chance(0.5)
        ? { keyText: declared.entityId ?? 'key' }
        : prng.chance(0.5)
          ? { keyText: `k${prng.int(0, 99)}` }
          : {}),
    };
    const made = { event: asWrittenBy(schemaVersion, full), members, schemaVersion };
    if (this.#past.length < REMEMBERED_MAX) this.#past.push(made);
    else this.#past[prng.int(0, REMEMBERED_MAX - 1)] = made;
    return made;
  }

  /** The same event once more: in another spelling (a duplicate), or with another body or entity (a conflict). */
  #again(): Remembered {
    const prng = this.#prng;
    const { event, members, schemaVersion } = prng.pick(this.#past);
    const kind = prng.float();
    // A payload that never decoded stays as it was.
    const payloadJson = BAD_PAYLOADS.includes(event.payloadJson)
      ? event.payloadJson
      : spellObject(prng, members);
    const same = { event: { ...event, payloadJson }, members, schemaVersion };
    if (kind < 0.6) return same;
    if (kind < 0.75) {
      const other = members.filter(([name]) => name !== 'marker');
      const changed = spellObject(prng, [...other, ['marker', String(prng.int(0, 3))]]);
      return { ...same, event: { ...event, payloadJson: changed } };
    }
    if (kind < 0.9 && schemaVersion > 1)
      return { ...same, event: { ...same.event, entityId: this.#entityId() } };
    return { ...same, event: { ...same.event, occurredAtNs: event.occurredAtNs + BigInt(prng.int(-5, 5)) } };
  }

  #eventId(): string {
    const prng = this.#prng;
    const kind = prng.int(0, 5);
    if (kind <= 2) return prng.uuid();
    if (kind === 3) return `evt-${this.#count}`;
    return `${prng.pick(['Z', 'a', 'é', '\uffff', '😀', '10', '9', '{}'])}-${prng.hex(8)}`;
  }

  #entityId(): string {
    const prng = this.#prng;
    const index = Math.floor(prng.float() ** 2 * this.#entities);
    return index % 7 === 0 ? `${prng.pick(['ë', '😀', 'a b', 'A'])}/${index}` : `id-${index}`;
  }

  #body(): { eventType: string; members: Member[]; declared: { entityType?: string; entityId?: string } } {
    const prng = this.#prng;
    const id = this.#entityId();
    const kind = prng.float();
    if (kind < 0.65) return this.#builtIn(id);
    const declared = { entityType: 'thing', entityId: id };
    if (kind < 0.78) {
      const names = new Set(Array.from({ length: prng.int(0, 6) }, () => prng.pick(HOSTILE_NAMES)));
      const members = [...names].map((name): Member => [name, randomValue(prng)]);
      if (prng.chance(0.05)) members.push(['ignored', 'true']);
      const eventType = prng.pick([
        'thing.changed',
        'thing.changed',
        'thing.viewed',
        'thing.deleted',
        'doc.saved',
      ]);
      return {
        eventType,
        members,
        declared: eventType === 'doc.saved' ? { ...declared, entityType: 'doc' } : declared,
      };
    }
    if (kind < 0.95) return { ...this.#ledger(), declared: { entityType: 'ledger', entityId: id } };
    return {
      eventType: prng.pick(['system.ping', 'unknown']),
      members: [['x', randomValue(prng)]],
      declared,
    };
  }

  #builtIn(id: string): {
    eventType: string;
    members: Member[];
    declared: { entityType?: string; entityId?: string };
  } {
    const prng = this.#prng;
    const family = prng.pick(Object.keys(TRACKED));
    const verb = prng.pick(['created', 'updated', 'updated', 'updated', 'deleted', 'started']);
    const eventType = family.endsWith('_') ? `${family}${verb}` : `${family}.${verb}`;
    const members: Member[] = [];
    for (const field of TRACKED[family]!) {
      const count = /Count|Used|Step|Score|version/.test(field);
      if (prng.chance(0.5))
        members.push([
          field,
          prng.chance(0.1)
            ? randomValue(prng)
            : count
              ? randomNumber(prng)
              : spellText(prng, randomText(prng)),
        ]);
    }
    const idField = family.endsWith('_') ? 'runId' : 'id';
    // Where the envelope does not name the entity, the payload does; now and then neither.
    if (prng.chance(0.9))
      members.push([idField, prng.chance(0.05) ? String(prng.int(0, 99)) : spellText(prng, id)]);
    if (prng.chance(0.2)) members.push([prng.pick(HOSTILE_NAMES), randomValue(prng)]);
    const declared = {
      ...(prng.chance(0.3) ? { entityType: prng.pick(['content', 'other']) } : {}),
      ...(prng.chance(0.6) ? { entityId: id } : {}),
    };
    return { eventType, members, declared };
  }

  #ledger(): { eventType: string; members: Member[] } {
    const prng = this.#prng;
    const small = () => `${prng.int(-99, 999)}.${prng.int(0, 99)}`;
    const amount = prng.pick([small(), small(), '9007199254740993', '0.1', '-0.10', '1e3', '"many"', 'null']);
    const members: Member[] = [];
    if (prng.chance(0.7)) members.push(['amount', amount]);
    if (prng.chance(0.3)) members.push(['entry', randomValue(prng, 2)]);
    if (prng.chance(0.3))
      members.push(['labels', prng.chance(0.1) ? '7' : spellObject(prng, [[prng.pick(HOSTILE_NAMES), '1']])]);
    if (prng.chance(0.3)) members.push(['owner', spellText(prng, randomText(prng))]);
    if (prng.chance(0.2)) members.push(['keep', randomValue(prng)]);
    const eventType = prng.pick([
      'ledger.booked',
      'ledger.booked',
      'ledger.noted',
      'ledger.closed',
      'ledger.deleted',
    ]);
    return { eventType, members };
  }
}
