/** `rewind generate`: seeded events as NDJSON, for tests, benchmarks and first looks. The same seed, the same bytes. */
import { Command, Option } from 'commander';
import { type Generated, isGarbage } from '../../../processors/generate/event.js';
import { randomEvents } from '../../../processors/generate/random-events.js';
import { scaleEvents } from '../../../processors/generate/scale.js';
import { Story } from '../../../processors/generate/story.js';
import { parseRfc3339Ns } from '../../../processors/sources/time.js';
import { eventText } from '../event-text.js';
import { EXIT } from '../exit-codes.js';
import { type Cli, openSession } from '../session.js';
import { count, positiveInteger, wholeNumber } from '../values.js';

interface GenerateOptions {
  readonly kind: keyof typeof KINDS;
  readonly events: number;
  readonly entities: number;
  readonly seed: number;
  readonly start: string;
}

const WRITE_BYTES = 256 << 10;
const STORY_BATCH = 1000;
/** Time between two events of `scale`: a million events cover about a day. */
const SCALE_STEP_NS = 86_400_000n;

const KINDS = {
  story: function* ({ seed, events }: GenerateOptions): Generator<Generated> {
    for (const batch of new Story({ seed, events }).batches(STORY_BATCH)) {
      for (const { entry } of batch) yield entry;
    }
  },
  random: function* ({ seed, events, entities }: GenerateOptions): Generator<Generated> {
    for (const { entry } of randomEvents({ seed, events, entities })) yield entry;
  },
  scale: function* ({ seed, events, entities, start }: GenerateOptions): Generator<Generated> {
    const startNs = parseRfc3339Ns(start);
    const options = { seed, events, entities, partitions: 1, startNs, stepNs: SCALE_STEP_NS };
    for (const { event } of scaleEvents(options)) yield event;
  },
} as const;

export function generateCommand(cli: Cli): Command {
  return new Command('generate')
    .description('Write made-up events as NDJSON')
    .addOption(
      new Option('--kind <kind>', 'what they look like').choices(Object.keys(KINDS)).default('scale'),
    )
    .option('--events <n>', 'how many', positiveInteger, 100_000)
    .option('--entities <n>', 'entities (of each kind)', positiveInteger, 1000)
    .option('--seed <n>', 'the same seed gives the same events', wholeNumber, 1)
    .option('--start <rfc3339>', 'time of the first event of `scale`', '2024-01-01T00:00:00Z')
    .addHelpText('after', '\nExample:\n  rewind generate --events 1000000 | rewind ingest -')
    .action(async (options: GenerateOptions, command: Command) => {
      const { terminal } = openSession(cli, command);
      let text = '';
      let written = 0;
      let leftOut = 0;
      for (const entry of KINDS[options.kind](options)) {
        const line = lineOf(entry);
        if (line === null) leftOut++;
        else {
          text += line;
          written++;
        }
        if (text.length < WRITE_BYTES) continue;
        await terminal.data(text);
        text = '';
        terminal.progress(`${count(written)} events`);
        if (cli.signal.aborted) {
          cli.exitCode = EXIT.interrupted;
          return;
        }
      }
      await terminal.data(text);
      terminal.progressDone();
      const without =
        leftOut === 0 ? '' : `, without ${count(leftOut)} undecodable records that no line can hold`;
      terminal.say(`${count(written)} events${without}`);
    });
}

/** One line, or null for bytes that are no event. */
function lineOf(entry: Generated): string | null {
  if (isGarbage(entry)) return null;
  // Line breaks inside JSON text are white space between tokens: those of strings are escaped.
  return `${eventText(entry).replace(/[\r\n]+/g, ' ')}\n`;
}
