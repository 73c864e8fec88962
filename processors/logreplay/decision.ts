/** A logged decision as a replay reads it: from the archive's text, after the request's patches. Pure. */
import { resolvePointer, topLevelFields } from '../sources/json-scan.js';
import { unquote } from '../sources/json-text.js';
import { canonicalTreeText, parseTree } from '../versions/json-tree.js';
import type { Result } from './outcome.js';
import { applyPatch, type PatchOperation } from './patch.js';
import { pathNames } from './scope.js';

/** A row of the archive. */
export interface LoggedRow {
  readonly offset: bigint;
  readonly eventId: string;
  readonly occurredAtNs: bigint;
  readonly path: string;
  /** As the store has it: JSON of the bundles, or of the one revision; empty: none. */
  readonly revision: string;
  /** Canonical JSON of the whole decision. */
  readonly payload: string;
}

/** Why a decision cannot be made again; never counted as a change. */
export type NotReplayable =
  | 'masked_input'
  | 'masked_result'
  | 'ad_hoc_query'
  | 'nondeterministic_builtin'
  | 'baseline_does_not_compile';

export interface ReplayDecision {
  readonly offset: bigint;
  readonly eventId: string;
  readonly ns: bigint;
  /** Names of the path. */
  readonly path: readonly string[];
  readonly revision: string;
  /** Canonical JSON; undefined: the decision had no input. */
  readonly input: string | undefined;
  readonly ndCache: string | undefined;
  readonly logged: Result;
  /** Null: it can. */
  readonly notReplayable: NotReplayable | null;
  /** Canonical JSON of the whole decision, as logged. */
  readonly payload: string;
}

/** Errors: patch_failed. */
export function readDecision(row: LoggedRow, patches: readonly PatchOperation[]): ReplayDecision {
  const text =
    patches.length === 0
      ? row.payload
      : canonicalTreeText(applyPatch(parseTree(row.payload), patches, '/decision_patches'));
  const members = new Map([...topLevelFields(text)].map(({ name, value }) => [name, value]));
  const path = textOf(members.get('path'));
  const hidden = hiddenPlaces(members).filter((pointer) => !isGivenBack(pointer, patches));
  const cacheIsWhole = !hidden.some((pointer) => isAt(pointer, '/nd_builtin_cache'));
  return {
    offset: row.offset,
    eventId: row.eventId,
    ns: row.occurredAtNs,
    path: pathNames(path),
    revision: row.revision,
    input: members.get('input'),
    ndCache: cacheIsWhole ? members.get('nd_builtin_cache') : undefined,
    logged: loggedResult(members),
    notReplayable: reasonAgainst(hidden, path),
    payload: row.payload,
  };
}

function reasonAgainst(hidden: readonly string[], path: string): NotReplayable | null {
  if (pathNames(path).length === 0) return 'ad_hoc_query';
  if (hidden.some((pointer) => isAt(pointer, '/input'))) return 'masked_input';
  return hidden.some((pointer) => isAt(pointer, '/result')) ? 'masked_result' : null;
}

function loggedResult(members: ReadonlyMap<string, string>): Result {
  const json = members.get('result');
  if (json !== undefined) return { kind: 'value', json };
  const error = members.get('error');
  if (error === undefined || error === 'null') return { kind: 'undefined' };
  return { kind: 'error', message: textOf(resolvePointer(error, '/message') ?? error) };
}

/** Pointers that OPA says it erased or masked before it logged the decision. */
function hiddenPlaces(members: ReadonlyMap<string, string>): string[] {
  return ['erased', 'masked'].flatMap((name) => {
    const list = members.get(name);
    return list?.startsWith('[')
      ? (JSON.parse(list) as unknown[]).filter((one) => typeof one === 'string')
      : [];
  });
}

/** Whether the request's patches write a value there, or above. */
function isGivenBack(pointer: string, patches: readonly PatchOperation[]): boolean {
  return patches.some(
    ({ op, path }) =>
      op !== 'remove' && op !== 'test' && isAt(pointer, path.map((name) => `/${escaped(name)}`).join('')),
  );
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isAt(pointer: string, place: string): boolean {
  return pointer === place || pointer.startsWith(`${place}/`);
}

function textOf(json: string | undefined): string {
  if (json === undefined || json === 'null') return '';
  return json.startsWith('"') ? unquote(json) : json;
}

/** The revisions that a decision names. */
export function revisionsOf(revision: string): string[] {
  if (!revision.startsWith('{')) {
    const one = textOf(revision);
    return one === '' ? [] : [one];
  }
  return [...topLevelFields(revision)].flatMap(({ value }) => {
    const named = textOf(resolvePointer(value, '/revision'));
    return named === '' ? [] : [named];
  });
}
