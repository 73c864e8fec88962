/** Tables for people: columns as wide as their content, the widest one cut so that a row fits the terminal. */
import { cut, printable, type Terminal, tint } from './terminal.js';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never cut, whatever the width: ids that the next command needs. */
  readonly whole?: boolean;
  readonly value: (row: Row) => string;
}

const GAP = '  ';
const NARROWEST = 8;

/** One header line and one line a row, no longer than `terminal.columns`. */
export function renderTable<Row>(
  terminal: Pick<Terminal, 'color' | 'columns'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => [...(line[index] ?? '')].length)),
  );
  shrink(
    widths,
    columns.map((column) => column.whole === true),
    terminal.columns - GAP.length * (columns.length - 1),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => padded(text, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  const header = tint(terminal, 'bold', line(columns.map((column) => column.title)));
  return `${[header, ...cells.map(line)].join('\n')}\n`;
}

/** Takes from the widest column that may be cut, again and again, until the sum fits. */
function shrink(widths: number[], whole: readonly boolean[], available: number): void {
  let over = widths.reduce((sum, width) => sum + width, 0) - available;
  while (over > 0) {
    const width = Math.max(0, ...widths.filter((_, index) => !whole[index]));
    const widest = widths.findIndex((one, index) => one === width && !whole[index]);
    if (width <= NARROWEST) return;
    widths[widest] = width - 1;
    over--;
  }
}

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const short = cut(text, width);
  const padding = ' '.repeat(Math.max(0, width - [...short].length));
  return align === 'right' ? padding + short : short + padding;
}

/** Label and value lines for one thing. */
export function renderFacts(
  terminal: Pick<Terminal, 'color' | 'columns'>,
  facts: readonly (readonly [string, string])[],
): string {
  const width = Math.max(...facts.map(([label]) => label.length));
  return facts
    .map(([label, value]) => `${tint(terminal, 'dim', label.padEnd(width))}  ${printable(value)}\n`)
    .join('');
}
