/** The `decisionLogs` and `logReplay` sections of the configuration: policy decisions coming in, and their replay. */
import { type TSchema, Type } from 'typebox';

const section = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {} });
const text = (value: string, description: string) => Type.String({ default: value, description });
const int = (value: number, description: string, minimum = 1, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ default: value, minimum, maximum, description });

export const DecisionLogsConfig = section({
  topic: text('rewind.decision-logs', 'Topic that uploaded decision logs are written to, as our AuditEvent'),
  inflatedMaxBytes: int(32 << 20, 'Largest upload after unpacking', 1024, 1 << 30),
  keyPath: Type.String({
    default: '',
    pattern: '^(/.*)?$',
    description:
      'JSON pointer into a decision, as /input/user: its value is the record key and entity id; empty: the decision id',
  }),
});

export const LogReplayConfig = section({
  defaultReplayDurationMs: int(10_000, 'DefaultReplayDuration: time of a log replay that names none', 1),
  maxReplayDurationMs: int(60_000, 'MaxReplayDuration: longest time of a log replay', 1, 3_600_000),
  defaultSamples: int(10, 'DefaultSamples: samples of changes that a log replay returns', 0, 10_000),
  maxSamples: int(100, 'MaxSamples: most samples that can be asked for', 0, 10_000),
  atOnce: int(2, 'Log replays that a server makes at the same time', 1, 100),
  batchOffsets: int(1000, 'Offsets of a batch of decisions, the step of a log replay', 1, 100_000),
  batchesMax: int(1_000_000, 'Most batches that one log replay looks at'),
  jobUnitOffsets: int(20_000, 'Offsets of one unit of a log replay that runs as a job', 1, 10_000_000),
  jobsPerTenant: int(2, 'Log replays of a tenant that run as jobs at once; more wait their turn'),
  jobMaxChanged: int(10_000_000, 'Changed decisions that a log replay keeps as rows; with more it fails'),
  jobMaxSeconds: int(86_400, 'Time of a log replay that runs as a job'),
  jobPollMs: int(1_000, 'How often a process looks for log replays to work on', 50, 60_000),
  cacheBytes: int(64 << 20, 'Batches of decisions kept in memory for the next log replay', 0),
  memoDecisions: int(20_000, 'Decisions whose results a log replay remembers for equal inputs', 0),
  basesMax: int(16, 'Revisions of policies that a log replay holds at once', 1, 1000),
  groupsMax: int(1000, 'Groups of alike changes that are told apart; more are counted together', 1, 100_000),
  samplesMaxBytes: int(8 << 20, 'Bytes of all samples that are held'),
  affectedMax: int(1000, 'Values that are counted of each input path that is asked for', 1, 100_000),
  significantFields: Type.Array(Type.String({ pattern: '^/.+$' }), {
    default: ['/allow', '/allowed', '/response/allowed'],
    description:
      'JSON pointers into results that are objects: where either result has one, only these are compared, unless compare_full_results is asked for',
  }),
  bundleMaxBytes: int(32 << 20, 'Largest bundle after unpacking', 1024, 1 << 30),
  bundlesPerTenant: int(10_000, 'Bundles that a tenant may keep', 1),
});
