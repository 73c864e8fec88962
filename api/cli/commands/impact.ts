/**
 * `rewind impact`: which logged decisions policies in a directory would change, over all of the log, by as many log
 * replays as it takes. Its exit code suits a check of a pull request.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { RewindError } from '../../../schemas/errors.js';
import { EXIT } from '../exit-codes.js';
import { broken, type Condition, conditions } from '../fail-on.js';
import { replayEnd, startReplay } from '../impact-jobs.js';
import { impactMarkdown, renderImpact } from '../impact-text.js';
import { ImpactTotal } from '../impact-total.js';
import { policiesIn } from '../policy-files.js';
import { type Cli, openSession, type Session } from '../session.js';
import { count, positiveInteger, wholeNumber, words } from '../values.js';
import { impactCancelCommand, impactDeleteCommand, impactListCommand } from './impact-jobs.js';

interface ImpactOptions {
  readonly policyDir?: string;
  readonly dataPatch?: string;
  readonly decisionPatch?: string;
  readonly since?: string;
  readonly until?: string;
  readonly path?: string[];
  readonly maxRevisions?: number;
  readonly fullResults?: boolean;
  readonly affected?: string[];
  readonly samples: number;
  readonly maxSeconds: number;
  readonly failOn?: Condition[];
  readonly async?: boolean;
  readonly detach?: boolean;
}

/** Time of one request; the next one goes on. */
const STEP_SECONDS = 20;

export function impactCommand(cli: Cli): Command {
  return new Command('impact')
    .description('Which logged decisions changed policies or data would change')
    .option('--policy-dir <dir>', 'directory of .rego files, tests left out')
    .option('--data-patch <file>', 'JSON Patch (RFC 6902) for the data')
    .option('--decision-patch <file>', 'JSON Patch for each decision, for what was masked')
    .option('--since <time>', 'only decisions not older: 7d, or RFC 3339')
    .option('--until <time>', 'only decisions not newer')
    .option('--path <path>', 'only decisions of this path; may be repeated', words)
    .option('--max-revisions <n>', 'only the current revision and so many before it', wholeNumber)
    .option('--full-results', 'compare whole results, not only what allows or denies')
    .option('--affected <pointer>', 'count changes by what stands there, as /input/user', words)
    .option('--samples <n>', 'changed decisions to return', wholeNumber, 10)
    .option('--max-seconds <n>', 'time for all of it', positiveInteger, 600)
    .option('--async', 'as a job of the server: all of the log, by all of its workers, without --max-seconds')
    .option('--detach', 'with --async: print the id of the job and leave')
    .option('--fail-on <condition>', 'exit 1 where it holds, as allow->deny>0; may be repeated', conditions)
    .addHelpText(
      'after',
      `
With --fail-on a log that could not be looked at as a whole in --max-seconds fails too. With --async nothing is left out: the
server goes on when this command ends, and \`rewind impact show ID\` has what it found.

Example:
  rewind impact --policy-dir policies --since 7d --fail-on 'allow->deny>0' --output markdown`,
    )
    .action(async (options: ImpactOptions, command: Command) => {
      const session = openSession(cli, command);
      const body = bodyOf(cli, options);
      if (options.detach === true && options.async !== true)
        throw new RewindError('field_invalid', '--detach goes with --async', { pointer: '--detach' });
      if (options.async !== true)
        return report(cli, session, await replayAll(cli, session, body, options), options);
      const id = await startReplay(session, body);
      if (options.detach === true)
        return session.print(Buffer.from(`{"replay_id":${JSON.stringify(id)}}`), () => `${id}\n`);
      await reportEnd(cli, session, id, options);
    })
    .addCommand(showCommand(cli))
    .addCommand(impactListCommand(cli))
    .addCommand(impactCancelCommand(cli))
    .addCommand(impactDeleteCommand(cli));
}

