/** What the demo says: steps with their seconds, the mistake that the replay brought to light, what to try next. */
import type { JobView, SnapshotView } from '../../../processors/replay/service.js';
import { toJsonText } from '../../json/raw-json.js';
import { snapshotRow } from '../../views.js';
import { rowOf } from '../rows.js';
import { renderStep } from '../story.js';
import { type Column, renderTable } from '../table.js';
import { printable, type Terminal, tint } from '../terminal.js';
import { count } from '../values.js';
import type { BillingSearch, SuspectAccount } from './billing-search.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

/** `  12.3 s  what was done`. */
export function stepLine(screen: Screen, seconds: number, text: string): string {
  return `${tint(screen, 'cyan', `${seconds.toFixed(1).padStart(6)} s`)}  ${text}\n`;
}

export function heading(screen: Screen, text: string): string {
  return `\n${tint(screen, 'bold', text)}\n\n`;
}

/** One line for a finished job. */
export function jobLine(job: JobView, log: 'embedded' | 'kafka'): string {
  const { counters, result, plan } = job;
  const again = log === 'kafka' && plan?.recordsToCollect === '0' ? ', nothing read from Kafka again' : '';
  const verdict = result === null ? '' : `, ${result.verdict.exactness}`;
  return `${job.tenantId}: ${count(counters.snapshots)} snapshots of ${count(counters.entities)} entities, ${count(counters.changed)} with a diff${verdict}${again}`;
}

const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

/** The mistake in a few sentences, every number from the run's snapshots. */
export function renderSearch(screen: Screen, tenant: string, search: BillingSearch): string {
  const { suspects } = search;
  const [first] = suspects;
  const head = heading(screen, `What the replay of ${tenant} brought to light`);
  if (first === undefined) {
    const few = `In ${count(search.accounts)} billing accounts no single event doubled the usage of the month.\n`;
    return `${head}${few}The story is short: the mistake in it shows from about 5,000 events on.\n`;
  }
  const corrected = suspects.filter(({ correctedAt }) => correctedAt !== null);
  const left = suspects.filter(({ correctedAt }) => correctedAt === null);
  const suspended = left.filter(({ suspendedAt }) => suspendedAt !== null);
  const twice = suspects.reduce((sum, { before }) => sum + before, 0);
  const lines = [
    `${count(suspects.length)} of ${count(search.accounts)} billing accounts had their usage of the month doubled by one event each,`,
    `all between ${minute(first.at)} and ${minute(suspects.at(-1)?.at ?? '')} UTC: ${count(twice)} tokens counted twice.`,
    `Corrected later: ${count(corrected.length)} (${planNames(corrected) || 'none'}). Never corrected: ${count(left.length)} (${planNames(left) || 'none'}).`,
    `Of these, suspended for tokens that they never used: ${count(suspended.length)}.`,
  ];
  return `${head}${lines.join('\n')}\n${renderSuspended(screen, suspended)}`;
}

function planNames(accounts: readonly SuspectAccount[]): string {
  return [...new Set(accounts.map(({ plan }) => plan))].sort().join(', ');
}

const SHOWN = 5;

function renderSuspended(screen: Screen, accounts: readonly SuspectAccount[]): string {
  if (accounts.length === 0) return '';
  const columns: Column<SuspectAccount>[] = [
    { title: 'ACCOUNT', value: (row) => row.accountId },
    { title: 'PLAN', value: (row) => row.plan },
    { title: 'DOUBLED AT', value: (row) => minute(row.at) },
    { title: 'TOKENS BEFORE', align: 'right', value: (row) => count(row.before) },
    { title: 'AFTER', align: 'right', value: (row) => count(row.after) },
    { title: 'SUSPENDED AT', value: (row) => minute(row.suspendedAt ?? '') },
    { title: 'AT THE END', value: (row) => row.statusAtEnd },
  ];
  const more = accounts.length - SHOWN;
  const rest = more > 0 ? `${tint(screen, 'dim', `and ${count(more)} more`)}\n` : '';
  return `\n${renderTable(screen, columns, accounts.slice(0, SHOWN))}${rest}`;
}

/** Whose history is told: one that was suspended and never corrected, else any that was hit. */
export function mostTelling(search: BillingSearch): SuspectAccount | null {
  const { suspects } = search;
  const wronged = suspects.find((row) => row.correctedAt === null && row.suspendedAt !== null);
  return wronged ?? suspects[0] ?? null;
}

/** The history of one entity around the moments that matter; what lies between is counted. */
export function renderExcerpt(
  screen: Screen,
  title: string,
  history: readonly SnapshotView[],
  told: {
    /** Shown, with the step before and the step after. */
    readonly matters: (snapshot: SnapshotView) => boolean;
    /** The step that went wrong. */
    readonly wrong: (snapshot: SnapshotView) => boolean;
  },
): string {
  const shown = new Set<number>([0, history.length - 1]);
  history.forEach((snapshot, index) => {
    if (!told.matters(snapshot)) return;
    for (const near of [index - 1, index, index + 1]) shown.add(near);
  });
  const parts: string[] = [];
  let skipped = 0;
  const skip = () => {
    if (skipped > 0) parts.push(`${tint(screen, 'dim', `    … ${count(skipped)} more …`)}\n`);
    skipped = 0;
  };
  history.forEach((snapshot, index) => {
    if (!shown.has(index)) {
      skipped++;
      return;
    }
    skip();
    parts.push(renderStep(screen, rowOf(Buffer.from(toJsonText(snapshotRow(snapshot))))));
    if (told.wrong(snapshot))
      parts.push(`${tint(screen, 'red', '    ^ here the usage of the month is counted a second time')}\n`);
  });
  const head = `${tint(screen, 'bold', printable(title))}  ${tint(screen, 'dim', `${count(history.length)} snapshots`)}\n`;
  return `\n${head}\n${parts.join('')}`;
}

export interface NextSteps {
  readonly url: string;
  readonly defaultUrl: boolean;
  readonly tenant: string;
  readonly jobId: string;
  /** Type and id of an entity to look at, and a moment before its mistake. */
  readonly entity: readonly [type: string, id: string];
  readonly time: string;
}

/** Commands and addresses that work while the demo serves. */
export function renderNext(screen: Screen, next: NextSteps): string {
  const { tenant, jobId, entity } = next;
  const rewind = (words: string) =>
    `  npm run -s rewind -- ${words} --tenant ${tenant}${next.defaultUrl ? '' : ` --url ${next.url}`}\n`;
  const base = `${next.url}/tenants/${tenant}`;
  return [
    heading(screen, 'Try next, in another terminal'),
    rewind(`entity history ${entity.join(' ')} --limit 300`),
    rewind(`entity at ${entity.join(' ')} --time ${next.time}`),
    rewind(`timeline ${jobId}`),
    rewind(`replay get ${jobId}`),
    '\nor open\n\n',
    `  ${base}/entities/${entity.map(encodeURIComponent).join('/')}/history\n`,
    `  ${base}/replay-jobs\n`,
    `  ${base}/replay-jobs/${jobId}/dead-letters\n`,
  ].join('');
}
