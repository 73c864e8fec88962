/**
 * The fold as one SQL statement, for encodings that need no code: the state of an entity is then the last value of each
 * tracked field, which the store's window functions find several times faster than rows can leave it. Pure: builds the
 * text; task-fold-sql.ts runs it. Names and patterns of people travel as parameters, never as SQL.
 *
 * What a statement cannot do, or not exactly, is left to the worker fold entity by entity (`irregular`), so that both
 * together give the rows of the worker fold alone; the oracle runs compare every row.
 */
import type { Encoding, EncodingRule } from '../../schemas/encoding.js';
import { compileEncoding } from '../encodings/compile.js';
import { pointerTokens } from '../encodings/path-tree.js';
import { quote } from '../sources/json-text.js';

const RULES_MAX = 64;
const FIELDS_MAX = 48;
/** A window holds all rows of its entity: larger ones go to the worker fold, which holds only their ids. */
const ENTITY_EVENTS_MAX = 200_000;

/** Entity types that a rule names; null: all others. Their fields stand at the same places in every state. */
interface EntityClass {
  readonly type: string | null;
  readonly fields: readonly string[];
}

/** What a look at a unit's events found, so that its statement does no more than they need. */
export interface UnitFacts {
  /** Every payload shape among them; null: too many to list. */
  readonly shapes: readonly string[] | null;
  /** Some event ends its entity. */
  readonly ends: boolean;
}

/** Places of a field in the payloads of a unit: a text parameter, or one position for each shape. */
export type FoldParam = string | readonly number[];

export interface FoldSql {
  readonly params: Readonly<Record<string, FoldParam>>;
  /** Number of the rule that reads an event, from 1; 0: none, the event is skipped. */
  readonly rule: string;
  /** True for events of entities that the statement leaves to the worker fold. */
  readonly irregular: string;
  readonly entityEventsMax: number;
  /** For each place of a state the value that the event gives to it: NULL none, '' where it ends the entity. */
  readonly values: readonly string[];
  /** What the row stores as shape, and its state from the text of all places. */
  readonly shape: string;
  readonly state: (all: string) => string;
}

/** In words why the encoding needs the worker fold; null: it does not. */
export function needsWorkers(encoding: Encoding): string | null {
  const fold = foldSqlOf(encoding, { shapes: null, ends: true });
  return typeof fold === 'string' ? fold : null;
}

/** The parts of a unit's statement, or in words why the encoding needs the worker fold. */
export function foldSqlOf(encoding: Encoding, facts: UnitFacts): FoldSql | string {
  const reason = whyNot(encoding);
  if (reason !== null) return reason;
  const classes = entityClasses(encoding);
  const places = Math.max(0, ...classes.map(({ fields }) => fields.length));
  if (places > FIELDS_MAX) return `more than ${FIELDS_MAX} tracked fields of one entity type`;
  return new Builder(encoding, classes, places, facts).build();
}

function whyNot(encoding: Encoding): string | null {
  if (encoding.entity !== 'envelope') return 'the encoding derives entities';
  if (Object.keys(encoding.mask ?? {}).length > 0) return 'the encoding masks values';
  if (encoding.rules.length > RULES_MAX) return `more than ${RULES_MAX} rules`;
  if (encoding.ignore?.some(({ where }) => where !== undefined)) return 'an ignore entry has conditions';
  for (const [index, rule] of encoding.rules.entries()) {
    const at = `rule ${index} (${rule.match})`;
    if (rule.where !== undefined) return `${at} has conditions`;
    if (rule.operations !== undefined) return `${at} has operations`;
    if (rule.trackDocument === true) return `${at} tracks the whole document`;
    for (const [field, templates] of Object.entries(rule.track ?? {})) {
      if (memberOf(templates) === null) return `${at}: ${field} is not a member of the payload`;
    }
  }
  return null;
}

/** The top-level member that a template names, as a JSON string; null: it is something else. */
function memberOf(templates: string | readonly string[]): string | null {
  const list = typeof templates === 'string' ? [templates] : templates;
  const tokens = list.length === 1 && list[0]!.startsWith('/') ? pointerTokens(list[0]!) : [];
  return tokens.length === 1 ? quote(tokens[0]!) : null;
}

function entityClasses(encoding: Encoding): EntityClass[] {
  const { trackedFields } = compileEncoding(encoding);
  const named = new Set<string>();
  for (const { entityType } of encoding.rules) {
    for (const template of [entityType ?? []].flat())
      if (template.startsWith('=')) named.add(template.slice(1));
  }
  // No entity type holds a line feed in quotes of its own: what stays belongs to rules that name no type.
  let other = '';
  while (named.has(other)) other += '?';
  const of = (type: string) => trackedFields(type).own;
  return [...[...named].map((type) => ({ type, fields: of(type) })), { type: null, fields: of(other) }];
}

class Builder {
  readonly #encoding: Encoding;
  readonly #classes: readonly EntityClass[];
  readonly #places: number;
  readonly #facts: UnitFacts;
  readonly #params: Record<string, FoldParam> = {};
  readonly #names = new Map<string, string>();
  /** Position of each rule's class, where all its events belong to one; undefined: they may belong to several. */
  readonly #regular: readonly (readonly number[])[];

