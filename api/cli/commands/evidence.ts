/**
 * `rewind replay evidence` fetches a run's archive for an auditor; `rewind evidence verify` checks one without a server,
 * and `rewind evidence key` prints the key to check it with.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { type VerifyOptions, verifyEvidence } from '../../../processors/evidence/verify.js';
import { RewindError } from '../../../schemas/errors.js';
import { EXIT } from '../exit-codes.js';
import { rowOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { renderFacts } from '../table.js';
import { type Terminal, tint } from '../terminal.js';

/** Below `rewind replay`. */
export function makeEvidenceCommand(cli: Cli): Command {
  return new Command('evidence')
    .description('Fetch the signed archive of a finished run, for an auditor')
    .argument('<job>', 'job id')
    .option('--out <file>', 'where to write it (default: <job>.evidence.tar)')
    .action(async (job: string, options: { out?: string }, command: Command) => {
      const session = openSession(cli, command);
      const file = options.out ?? `${job}.evidence.tar`;
      const archive = await session.connection.download(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/evidence',
        { params: { path: { tenant_id: session.tenant, job_id: job } } },
      );
      await pipeline(archive, createWriteStream(file, { flags: 'wx' })).catch(unwritable(file));
      await session.print(Buffer.from(JSON.stringify({ file })), () => `${file}\n`);
      session.terminal.say(`To check it: rewind evidence verify ${file} --public-key KEY`);
    });
}

export function evidenceCommand(cli: Cli): Command {
  const evidence = new Command('evidence').description('Archives of runs for auditors');
  for (const make of [verifyCommand, keyCommand]) evidence.addCommand(make(cli));
  return evidence;
}

function keyCommand(cli: Cli): Command {
  return new Command('key')
    .description('The public key that this server signs archives with')
    .action(async (_options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/evidence/key');
      await session.print(answer.data, () => `${rowOf(answer.data).text('public_key')}\n`);
    });
}

interface VerifyFlags {
  readonly publicKey?: string;
  readonly entity?: string;
  readonly state?: string;
}

function verifyCommand(cli: Cli): Command {
  return new Command('verify')
    .description('Check an archive: signature, hashes, the tree over all final states. Needs no server')
    .argument('<file>', 'archive')
    .option('--public-key <base64>', "the signer's key, had by another way than the archive")
    .option('--entity <type/id>', 'also show that the state of this entity is in the run')
    .option('--state <file>', 'its final state, JSON as the run holds it')
    .addHelpText(
      'after',
      '\nExample:\n  rewind evidence verify run-1.evidence.tar --entity content/c-1 --state state.json',
    )
    .action(async (file: string, flags: VerifyFlags, command: Command) => {
      const session = openSession(cli, command);
      const options = await verifyOptions(flags);
      const report = await verifyEvidence(createReadStream(file), options).catch(unreadable(file));
      if (!report.valid) cli.exitCode = EXIT.failed;
      const data = Buffer.from(
        JSON.stringify({ valid: report.valid, problem: report.problem, ...facts(report) }),
      );
      await session.print(data, (terminal) => rendered(terminal, report));
      if (report.valid && flags.publicKey === undefined)
        session.terminal.say('Signed by the key shown: compare it with the one that the signer published.');
    });
}

async function verifyOptions({ publicKey, entity, state }: VerifyFlags): Promise<VerifyOptions> {
  const key = publicKey === undefined ? {} : { publicKey: Buffer.from(publicKey, 'base64') };
  if (entity === undefined && state === undefined) return key;
  const slash = entity?.indexOf('/') ?? -1;
  if (entity === undefined || state === undefined || slash < 1)
    throw new RewindError('field_invalid', '--entity type/id and --state FILE belong together');
  // Editors end a file with a line feed; the state has none.
  const text = (await readFile(state).catch(unreadable(state))).toString().replace(/\r?\n$/, '');
  const leaf = { entityType: entity.slice(0, slash), entityId: entity.slice(slash + 1) };
  return { ...key, entity: { ...leaf, state: Buffer.from(text) } };
}

type Report = Awaited<ReturnType<typeof verifyEvidence>>;

function facts({ manifest, publicKey, path }: Report) {
  return {
    public_key: publicKey,
    tenant_id: manifest?.tenant_id ?? null,
    job_id: manifest?.job_id ?? null,
    made_at: manifest?.made_at ?? null,
    verdict: manifest?.verdict ?? null,
    entities: manifest?.states.entities ?? null,
    merkle_root: manifest?.states.merkle_root ?? null,
    path,
  };
}

function rendered(terminal: Terminal, report: Report): string {
  const head = report.valid ? tint(terminal, 'green', 'valid') : tint(terminal, 'red', 'NOT VALID');
  const lines = Object.entries(facts(report))
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, string] => [
      name.replaceAll('_', ' '),
      name === 'path' ? `${(value as unknown[]).length} steps to the root` : textOf(value),
    ]);
  const problem = report.problem === null ? '' : `: ${report.problem}`;
  return `${head}${problem}\n${lines.length === 0 ? '' : renderFacts(terminal, lines)}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function unreadable(file: string): (cause: Error) => never {
  return (cause) => {
    throw new RewindError('file_unreadable', `${file}: ${cause.message}`, { cause });
  };
}

function unwritable(file: string): (cause: Error) => never {
  return (cause) => {
    throw new RewindError('file_unreadable', `${file} cannot be written: ${cause.message}`, { cause });
  };
}
