/** The impact of a policy change for people: on a terminal, and as Markdown for a pull request. */
import { type Counted, type ImpactTotal, memberOf } from './impact-total.js';
import { plain } from './rows.js';
import { type Column, renderTable } from './table.js';
import { cut, type Terminal } from './terminal.js';
import { count } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

const GROUPS_SHOWN = 20;
const VALUES_SHOWN = 5;
const RESULT_WIDTH = 60;

/** `240 decisions looked at: 12 changed, 228 unchanged`. */
export function impactLine(total: ImpactTotal): string {
  const seen = [...total.classes.values()].reduce((sum, one) => sum + one, 0);
  const parts = ['changed', 'failed', 'unchanged', 'not_reproduced', 'not_replayable']
    .filter((name) => name === 'changed' || total.count(name) > 0)
    .map((name) => `${count(total.count(name))} ${name.replace('_', ' ')}`);
  return `${count(seen)} decisions looked at: ${parts.join(', ')}`;
}

const text = (row: Counted, name: string) => plain(memberOf(row, name));
const resultOf = (row: Counted, name: string, word: string) => {
  const json = memberOf(row, name);
  return cut(json === 'null' || json === '' ? text(row, word) : json, RESULT_WIDTH);
};
const afterOf = (row: Counted) => cut(text(row, 'error'), RESULT_WIDTH) || resultOf(row, 'new_result', 'to');

const GROUPS: Column<Counted>[] = [
  { title: 'PATH', value: (row) => text(row, 'path') },
  { title: 'BEFORE', value: (row) => resultOf(row, 'result', 'from') },
  { title: 'AFTER', value: afterOf },
  { title: 'DECISIONS', align: 'right', value: (row) => count(row.count) },
  { title: 'FIRST SEEN', value: (row) => text(row, 'first_seen') },
  { title: 'LAST SEEN', value: (row) => text(row, 'last_seen') },
];

const REASONS: Column<Counted>[] = [
  { title: 'NOT COMPARED', value: (row) => text(row, 'class').replace('_', ' ') },
  { title: 'WHY', value: (row) => text(row, 'reason').replaceAll('_', ' ') },
  { title: 'DECISIONS', align: 'right', value: (row) => count(row.count) },
];

const ERRORS: Column<Counted>[] = [
  { title: 'NOT LOOKED AT', value: (row) => `${text(row, 'code')}: ${text(row, 'message')}` },
  { title: 'DECISIONS', align: 'right', value: (row) => count(row.count) },
];

export function renderImpact(screen: Screen, total: ImpactTotal): string {
  const groups = total.list('groups');
  const parts = [`${impactLine(total)}\n`];
  if (groups.length > 0) parts.push(renderTable(screen, GROUPS, groups.slice(0, GROUPS_SHOWN)));
  if (groups.length > GROUPS_SHOWN) parts.push(`${count(groups.length - GROUPS_SHOWN)} further groups\n`);
  for (const [path, values] of affectedOf(total)) parts.push(`${path}: ${values}\n`);
  if (total.list('reasons').length > 0) parts.push(renderTable(screen, REASONS, total.list('reasons')));
  if (total.list('errors').length > 0) parts.push(renderTable(screen, ERRORS, total.list('errors')));
  return parts.join('\n');
}

export function impactMarkdown(total: ImpactTotal, brokenConditions: readonly string[]): string {
  const groups = total.list('groups');
  const lines = ['## Policy impact', '', `${impactLine(total)}.`, ''];
  if (!total.complete) lines.push('**Not all of the log was looked at: the time was over.**', '');
  for (const one of brokenConditions) lines.push(`- :x: ${code(one)}`, '');
  const shown = groups.slice(0, GROUPS_SHOWN);
  if (shown.length > 0) {
    lines.push('| Path | Before | After | Decisions |', '|---|---|---|---:|');
    for (const row of shown)
      lines.push(
        `| ${code(text(row, 'path'))} | ${code(resultOf(row, 'result', 'from'))} | ${code(afterOf(row))} | ${count(row.count)} |`,
      );
    lines.push('');
  }
  if (groups.length > shown.length) lines.push(`${count(groups.length - shown.length)} further groups.`, '');
  for (const [path, values] of affectedOf(total)) lines.push(`- ${code(path)}: ${code(values)}`);
  for (const row of total.list('reasons'))
    lines.push(
      `- ${count(row.count)} ${text(row, 'class').replace('_', ' ')}: ${text(row, 'reason').replaceAll('_', ' ')}`,
    );
  return `${lines.join('\n').trimEnd()}\n`;
}

function affectedOf(total: ImpactTotal): [string, string][] {
  return [...total.affected].map(([path, values]) => {
    const sorted = [...values].sort(([, a], [, b]) => b - a);
    const shown = sorted.slice(0, VALUES_SHOWN).map(([value, n]) => `${plain(value) || value} (${count(n)})`);
    const rest = sorted.length > VALUES_SHOWN ? `, and ${count(sorted.length - VALUES_SHOWN)} more` : '';
    return [path, shown.join(', ') + rest];
  });
}

/** Text of others between backticks: neither a table nor a line may be ended by it. */
function code(value: string): string {
  const plainText = value.replaceAll('`', "'").replaceAll('|', '\\|').replace(/\s+/g, ' ');
  return `\`${plainText}\``;
}
