/**
 * What a server holds while it is asked by schemathesis: events of each kind, a job of each type, and the values that
 * lead requests to them. Made through the command line, as people do.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRewind } from '../../processors/testing/rewind-process.js';

const TENANT = 'acme';
const RANGE = [
  '--from',
  '1970-01-01T00:00:00Z',
  '--to',
  '2100-01-01T00:00:00Z',
  '--watch',
  '--allow-failures',
];

/** @returns config files, one for each job: schemathesis takes one value for a parameter */
export async function fillStore(url: string, directory: string): Promise<string[]> {
  const place = { cwd: directory, env: { REWIND_URL: url, REWIND_TENANT: TENANT } };
  const must = async (argv: readonly string[], stdin = ''): Promise<string> => {
    const { code, out, err } = await runRewind(argv, { ...place, stdin });
    // 6: some of the random events are wrong on purpose.
    if (code !== 0 && code !== 6) throw new Error(`rewind ${argv.join(' ')} ended with ${code}: ${err}`);
    return out;
  };
  const events = await must(['generate', '--kind', 'random', '--events', '500', '--entities', '20']);
  await must(['ingest', '-', '--allow-failures'], events);
  const entityOf = async (job: string): Promise<Entity> => {
    const rows = await must(['timeline', job, '--limit', '1', '--output', 'json']).catch(() => '[]');
    const [first] = JSON.parse(rows) as { entity_type: string; entity_id: string }[];
    return { type: first?.entity_type ?? 'content', id: first?.entity_id ?? 'content-1' };
  };
  const configs: string[] = [];
  for (const type of ['StateRebuild', 'DryRun', 'DecisionOnly']) {
    const job = JSON.parse(
      await must(['replay', 'create', '--type', type, ...RANGE, '--output', 'json']),
    ) as { job_id: string };
    const config = join(directory, `${type}.toml`);
    writeFileSync(config, toml(job.job_id, await entityOf(job.job_id)));
    configs.push(config);
  }
  return configs;
}

interface Entity {
  readonly type: string;
  readonly id: string;
}

function toml(job: string, entity: Entity): string {
  const table = (name: string, values: Readonly<Record<string, string | number>>): string =>
    `${name}\n${Object.entries(values)
      .map(([key, value]) => `"path.${key}" = ${JSON.stringify(value)}`)
      .join('\n')}\n`;
  return [
    `headers = { x-tenant-id = "${TENANT}" }\n`,
    table('[parameters]', { tenant_id: TENANT, job_id: job, id: job, index: 3, version: 1, other: 1 }),
    '[[operations]]\ninclude-path-regex = "/entities/"\n',
    table('[operations.parameters]', { ...entity }),
  ].join('\n');
}
