/** The options that say what to replay; `replay plan` and `replay create` take the same. */
import { type Command, Option } from 'commander';
import type { JobSpec } from '../../schemas/job.js';
import { pair, positiveInteger, words } from './values.js';

export interface SpecOptions {
  readonly from: string;
  readonly to: string;
  readonly type: JobSpec['job_type'];
  readonly encodingVersion: number;
  readonly ruleVersion: number;
  readonly baselineRules?: number;
  readonly baselineEncoding?: number;
  readonly baselineJob?: string;
  readonly eventType?: string[];
  readonly severity?: string[];
  readonly entityType?: string[];
  readonly entityId?: string[];
  readonly sourceVersion?: number;
  readonly source?: NonNullable<JobSpec['source']>;
  readonly topic?: string[];
  readonly fromSnapshotOf?: string;
  readonly startOffsets?: NonNullable<JobSpec['start_offsets']>;
  readonly ordering?: NonNullable<JobSpec['ordering']>;
  readonly snapshots?: NonNullable<JobSpec['snapshots']>;
  readonly onFailure?: NonNullable<JobSpec['on_failure']>;
  readonly outputs?: NonNullable<JobSpec['outputs']>['topics'];
  readonly outputPrefix?: string;
  readonly eventsPerSecond?: number;
  readonly name?: string;
  readonly reason?: string;
  readonly label?: Record<string, string>;
}

export function addSpecOptions(command: Command): Command {
  const choice = (flags: string, text: string, values: string[]) => new Option(flags, text).choices(values);
  return command
    .requiredOption('--from <rfc3339>', 'start of the range, included')
    .requiredOption('--to <rfc3339>', 'end of the range, included')
    .addOption(
      choice('--type <type>', 'what to do', ['StateRebuild', 'DryRun', 'DecisionOnly']).default(
        'StateRebuild',
      ),
    )
    .option('--encoding-version <n>', 'encoding to read events with', positiveInteger, 1)
    .option('--rule-version <n>', 'rules to decide with', positiveInteger, 1)
    .option('--baseline-rules <n>', 'rules whose decisions are compared with', positiveInteger)
    .option('--baseline-encoding <n>', 'DryRun: encoding that the run is compared with', positiveInteger)
    .option('--baseline-job <job>', 'DryRun: finished run whose versions it is compared with')
    .option('--event-type <types>', 'only these; a trailing * matches a prefix', words)
    .option('--severity <words>', 'only these', words)
    .option('--entity-type <types>', 'only these', words)
    .option('--entity-id <ids>', 'only these', words)
    .addOption(choice('--source <source>', 'where events come from', ['auto', 'archive', 'kafka']))
    .option('--source-version <n>', 'sources to read through', positiveInteger)
    .option('--from-snapshot-of <job>', 'finished run to go on from; --from lies 1 ns behind its end')
    .option('--topic <topics>', 'topics to read (default: those of the configuration)', words)
    .addOption(choice('--start-offsets <how>', 'how the first offset is found', ['auto', 'full']))
    .addOption(choice('--ordering <order>', 'order within an entity', ['event_time', 'log']))
    .addOption(choice('--snapshots <which>', 'snapshots to keep', ['all', 'changed', 'final']))
    .addOption(choice('--on-failure <what>', 'when an event fails', ['skip', 'stop', 'stop_entity']))
    .option('--outputs <which>', 'topics to write: snapshots, diffs, decisions, events', words)
    .option('--output-prefix <prefix>', 'topics are <prefix>.snapshots, …')
    .option('--events-per-second <n>', 'pace of the job, all workers together', positiveInteger)
    .option('--name <text>', 'name of the job')
    .option('--reason <text>', 'why it is run')
    .option('--label <key=value>', 'label, may be repeated', pair);
}

export function specOf(options: SpecOptions): JobSpec {
  const filters = defined({
    event_type: options.eventType,
    severity: options.severity,
    entity_type: options.entityType,
    entity_id: options.entityId,
  });
  return {
    job_type: options.type,
    encoding_version: options.encodingVersion,
    rule_version: options.ruleVersion,
    time_range_start: options.from,
    time_range_end: options.to,
    ...(Object.keys(filters).length === 0 ? {} : { filters }),
    ...defined({
      baseline: baselineOf(options),
      baseline_rule_version: options.baselineRules,
      source: options.source,
      source_version: options.sourceVersion,
      topics: options.topic,
      from_snapshot_of: options.fromSnapshotOf,
      start_offsets: options.startOffsets,
      ordering: options.ordering,
      snapshots: options.snapshots,
      on_failure: options.onFailure,
      outputs: outputsOf(options),
      throttle:
        options.eventsPerSecond === undefined ? undefined : { events_per_second: options.eventsPerSecond },
      name: options.name,
      reason: options.reason,
      labels: options.label,
    }),
  };
}

function baselineOf({ baselineEncoding, baselineJob }: SpecOptions): JobSpec['baseline'] {
  if (baselineJob === undefined && baselineEncoding === undefined) return undefined;
  return defined({ encoding_version: baselineEncoding, job_id: baselineJob });
}

function outputsOf({ outputs, outputPrefix }: SpecOptions): JobSpec['outputs'] {
  if (outputs === undefined) return undefined;
  return outputPrefix === undefined ? { topics: outputs } : { topics: outputs, prefix: outputPrefix };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what was not given. */
function defined<T extends Record<string, unknown>>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
