/** The report of a dry run for people. */
import type { Row } from './rows.js';
import { type Column, renderTable } from './table.js';
import { type Terminal, tint } from './terminal.js';
import { count } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

/** Events, fields and failures by group; then, where there is a baseline, how many entities differ and in which ways. */
export function renderReport(screen: Screen, report: Row): string {
  const parts = [
    section(screen, 'Events', EVENTS, report.rows('events')),
    section(screen, 'Fields', FIELDS, report.rows('fields')),
    section(screen, 'Failures', FAILURES, report.rows('failures')),
  ];
  if (report.raw('cut') === 'true') parts.push('Only the largest groups are listed.\n');
  if (report.raw('baseline') !== 'null') parts.push(renderBaseline(screen, report.row('baseline')));
  return parts.filter((part) => part !== '').join('\n');
}

const EVENTS: Column<Row>[] = [
  { title: 'EVENT TYPE', value: (row) => row.text('event_type') },
  { title: 'ENTITY TYPE', value: (row) => row.text('entity_type') },
  { title: 'EVENTS', align: 'right', value: (row) => count(row.number('events')) },
  { title: 'WITH CHANGES', align: 'right', value: (row) => count(row.number('changed')) },
  { title: 'ENTITIES', align: 'right', value: (row) => count(row.number('entities')) },
];

const FIELDS: Column<Row>[] = [
  { title: 'ENTITY TYPE', value: (row) => row.text('entity_type') },
  { title: 'FIELD', value: (row) => row.text('field') },
  { title: 'OPERATION', value: (row) => row.text('operation') },
  { title: 'CHANGES', align: 'right', value: (row) => count(row.number('changes')) },
  { title: 'ENTITIES', align: 'right', value: (row) => count(row.number('entities')) },
];

const FAILURES: Column<Row>[] = [
  { title: 'KIND', value: (row) => row.text('kind') },
  { title: 'STAGE', value: (row) => row.text('stage') },
  { title: 'CODE', value: (row) => row.text('code') },
  { title: 'EVENTS', align: 'right', value: (row) => count(row.number('count')) },
];

const SIGNATURES: Column<Row>[] = [
  { title: 'ENTITIES', align: 'right', value: (row) => count(row.number('entities')) },
  { title: 'ENTITY TYPE', value: (row) => row.text('entity_type') },
  { title: 'WHAT DIFFERS', value: whatDiffers },
  { title: 'FOR EXAMPLE', value: (row) => row.rows('samples')[0]?.text('entity_id') ?? '' },
];

function section(screen: Screen, title: string, columns: Column<Row>[], rows: readonly Row[]): string {
  return rows.length === 0 ? '' : `${tint(screen, 'bold', title)}\n${renderTable(screen, columns, rows)}`;
}

function renderBaseline(screen: Screen, baseline: Row): string {
  const totals = baseline.row('totals');
  const of = (name: string): string => count(totals.number(name));
  const line =
    `Against encoding ${baseline.number('encoding_version')}: ${of('unchanged')} of ${of('entities')} entities alike, ` +
    `${of('differing')} end otherwise, ${of('history_only')} differ only on the way, ` +
    `${of('only_a')} only there, ${of('only_b')} only here\n`;
  const table = section(screen, 'Ways in which entities differ', SIGNATURES, baseline.rows('signatures'));
  return table === '' ? line : `${line}\n${table}`;
}

function whatDiffers(row: Row): string {
  const presence = { only_a: 'only in the baseline', only_b: 'only in this run' }[row.text('presence')];
  if (presence !== undefined) return presence;
  const changes = row.rows('changes').map((change) => {
    const field = change.raw('field') === 'null' ? 'entity' : change.text('field');
    return `${field} ${change.text('operation')}`;
  });
  const text = changes.join(', ');
  return row.raw('final_differs') === 'true' ? text : `on the way: ${text || 'states differed'}`;
}