  constructor(encoding: Encoding, classes: readonly EntityClass[], places: number, facts: UnitFacts) {
    this.#encoding = encoding;
    this.#facts = facts;
    this.#classes = classes;
    this.#places = places;
    this.#regular = encoding.rules.map((rule) =>
      classes.flatMap(({ fields }, index) =>
        Object.keys(rule.track ?? {}).every((field) => fields.includes(field)) ? [index] : [],
      ),
    );
  }

  build(): FoldSql {
    const rule = this.#rule();
    const kind = this.#kind();
    const values = Array.from({ length: this.#places }, (_, place) => this.#value(place, kind));
    const shapes = this.#classes.map(({ fields }) => this.#text(fields.map(quote).join('\n')));
    const lengths = this.#classes.map(({ fields }) => fields.length);
    return {
      params: this.#params,
      rule,
      irregular: this.#irregular(kind),
      entityEventsMax: ENTITY_EVENTS_MAX,
      values,
      shape: choose(kind, shapes),
      // The places behind the last field of a class are empty: their line feeds are cut off.
      state: (all) =>
        lengths.every((length) => length === this.#places)
          ? all
          : `substring(${all}, 1, length(${all}) - ${choose(
              kind,
              lengths.map((n) => String(this.#places - Math.max(n, 1))),
            )})`,
    };
  }

  /** A parameter for a text of the encoding. */
  #text(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `enc${this.#names.size}`;
      this.#names.set(text, name);
      this.#params[name] = text;
    }
    return `{${name}:String}`;
  }

  #matches(match: string): string {
    return match.endsWith('*')
      ? `startsWith(event_type, ${this.#text(match.slice(0, -1))})`
      : `event_type = ${this.#text(match)}`;
  }

  /** The most specific match wins; among equals the first. */
  #rule(): string {
    const rank = ({ match }: EncodingRule) => (match.endsWith('*') ? match.length : Number.MAX_SAFE_INTEGER);
    const ordered = this.#encoding.rules
      .map((rule, index) => ({ rule, index }))
      .sort((a, b) => rank(b.rule) - rank(a.rule) || a.index - b.index);
    const branches = (this.#encoding.ignore ?? []).map(({ match }) => `${this.#matches(match!)}, 0`);
    for (const { rule, index } of ordered) branches.push(`${this.#matches(rule.match)}, ${index + 1}`);
    return `multiIf(${branches.join(', ')}, 0)`;
  }

  /** Number of the row's entity class. */
  #kind(): string {
    const named = this.#classes.flatMap(({ type }, index) =>
      type === null ? [] : [`entity_type = ${this.#text(type)}, ${index}`],
    );
    return named.length === 0 ? '0' : `multiIf(${named.join(', ')}, ${this.#classes.length - 1})`;
  }

  #irregular(kind: string): string {
    const conditions = [`entity_id = ''`];
    for (const [index, regular] of this.#regular.entries()) {
      if (regular.length === this.#classes.length) continue;
      const fits = regular.length === 0 ? '0' : `${kind} IN (${regular.join(', ')})`;
      conditions.push(`(rule = ${index + 1} AND NOT (${fits}))`);
    }
    return conditions.join(' OR ');
  }

  /** Where the place's field stands in the payload depends on the rule and, where a rule meets several, on the class. */
  #value(place: number, kind: string): string {
    const branches: { condition: string; member: string }[] = [];
    for (const [index, rule] of this.#encoding.rules.entries()) {
      const members = this.#regular[index]!.map((of) => {
        const field = this.#classes[of]!.fields[place];
        const tracked = field !== undefined && Object.hasOwn(rule.track ?? {}, field);
        return { of, member: tracked ? memberOf(rule.track![field]!) : null };
      });
      const same = members.every(({ member }) => member === members[0]!.member);
      for (const { of, member } of same ? members.slice(0, 1) : members) {
        if (member === null) continue;
        const condition = same ? `rule = ${index + 1}` : `(rule = ${index + 1} AND ${kind} = ${of})`;
        branches.push({ condition, member });
      }
    }
    if (branches.length === 0)
      return this.#facts.ends ? `if(ends, '', NULL)` : "CAST(NULL, 'Nullable(String)')";
    const first = branches[0]!;
    const always =
      this.#encoding.rules.length === 1 && branches.length === 1 && first.condition === 'rule = 1';
    const found = always
      ? this.#member(first.member)
      : `multiIf(${branches.map(({ condition, member }) => `${condition}, ${this.#member(member)}`).join(', ')}, NULL)`;
    return this.#facts.ends ? `if(ends, '', ${found})` : found;
  }

  /** The member's value, NULL where the payload has none. A position is looked up by shape where the shapes are few. */
  #member(name: string): string {
    const wanted = `\n${name}\n`;
    if (this.#facts.shapes === null) {
      const before = `substring(payload_shape, 1, position(payload_shape, ${this.#text(wanted)}))`;
      return `arrayElementOrNull(members, countSubstrings(${before}, '\\n'))`;
    }
    const positions = this.#facts.shapes.map((shape) => {
      const at = shape.indexOf(wanted);
      return at < 0 ? 0 : shape.slice(0, at + 1).split('\n').length - 1;
    });
    const param = `at${Object.keys(this.#params).length}`;
    this.#params[param] = positions;
    return `arrayElementOrNull(members, transform(payload_shape, {shapes:Array(String)}, {${param}:Array(UInt16)}, 0))`;
  }
}

function choose(kind: string, options: readonly string[]): string {
  if (options.every((option) => option === options[0])) return options[0]!;
  const branches = options.slice(0, -1).map((option, index) => `${kind} = ${index}, ${option}`);
  return `multiIf(${branches.join(', ')}, ${options.at(-1)!})`;
}
