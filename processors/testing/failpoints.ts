/**
 * Named places in the pipeline where a test lets a process die, freeze or lose an answer. Set for one process by
 * REWIND_FAILPOINT=name[:hit[:action]]: at the hit-th pass (default 1) of this thread the action happens, once.
 *
 * - kill: the process ends as by a power cut (SIGKILL to itself); the default.
 * - freeze: the process stops (SIGSTOP to itself) until the test wakes it.
 * - lose-answer: what was done has happened, but its caller is told insert_unknown.
 *
 * Callers guard each place by `if (FAILPOINTS)`, so that an unset variable costs one constant.
 */
import { writeSync } from 'node:fs';
import { RewindError } from '../../schemas/errors.js';

export const FAILPOINT_NAMES = [
  /** A batch is decoded, nothing of it is stored. */
  'collect.decoded',
  /** The first half of an archive insert's body is on its way. */
  'collect.inserting',
  /** Archive rows are acknowledged, their manifest is not sent. */
  'collect.stored',
  /** The manifest of collected rows is acknowledged, its sender has not seen so. */
  'collect.manifest',
  /** A unit that one manifest seals (fold, map, dead letters, timeline) is claimed, its work not begun. */
  'unit.claimed',
  /** The first half of a snapshot insert's body is on its way. */
  'fold.inserting',
  /** One snapshot insert of a unit is acknowledged. */
  'fold.stored',
  /** All output of a unit is acknowledged, its manifest is not sent. */
  'unit.stored',
  /** The manifest of a unit is acknowledged, its sender has not seen so. */
  'unit.manifest',
  /** The plan is in the job log. */
  'coordinator.planned',
  /** All input is collected, what the fold works on is not frozen. */
  'coordinator.collected',
  /** All units of the fold are sealed, dead letters and timeline are not. */
  'coordinator.folded',
  /** All units of the output stage are sealed, the end markers are not written. */
  'coordinator.emitted',
  /** A round of output records is acknowledged, more of the unit are to come. */
  'emit.sent',
  /** All rows of a step of a followed set are acknowledged. */
  'follow.stored',
  /** All records of a step are acknowledged by the brokers, the unit that they belong to is not sealed. */
  'step.sent',
  /** That unit is sealed, the markers of the step are not written. */
  'step.told',
  /** Everything is written but the job's `complete`. */
  'coordinator.sealed',
  /** All states of a promotion are copied, it is not current yet. */
  'promotion.copied',
] as const;
export type FailpointName = (typeof FAILPOINT_NAMES)[number];
export type FailpointAction = 'kill' | 'freeze' | 'lose-answer';

interface Armed {
  readonly name: string;
  readonly action: string;
  hitsLeft: number;
}

/** How long the first half of a body gets to leave this process. */
const HALF_SENT_MS = 150;

const armed = parse(process.env.REWIND_FAILPOINT);

/** Begins the line on stderr that tells a test that the armed place was reached. */
export const FAILPOINT_REACHED = 'failpoint reached:';

/** False in every process that no test has armed. */
export const FAILPOINTS = armed !== null;

/** Passes a failpoint; returns when it is not the armed one, or when the process was woken again. */
export async function reach(name: FailpointName): Promise<void> {
  if (!isHit(name)) return;
  // At once and from any thread: the process may have no other moment.
  writeSync(2, `${FAILPOINT_REACHED} ${name}\n`);
  if (armed?.action === 'lose-answer')
    throw new RewindError('insert_unknown', `the answer was lost at failpoint ${name}`);
  process.kill(process.pid, armed?.action === 'freeze' ? 'SIGSTOP' : 'SIGKILL');
  // A signal to oneself may land a little later; nothing may happen in between.
  await new Promise((resolve) => setTimeout(resolve, HALF_SENT_MS));
}

/** The body of an insert that passes a failpoint after its first half. */
export async function* halved(name: FailpointName, body: Buffer): AsyncGenerator<Buffer> {
  const half = body.length >> 1;
  yield body.subarray(0, half);
  await new Promise((resolve) => setTimeout(resolve, HALF_SENT_MS));
  await reach(name);
  yield body.subarray(half);
}

function isHit(name: FailpointName): boolean {
  if (armed === null || armed.name !== name) return false;
  armed.hitsLeft--;
  return armed.hitsLeft === 0;
}

function parse(text: string | undefined): Armed | null {
  if (text === undefined || text === '') return null;
  const [name = '', hit = '1', action = 'kill'] = text.split(':');
  const known = (FAILPOINT_NAMES as readonly string[]).includes(name);
  if (!known || !/^[1-9]\d*$/.test(hit) || !['kill', 'freeze', 'lose-answer'].includes(action))
    throw new RewindError('config_invalid', `REWIND_FAILPOINT=${text} is not name[:hit[:action]]`);
  return { name, action, hitsLeft: Number(hit) };
}
