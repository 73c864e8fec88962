/** Current state for people: which run it is, its entities, promotions, and what a promotion would change. */
import { prettyJson } from '../json/pretty.js';
import type { Row } from './rows.js';
import { type Column, renderFacts, renderTable } from './table.js';
import { printable, type Terminal } from './terminal.js';
import { count, duration } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

export function renderCurrent(screen: Screen, current: Row): string {
  const facts: [string, string][] = [
    ['run', current.text('job_id')],
    ['as of', `${current.text('as_of')}, ${duration(current.number('age_seconds'))} ago`],
    ['promoted', `${current.text('promoted_at')} by ${current.text('promoted_by')}`],
    ['entities', count(current.number('entities'))],
    ['verdict', verdictText(current.row('verdict'))],
    ['promotion', current.text('promotion_id')],
    ['followed', followedText(current.row('following'))],
  ];
  if (current.text('reason') !== '') facts.push(['reason', current.text('reason')]);
  return renderFacts(screen, facts);
}

/** `no`, `yes, 12 records behind, the oldest 3 s`. */
function followedText(following: Row): string {
  if (following.raw('on') === 'false') return 'no';
  const records = following.text('lag_records');
  if (records === '' || records === '0') return 'yes, nothing is behind';
  const seconds = following.raw('lag_seconds');
  const oldest = seconds === 'null' ? '' : `, the oldest ${duration(Number(seconds))}`;
  return `yes, ${count(Number(records))} records behind${oldest}`;
}

export function renderCurrentEntities(screen: Screen, entities: readonly Row[]): string {
  if (entities.length === 0) return 'No such entities.\n';
  return renderTable(
    screen,
    [
      { title: 'TYPE', value: (row) => row.text('entity_type') },
      { title: 'ID', whole: true, value: (row) => row.text('entity_id') },
      { title: 'LAST EVENT', value: (row) => row.text('occurred_at').slice(0, 19) },
      { title: 'STATE', value: (row) => row.raw('state') },
    ],
    entities,
  );
}

export function renderCurrentEntity(screen: Screen, entity: Row): string {
  const facts: [string, string][] = [
    ['entity', `${entity.text('entity_type')} ${entity.text('entity_id')}`],
    ['last event', `${entity.text('event_id')} at ${entity.text('occurred_at')}`],
  ];
  const state = prettyJson(entity.raw('state')).split('\n').map(printable).join('\n');
  return `${renderFacts(screen, facts)}${state}\n`;
}

export function renderPromotion(screen: Screen, promotion: Row): string {
  const facts: [string, string][] = [
    ['promotion', promotion.text('promotion_id')],
    ['run', promotion.text('job_id')],
    ['status', statusText(promotion)],
    ['as of', promotion.text('as_of')],
    [
      promotion.text('act') === 'revert' ? 'reverted' : 'promoted',
      `${promotion.text('asked_at')} by ${promotion.text('actor')}`,
    ],
    ['verdict', verdictText(promotion.row('verdict'))],
  ];
  if (promotion.text('entities') !== '') facts.push(['entities', count(promotion.number('entities'))]);
  if (promotion.text('reason') !== '') facts.push(['reason', promotion.text('reason')]);
  return renderFacts(screen, facts);
}

export function renderPromotions(screen: Screen, promotions: readonly Row[]): string {
  if (promotions.length === 0) return 'Nothing has been promoted.\n';
  return renderTable(
    screen,
    [
      { title: 'PROMOTION', whole: true, value: (row) => row.text('promotion_id') },
      { title: 'ACT', value: (row) => row.text('act') },
      { title: 'RUN', whole: true, value: (row) => row.text('job_id') },
      { title: 'STATUS', whole: true, value: (row) => row.text('status') },
      { title: 'AS OF', whole: true, value: (row) => row.text('as_of').slice(0, 16) },
      { title: 'WHEN', whole: true, value: (row) => row.text('asked_at').slice(0, 16) },
      { title: 'WHO', value: (row) => row.text('actor') },
      { title: 'REASON', value: (row) => row.text('reason') },
    ],
    promotions,
  );
}

const COUNTS = ['added', 'removed', 'changed', 'unchanged'] as const;

export function renderReview(screen: Screen, review: Row): string {
  const asOf = review.row('as_of');
  const current = review.text('current_job_id');
  const facts: [string, string][] = [
    ['current', current === '' ? 'nothing' : `${current}, as of ${asOf.text('current')}`],
    ['run', `${review.text('job_id')}, as of ${asOf.text('run')}`],
    ['verdict', verdictText(review.row('verdict'))],
  ];
  const counts: Column<Row>[] = COUNTS.map((name) => ({
    title: name.toUpperCase(),
    align: 'right',
    value: (row) => count(row.number(name)),
  }));
  const all = { ...review.row('totals'), text: () => 'all' };
  const types: Column<Row>[] = [{ title: 'ENTITIES', value: (row) => row.text('entity_type') }, ...counts];
  const fields = review.rows('fields');
  const byField: Column<Row>[] = [
    { title: 'TYPE', value: (row) => row.text('entity_type') },
    { title: 'FIELD', value: (row) => row.text('field') },
    { title: 'OPERATION', value: (row) => row.text('operation') },
    { title: 'ENTITIES', align: 'right', value: (row) => count(row.number('entities')) },
  ];
  return [
    renderFacts(screen, facts),
    renderTable(screen, types, [...review.rows('entity_types'), all]),
    fields.length === 0 ? 'No field changes.\n' : renderTable(screen, byField, fields),
  ].join('\n');
}

export function renderReviewed(screen: Screen, entities: readonly Row[]): string {
  if (entities.length === 0) return 'No entity changes.\n';
  return entities
    .map((entity) => {
      const head = `${entity.text('change')} ${entity.text('entity_type')} ${entity.text('entity_id')}\n`;
      const changes = entity
        .rows('changes')
        .map((step): [string, string] => [
          `  ${step.text('field')}`,
          `${step.raw('before') || '(none)'} → ${step.raw('after') || '(none)'}`,
        ]);
      return `${printable(head.trimEnd())}\n${changes.length === 0 ? '' : renderFacts(screen, changes)}`;
    })
    .join('');
}

function statusText(promotion: Row): string {
  const error = promotion.row('error').text('message');
  return error === '' ? promotion.text('status') : `${promotion.text('status')}: ${error}`;
}

function verdictText(verdict: Row): string {
  const reasons = (JSON.parse(verdict.raw('reasons') || '[]') as string[]).join(', ');
  return verdict.text('exactness') + (reasons === '' ? '' : ` (${reasons})`);
}
