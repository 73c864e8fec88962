/** A record as the archive kept it: its bytes, where the row holds them. */
import type { RawRecord } from '../../schemas/event.js';
import type { KeptRecord } from '../store/dead-letters.js';
import type { RawBytes } from './raw-record.js';

/** Undefined: these bytes were not kept as such. */
export function keptBytes(row: KeptRecord): RawBytes {
  return {
    key:
      row.key_is === 'stored'
        ? Buffer.from(row.key, 'base64')
        : row.key_is === 'entity_id'
          ? Buffer.from(row.entity_id)
          : row.key_is === 'null'
            ? null
            : undefined,
    value:
      row.value_is === 'stored'
        ? Buffer.from(row.value, 'base64')
        : row.value_is === 'null'
          ? null
          : undefined,
  };
}

export function headersOf(json: string): RawRecord['headers'] {
  if (json === '') return [];
  const headers = JSON.parse(json) as [string, string | null][];
  return headers.map(([name, value]) => [name, value === null ? null : Buffer.from(value, 'base64')]);
}
