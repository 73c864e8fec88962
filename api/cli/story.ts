/**
 * Snapshots told as a story: when, what happened, then each field that changed: `+` added, `-` removed,
 * `~` before → after. Values are the store's JSON text with every digit, cut to the terminal's width.
 */
import type { Row } from './rows.js';
import { cut, printable, type Terminal, tint } from './terminal.js';

type Screen = Pick<Terminal, 'color' | 'columns'>;

const INDENT = '    ';
const FIELD_MAX = 28;
const VALUE_MIN = 12;

/** The history of one entity, oldest first. */
export function renderHistory(screen: Screen, title: string, snapshots: readonly Row[]): string {
  const count = `${snapshots.length} ${snapshots.length === 1 ? 'snapshot' : 'snapshots'}`;
  const head = `${tint(screen, 'bold', printable(title))}  ${tint(screen, 'dim', count)}\n`;
  return `${head}\n${snapshots.map((row) => renderStep(screen, row)).join('\n')}`;
}

/** A snapshot that was looked for, with its entity. */
export function renderFound(screen: Screen, snapshot: Row): string {
  const entity = `${snapshot.text('entity_type')} ${snapshot.text('entity_id')}`;
  return `${tint(screen, 'bold', printable(entity))}\n\n${renderStep(screen, snapshot)}`;
}

/** One snapshot: its line, and a line for each changed field. */
export function renderStep(screen: Screen, snapshot: Row): string {
  const time = snapshot.text('timestamp').padEnd(20);
  const ended = snapshot.raw('exists') === 'false' ? '  (entity ended)' : '';
  // A history is in the entity's own order; only a snapshot asked for by its timeline index has one.
  const index = snapshot.text('snapshot_index');
  const place = index === '' ? '' : `#${index}`;
  const type = printable(snapshot.text('event_type'));
  const left = `${time}  ${type}${ended}`;
  const gap = place === '' ? '' : ' '.repeat(Math.max(2, screen.columns - [...left].length - place.length));
  const head = `${tint(screen, 'dim', time)}  ${tint(screen, 'bold', type)}${tint(screen, 'red', ended)}`;
  const changes = snapshot.rows('diff');
  const lines =
    changes.length === 0
      ? [tint(screen, 'dim', `${INDENT}nothing changed`)]
      : ended !== ''
        ? [renderEnd(screen, changes)]
        : renderChanges(screen, changes);
  return `${head}${gap}${tint(screen, 'dim', place)}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** The end of an entity removes every field: their names say enough, the steps above show the values. */
function renderEnd(screen: Screen, changes: readonly Row[]): string {
  const names = changes.map((change) => printable(change.text('field')) || '""').join(', ');
  return tint(screen, 'red', cut(`${INDENT}- ${names}`, screen.columns));
}

function renderChanges(screen: Screen, changes: readonly Row[]): string[] {
  const names = changes.map((change) => cut(printable(change.text('field')) || '""', FIELD_MAX));
  const width = Math.max(...names.map((name) => [...name].length));
  return changes.map((change, index) => {
    const name = names[index] ?? '';
    const label = `${name}${' '.repeat(width - [...name].length)}`;
    const room = Math.max(2 * VALUE_MIN, screen.columns - INDENT.length - 2 - width - 2);
    switch (change.text('operation')) {
      case 'added':
        return tint(screen, 'green', `${INDENT}+ ${label}  ${value(change.raw('after'), room)}`);
      case 'removed':
        return tint(screen, 'red', `${INDENT}- ${label}  ${value(change.raw('before'), room)}`);
      default:
        return tint(screen, 'yellow', `${INDENT}~ ${label}  ${beforeAfter(change, room)}`);
    }
  });
}

/** Both sides share the room; what a short side leaves goes to the long one. */
function beforeAfter(change: Row, room: number): string {
  const available = room - ' → '.length;
  const before = printable(change.raw('before'));
  const after = printable(change.raw('after'));
  const half = Math.floor(available / 2);
  const beforeRoom = Math.max(half, available - [...after].length);
  const afterRoom = Math.max(available - half, available - [...before].length);
  return `${cut(before, beforeRoom)} → ${cut(after, afterRoom)}`;
}

function value(json: string, room: number): string {
  return cut(printable(json), room);
}
