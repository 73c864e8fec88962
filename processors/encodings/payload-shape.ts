/**
 * Payloads as the archive stores them (processors/sources/payload-members.ts): the names of the top-level members are
 * the payload's shape, their values stand beside it. What an event plan asks of payloads of one shape is worked out
 * once; after that its values are found by counting line feeds, and no JSON is read but inside them.
 */
import type { EntityState } from '../snapshots/entity-state.js';
import { keyText, lineEnd } from './json-bytes.js';
import type { MemberSteps, PathTree } from './path-tree.js';

const LINE_FEED = 0x0a;
/** Trees whose steps are kept; more event types than this with one shape work them out again. */
const TREES_MAX = 256;

export class PayloadShape {
  /** Names of the members, escaped, without their quotes. */
  readonly #names: Buffer[] = [];
  #texts: readonly string[] | null = null;
  readonly #steps = new Map<PathTree, MemberSteps>();
  #lastTree: PathTree | null = null;
  #lastSteps: MemberSteps | null = null;

  /** `shape` is copied. */
  constructor(shape: Buffer) {
    const copy = Buffer.from(shape);
    // `\n"a"\n"b"\n`: each name between the line feed before it and the one behind.
    for (let at = 1; at < copy.length; ) {
      const end = copy.indexOf(LINE_FEED, at);
      this.#names.push(copy.subarray(at + 1, end - 1));
      at = end + 1;
    }
  }

  /** Looks all pointers of `tree` up in the values at start..end. */
  walk(tree: PathTree, bytes: Buffer, start: number, end: number): void {
    const steps = tree === this.#lastTree ? this.#lastSteps! : this.#stepsFor(tree);
    tree.walkMembers(steps, bytes, start, end);
  }

  /** Stages every member as a field, the values at start..end. */
  track(state: EntityState, bytes: Buffer, start: number, end: number): void {
    this.#texts ??= this.#names.map((name) => keyText(name, 0, name.length));
    let at = start;
    for (const name of this.#texts) {
      const stop = lineEnd(bytes, at, end);
      state.set(state.cell(name), bytes, at, stop);
      at = stop + 1;
    }
  }

  /** The payload as a JSON object, of the values at start..end. */
  text(bytes: Buffer, start: number, end: number): string {
    let text = '';
    let at = start;
    for (const name of this.#names) {
      const stop = lineEnd(bytes, at, end);
      text += `${text === '' ? '' : ','}"${name}":${bytes.toString('utf8', at, stop)}`;
      at = stop + 1;
    }
    return `{${text}}`;
  }

  /** Stages a stored state, the values at start..end; an empty one is a field that is missing. */
  restore(state: EntityState, bytes: Buffer, start: number, end: number): void {
    this.#texts ??= this.#names.map((name) => keyText(name, 0, name.length));
    let at = start;
    for (const name of this.#texts) {
      const stop = lineEnd(bytes, at, end);
      if (stop > at) state.set(state.cell(name), bytes, at, stop);
      at = stop + 1;
    }
  }

  #stepsFor(tree: PathTree): MemberSteps {
    let steps = this.#steps.get(tree);
    if (steps === undefined) {
      if (this.#steps.size >= TREES_MAX) this.#steps.clear();
      steps = tree.stepsFor(this.#names);
      this.#steps.set(tree, steps);
    }
    this.#lastTree = tree;
    this.#lastSteps = steps;
    return steps;
  }
}
