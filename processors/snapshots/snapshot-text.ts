/**
 * A stored snapshot as people read it: states and diff as JSON texts, made from the shapes and values of a row and of the
 * row before it, byte for byte as the views make them (schemas/clickhouse/0004_views.sql). Pure.
 */

/** What a row of the table `snapshots` holds of a state. */
export interface StoredState {
  /** Names of the fields as JSON strings, joined by line feeds. */
  readonly shape: string;
  /** The value of each, joined by line feeds; empty: missing. */
  readonly state: string;
}

export interface SnapshotTexts {
  readonly before: string;
  readonly after: string;
  readonly diff: string;
}

/** `earlier`: the row before it in the run; null: the first of its entity. */
export function snapshotTexts(row: StoredState, earlier: StoredState | null): SnapshotTexts {
  const names = row.shape.split('\n');
  const after = row.state.split('\n');
  const before = valuesOf(names, row.shape, earlier);
  return {
    before: stateText(names, before),
    after: stateText(names, after),
    diff: diffText(names, before, after),
  };
}

/** The earlier row's values in the order of this row's names; a field that it did not know yet was missing. */
function valuesOf(names: readonly string[], shape: string, earlier: StoredState | null): string[] {
  if (earlier === null) return names.map(() => '');
  const values = earlier.state.split('\n');
  if (earlier.shape === shape) return values;
  const byName = new Map(earlier.shape.split('\n').map((name, i) => [name, values[i] ?? '']));
  return names.map((name) => byName.get(name) ?? '');
}

function stateText(names: readonly string[], values: readonly string[]): string {
  let text = '';
  for (let i = 0; i < names.length; i++) {
    if (values[i] === '') continue;
    text += `${text === '' ? '' : ','}${names[i]}:${values[i]}`;
  }
  return `{${text}}`;
}

function diffText(names: readonly string[], before: readonly string[], after: readonly string[]): string {
  const steps: string[] = [];
  for (let i = 0; i < names.length; i++) {
    const [was, is] = [before[i]!, after[i]!];
    if (was === is) continue;
    const operation = was === '' ? 'added' : is === '' ? 'removed' : 'modified';
    const values = (was === '' ? '' : `,"before":${was}`) + (is === '' ? '' : `,"after":${is}`);
    steps.push(`{"field":${names[i]}${values},"operation":"${operation}"}`);
  }
  return `[${steps.join(',')}]`;
}
