/** Entities that two folds see differently, in groups, for people. */
import type { Row } from './rows.js';
import { type Column, renderTable } from './table.js';
import type { Terminal } from './terminal.js';
import { count } from './values.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

/** What to call entities that only one side has. */
export interface Sides {
  readonly a: string;
  readonly b: string;
}

/** Empty where there is no group. */
export function differenceGroups(screen: Screen, groups: readonly Row[], sides: Sides): string {
  if (groups.length === 0) return '';
  const columns: Column<Row>[] = [
    { title: 'ENTITIES', align: 'right', value: (row) => count(row.number('entities')) },
    { title: 'ENTITY TYPE', value: (row) => row.text('entity_type') },
    { title: 'WHAT DIFFERS', value: (row) => whatDiffers(row, sides) },
    { title: 'FOR EXAMPLE', value: (row) => row.rows('samples')[0]?.text('entity_id') ?? '' },
  ];
  return renderTable(screen, columns, groups);
}

export function totalsLine(totals: Row, there: string, here: string): string {
  const of = (name: string): string => count(totals.number(name));
  return (
    `${of('unchanged')} of ${of('entities')} entities alike, ${of('differing')} end otherwise, ` +
    `${of('history_only')} differ only on the way, ${of('only_a')} only ${there}, ${of('only_b')} only ${here}`
  );
}

function whatDiffers(row: Row, sides: Sides): string {
  const presence = { only_a: sides.a, only_b: sides.b }[row.text('presence')];
  if (presence !== undefined) return presence;
  const changes = row.rows('changes').map((change) => {
    const field = change.raw('field') === 'null' ? 'entity' : change.text('field');
    return `${field} ${change.text('operation')}`;
  });
  const text = changes.join(', ');
  return row.raw('final_differs') === 'true' ? text : `on the way: ${text || 'states differed'}`;
}