function showCommand(cli: Cli): Command {
  return new Command('show')
    .description('What a log replay found that runs as a job, once it has ended')
    .argument('<id>', 'log replay')
    .option('--fail-on <condition>', 'exit 1 where it holds, as allow->deny>0; may be repeated', conditions)
    .action(async (id: string, _options: object, command: Command) =>
      // The command above has the option too, and takes it.
      reportEnd(cli, openSession(cli, command), id, command.optsWithGlobals<ImpactOptions>()),
    );
}

/** Waits for the end of a log replay that is a job. */
async function reportEnd(
  cli: Cli,
  session: Session,
  id: string,
  options: Pick<ImpactOptions, 'failOn'>,
): Promise<void> {
  const total = await replayEnd(cli, session, id);
  if (total === null) cli.exitCode = EXIT.interrupted;
  else await report(cli, session, total, options);
}

async function report(
  cli: Cli,
  session: Session,
  total: ImpactTotal,
  { failOn }: Pick<ImpactOptions, 'failOn'>,
): Promise<void> {
  const failed = broken(failOn ?? [], total).map(({ text, count: n }) => `${text}: ${n}`);
  await session.print(
    Buffer.from(total.json()),
    (terminal) => renderImpact(terminal, total),
    () => impactMarkdown(total, failed),
  );
  for (const one of failed) session.terminal.say(`Not allowed: ${one}`);
  if (!total.complete) session.terminal.say('Not all of the log was looked at: --max-seconds was over.');
  if (failed.length > 0 || (failOn !== undefined && !total.complete)) cli.exitCode = EXIT.failed;
}

/** The request but for its time and what it skips: JSON text, so that patches keep every digit. */
function bodyOf(cli: Cli, options: ImpactOptions): string {
  const { policyDir, since, until, maxRevisions } = options;
  const members: string[] = [];
  const add = (name: string, json: string) => members.push(`"${name}":${json}`);
  if (policyDir !== undefined) {
    const { modules } = policiesIn(cli, policyDir).bundle;
    if (modules.size === 0)
      throw new RewindError('field_missing', `${policyDir} holds no .rego file`, { pointer: '--policy-dir' });
    add('policies', JSON.stringify(Object.fromEntries(modules)));
  }
  if (options.dataPatch !== undefined) add('data_patches', fileText(cli, options.dataPatch));
  if (options.decisionPatch !== undefined) add('decision_patches', fileText(cli, options.decisionPatch));
  const scope = { max_age: since, min_age: until, max_revisions: maxRevisions };
  add('scope', JSON.stringify((options.path ?? [undefined]).map((path) => ({ path, ...scope }))));
  if (options.fullResults === true) add('compare_full_results', 'true');
  if (options.affected !== undefined) add('affected_by', JSON.stringify(options.affected));
  add('max_samples', String(options.samples));
  return members.join();
}

function fileText(cli: Cli, path: string): string {
  try {
    return readFileSync(resolve(cli.cwd, path), 'utf8');
  } catch (cause) {
    throw new RewindError('file_unreadable', `${path}: ${(cause as Error).message}`, { cause });
  }
}

async function replayAll(
  cli: Cli,
  session: Session,
  body: string,
  { maxSeconds, samples }: ImpactOptions,
): Promise<ImpactTotal> {
  const total = new ImpactTotal();
  const skip: string[] = [];
  const end = performance.now() + maxSeconds * 1000;
  for (;;) {
    const left = Math.ceil(end - performance.now());
    const duration = `${Math.max(1, Math.min(left, STEP_SECONDS * 1000))}ms`;
    const answer = await session.connection.post('/v1/logreplay', {
      params: { header: { 'x-tenant-id': session.tenant } },
      body: Buffer.from(`{"duration":"${duration}","skip_batches":${JSON.stringify(skip)},${body}}`),
    });
    skip.push(...total.add(answer.data, samples));
    const analyzed = total.stats.get('batches_analyzed') ?? 0;
    const scheduled = total.stats.get('batches_scheduled') ?? 0;
    session.terminal.progress(`${count(analyzed)} of ${count(scheduled)} batches`);
    if (total.complete || performance.now() >= end || cli.signal.aborted) break;
  }
  session.terminal.progressDone();
  return total;
}
