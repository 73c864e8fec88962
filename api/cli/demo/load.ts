/**
 * Loads the story the way a producer would send it: each event as JSON text through the same checks as the API, in
 * batches to the log. Bytes that are no event go to the log as they are, to come out as dead letters.
 */
import { isGarbage } from '../../../processors/generate/event.js';
import { Story, type StoryEntry, type StoryFacts } from '../../../processors/generate/story.js';
import { RewindError } from '../../../schemas/errors.js';
import type { AppendRecord } from '../../group-commit.js';
import { eventText } from '../event-text.js';
import type { Pipeline } from '../pipeline.js';
import type { Terminal } from '../terminal.js';
import { count, duration } from '../values.js';

const BATCH = 10_000;

export interface StoryChoice {
  readonly seed: number;
  readonly events: number;
}

/** The range of the story and its tenants, known without making it. */
export function storyFrame(choice: StoryChoice): Pick<StoryFacts, 'tenants' | 'startNs' | 'endNs'> {
  return new Story(choice).facts;
}

/** Appends the whole story; resolves with the number of records. The next batch is made while the log takes one. */
export async function loadStory(
  pipeline: Pick<Pipeline, 'appender' | 'parseEvent'>,
  choice: StoryChoice,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  let loaded = 0;
  let underWay: Promise<unknown> = Promise.resolve();
  for (const batch of new Story(choice).batches(BATCH)) {
    const records = batch.map((entry) => recordOf(entry, pipeline));
    await underWay;
    signal.throwIfAborted();
    underWay = pipeline.appender.append(records).then(() => {
      loaded += records.length;
      terminal.progress(loadLine(loaded, choice.events, (performance.now() - started) / 1000));
    });
    // It is awaited in the next round; a failure until then must not count as unhandled.
    underWay.catch(() => undefined);
  }
  await underWay;
  terminal.progressDone();
  return loaded;
}

function recordOf({ entry, recordTimeMs }: StoryEntry, pipeline: Pick<Pipeline, 'parseEvent'>): AppendRecord {
  if (isGarbage(entry)) {
    const key = entry.keyText === undefined ? null : Buffer.from(entry.keyText);
    return { key, value: entry.garbage ?? Buffer.alloc(0), timestampMs: recordTimeMs };
  }
  const parsed = pipeline.parseEvent(Buffer.from(eventText(entry)), entry.tenantId);
  if (!parsed.ok) throw new RewindError(parsed.code, `the story does not load: ${parsed.message}`);
  return parsed.record;
}

function loadLine(done: number, total: number, seconds: number): string {
  const rate = done / Math.max(seconds, 0.001);
  const left = duration(Math.max(0, total - done) / Math.max(rate, 1));
  const percent = Math.min(100, (100 * done) / total).toFixed(0);
  return `load  ${percent} %  ${count(done)} of ${count(total)} events  ${count(rate)}/s  ${left} left`;
}
