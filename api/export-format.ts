/** The format of an export that names none: what its caller accepts. */
import type { ExportFormat } from '../processors/results/contract.js';
import { EXPORT_TYPES } from '../schemas/http-exports.js';

export function acceptedFormat(accept: string | undefined): ExportFormat {
  for (const format of ['csv', 'parquet'] as const) if (accept?.includes(EXPORT_TYPES[format])) return format;
  return 'ndjson';
}
