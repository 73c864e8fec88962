/**
 * `npm run bench:simulate`: how one job goes with 1 to 512 worker processes against one store, as a discrete-event
 * simulation of what the workers ask of it. What goes in is the table of simulation/constants.ts; SCALE.md says what
 * follows. A simulation shows where the scheme jams, not how fast a real cluster is: nothing here was run on one.
 */
import { parseArgs } from 'node:util';
import { AS_IT_IS, ASSUMED, CHANGED, type Model } from './simulation/constants.js';
import { type Outcome, simulate } from './simulation/simulate.js';

const WORKERS = [1, 2, 8, 32, 128, 512];

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: String(AS_IT_IS.events) },
    partitions: { type: 'string', default: String(AS_IT_IS.partitions) },
    cores: { type: 'string', default: String(ASSUMED.storeCores) },
    /** CPU of the store for a small statement, in microseconds. */
    small: { type: 'string', default: String(AS_IT_IS.smallStatementUs) },
    fold: { type: 'string', default: AS_IT_IS.foldIn },
    seed: { type: 'string', default: '1' },
  },
});

const base: Model = {
  ...AS_IT_IS,
  events: Number(values.events),
  partitions: Number(values.partitions),
  storeCores: Number(values.cores),
  smallStatementUs: Number(values.small),
  foldIn: values.fold === 'stream' ? 'stream' : 'statement',
  seed: Number(values.seed),
};

const TITLES = [
  'workers',
  'job s',
  'collect',
  'scan',
  'fold',
  'seal',
  'useful',
  'small',
  'merges',
  'small/s',
  'lost claims',
  'void units',
  'rows a poll',
  'most',
  'saturated',
];

function row(workers: number, result: Outcome): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const stage = (name: string): string =>
    (result.stages.find((one) => one.stage === name)?.seconds ?? 0).toFixed(1);
  return [
    String(workers),
    `${result.ended ? '' : 'more than '}${result.seconds.toFixed(1)}`,
    stage('collect'),
    stage('scan'),
    stage('fold'),
    stage('seal'),
    percent(result.useful),
    percent(result.small),
    percent(result.merges),
    result.smallPerSecond.toFixed(0),
    String(result.collisions),
    String(result.voidedUnits),
    result.rowsPerPoll.toFixed(0),
    String(Math.round(result.rowsPerPollMax)),
    result.saturated,
  ];
}

function table(name: string, change: Partial<Model>): void {
  const rows = WORKERS.map((workers) => row(workers, simulate({ ...base, ...change, workers })));
  const lines = [TITLES, TITLES.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  process.stdout.write(`\n${name}\n\n${lines.join('\n')}\n`);
}

const millions = `${base.events / 1e6} million events, ${base.partitions} partitions`;
process.stdout.write(
  `One store of ${base.storeCores} cores, workers with ${base.threads} threads on up to ${ASSUMED.hosts} hosts; seed ${base.seed}\n`,
);
table(`As it is, cold: ${millions}`, {});
table(`As it is, from the archive: ${millions}`, { cold: false });
table(`With the changes of SCALE.md, cold: ${millions}`, CHANGED);
table(`With the changes of SCALE.md, from the archive: ${millions}`, { ...CHANGED, cold: false });
