/** The report of a dry run for people. */
import { differenceGroups, totalsLine } from './difference-text.js';
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

function section(screen: Screen, title: string, columns: Column<Row>[], rows: readonly Row[]): string {
  return rows.length === 0 ? '' : `${tint(screen, 'bold', title)}\n${renderTable(screen, columns, rows)}`;
}

function renderBaseline(screen: Screen, baseline: Row): string {
  const line = `Against encoding ${baseline.number('encoding_version')}: ${totalsLine(baseline.row('totals'), 'there', 'here')}\n`;
  const sides = { a: 'only in the baseline', b: 'only in this run' };
  const table = differenceGroups(screen, baseline.rows('signatures'), sides);
  return table === '' ? line : `${line}\n${tint(screen, 'bold', 'Ways in which entities differ')}\n${table}`;
}
