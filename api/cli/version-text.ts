/** Versions, their differences and previews for people. */
import { prettyJson } from '../json/pretty.js';
import type { Row } from './rows.js';
import { type Column, renderFacts, renderTable } from './table.js';
import { cut, printable, type Terminal, tint } from './terminal.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

export function renderVersions(screen: Screen, versions: readonly Row[]): string {
  const columns: Column<Row>[] = [
    { title: 'VERSION', align: 'right', whole: true, value: (row) => row.text('version') },
    { title: 'NAME', value: (row) => row.text('name') },
    { title: 'BY', value: (row) => row.text('created_by') || 'built in' },
    { title: 'CREATED', value: (row) => row.text('created_at').slice(0, 16) },
    { title: 'REVISES', align: 'right', value: (row) => row.text('revises') },
    { title: 'NOTE', value: (row) => row.text('note') },
  ];
  return renderTable(screen, columns, versions);
}

export function renderVersion(screen: Screen, version: Row): string {
  const by = version.text('created_by');
  const facts: [string, string][] = [
    ['version', version.text('version')],
    ['name', version.text('name')],
    ['created', by === '' ? 'built in' : `${version.text('created_at')} by ${by}`],
    ['hash', version.text('hash')],
  ];
  if (version.text('revises') !== '') facts.push(['revises', version.text('revises')]);
  if (version.text('note') !== '') facts.push(['note', version.text('note')]);
  const definition = prettyJson(version.raw('definition')).split('\n').map(printable).join('\n');
  return `${renderFacts(screen, facts)}\n${definition}\n`;
}

/** A line for each pointer, and below it what stood there and what does now. */
export function renderDiff(screen: Screen, changes: readonly Row[]): string {
  if (changes.length === 0) return 'No difference.\n';
  return changes
    .map((change) => {
      const order = change.text('op') === 'order' ? ' (order)' : '';
      const side = (sign: string, colour: 'red' | 'green', json: string) =>
        json === '' ? '' : `${tint(screen, colour, cut(printable(`  ${sign} ${json}`), screen.columns))}\n`;
      const head = `${tint(screen, 'bold', printable(change.text('pointer') || '/'))}${order}\n`;
      return head + side('-', 'red', change.raw('before')) + side('+', 'green', change.raw('after'));
    })
    .join('');
}

export function renderProblems(problems: readonly Row[]): string {
  if (problems.length === 0) return 'Valid.\n';
  return problems
    .map((problem) => `${printable(problem.text('pointer'))}: ${printable(problem.text('message'))}\n`)
    .join('');
}

interface PreviewLine {
  readonly event: Row;
  /** Null: the event changes none. */
  readonly entity: Row | null;
}

/** A line for each event and entity: which rule, what changed, and what rules decided. */
export function renderEventPreview(screen: Screen, events: readonly Row[]): string {
  if (events.length === 0) return 'No events.\n';
  const lines = events.flatMap((event): PreviewLine[] => {
    const entities = event.rows('entities');
    return entities.length === 0 ? [{ event, entity: null }] : entities.map((entity) => ({ event, entity }));
  });
  const columns: Column<PreviewLine>[] = [
    { title: 'EVENT', value: ({ event }) => event.text('event_id') },
    { title: 'TYPE', value: ({ event }) => event.text('event_type') },
    { title: 'OUTCOME', value: ({ event }) => event.text('outcome') },
    { title: 'RULE', value: ({ event }) => event.row('rule').text('match') },
    {
      title: 'ENTITY',
      value: ({ entity }) =>
        entity === null ? '' : `${entity.text('entity_type')} ${entity.text('entity_id')}`,
    },
    { title: 'CHANGES', value: ({ entity }) => (entity === null ? '' : changesOf(entity)) },
  ];
  if (lines.some(({ entity }) => entity?.raw('decision')))
    columns.push({
      title: 'DECISION',
      value: ({ entity }) => {
        const decided = entity?.row('decision');
        return !decided?.text('now') ? '' : `${decided.text('was')} → ${decided.text('now')}`;
      },
    });
  return renderTable(screen, columns, lines);
}

function changesOf(entity: Row): string {
  if (entity.text('error') !== '') return entity.text('error');
  const ended = entity.raw('exists') === 'false' ? 'ended' : '';
  const changes = entity.rows('diff').map((change) => {
    const field = change.text('field');
    if (change.text('operation') === 'removed') return `-${field}`;
    return `${change.text('operation') === 'added' ? '+' : '~'}${field}=${change.raw('after')}`;
  });
  return ended || changes.join(' ') || 'nothing';
}

export function renderRecordPreview(screen: Screen, records: readonly Row[]): string {
  if (records.length === 0) return 'No records.\n';
  const event = (row: Row, name: string) => row.row('event').text(name);
  return renderTable(
    screen,
    [
      { title: 'RECORD', align: 'right', value: (row) => row.text('index') },
      { title: 'EVENT', value: (row) => event(row, 'event_id') },
      { title: 'TYPE', value: (row) => event(row, 'event_type') },
      { title: 'TIME', value: (row) => event(row, 'occurred_at') },
      { title: 'ENTITY', value: (row) => `${event(row, 'entity_type')} ${event(row, 'entity_id')}`.trim() },
      {
        title: 'PROBLEM',
        value: (row) => (row.text('code') === '' ? '' : `${row.text('code')}: ${row.text('error')}`),
      },
    ],
    records,
  );
}
