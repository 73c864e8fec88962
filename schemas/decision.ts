/**
 * What rules say about an event, and how that compares with what was said before. The lists are closed: tables, routes
 * and reports use these words.
 */
import { type Static, Type } from 'typebox';

/**
 * What a decision comes to. `allow` and `deny`: true and false, or an object whose member `allow` is true or false.
 * `other`: any other value. `undefined`: the rules gave no value. `error`: they failed. `none`: no decision was
 * recorded with the event.
 */
export const Outcome = Type.Union([
  Type.Literal('allow'),
  Type.Literal('deny'),
  Type.Literal('other'),
  Type.Literal('undefined'),
  Type.Literal('error'),
  Type.Literal('none'),
]);
export type Outcome = Static<typeof Outcome>;

/**
 * From the decision before to the one of the job's rules; each event has exactly one. `changed`: another value, but none
 * of the named cases. `unrecorded`: there is no decision before to compare with.
 */
export const Transition = Type.Union([
  Type.Literal('unchanged'),
  Type.Literal('allow_to_deny'),
  Type.Literal('deny_to_allow'),
  Type.Literal('to_undefined'),
  Type.Literal('to_error'),
  Type.Literal('changed'),
  Type.Literal('unrecorded'),
]);
export type Transition = Static<typeof Transition>;

/** In the order in which people want to see them: what would change first. */
export const TRANSITIONS: readonly Transition[] = [
  'allow_to_deny',
  'deny_to_allow',
  'to_undefined',
  'to_error',
  'changed',
  'unchanged',
  'unrecorded',
];
export type TransitionCounts = Readonly<Record<Transition, number>>;
