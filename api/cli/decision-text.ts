/** Decisions and their transitions for people. */
import { TRANSITIONS } from '../../schemas/decision.js';
import type { Row } from './rows.js';
import { type Column, renderTable } from './table.js';
import { type Terminal, tint } from './terminal.js';
import { count } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

export function renderDecisions(screen: Screen, decisions: readonly Row[]): string {
  if (decisions.length === 0) return 'No decisions.\n';
  const columns: Column<Row>[] = [
    { title: 'TIME', value: (row) => row.text('timestamp') },
    { title: 'EVENT', value: (row) => row.text('event_id') },
    { title: 'TYPE', value: (row) => row.text('event_type') },
    { title: 'ENTITY', value: (row) => `${row.text('entity_type')} ${row.text('entity_id')}` },
    { title: 'BEFORE', value: (row) => row.text('before_error') || jsonOf(row, 'before') || row.text('was') },
    { title: 'NOW', value: (row) => row.text('error') || jsonOf(row, 'decision') || row.text('now') },
    { title: 'TRANSITION', value: (row) => row.text('transition') },
  ];
  return renderTable(screen, columns, decisions);
}

function jsonOf(row: Row, name: string): string {
  return row.raw(name) === 'null' ? '' : row.raw(name);
}

/** `2 deny to allow, 5 unchanged`; empty: nothing was decided. */
export function transitionsText(totals: Row): string {
  return TRANSITIONS.filter((name) => totals.number(name) > 0)
    .map((name) => `${count(totals.number(name))} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

/** One line of totals, then a line for each group with the event of its first sample. */
export function renderTransitions(screen: Screen, report: Row): string {
  const totals = transitionsText(report.row('totals'));
  const head = tint(screen, 'bold', `${count(report.number('decided'))} decided`);
  const line = totals === '' ? head : `${head}: ${totals}`;
  const groups = report.rows('groups');
  if (groups.length === 0) return `${line}\n`;
  const columns: Column<Row>[] = [
    { title: 'TRANSITION', value: (row) => row.text('transition') },
    { title: 'TYPE', value: (row) => row.text('event_type') },
    { title: 'WAS', value: (row) => row.text('was') },
    { title: 'NOW', value: (row) => row.text('now') },
    { title: 'EVENTS', align: 'right', value: (row) => count(row.number('count')) },
    { title: 'FOR EXAMPLE', value: (row) => row.rows('samples')[0]?.text('event_id') ?? '' },
  ];
  return `${line}\n\n${renderTable(screen, columns, groups)}`;
}
