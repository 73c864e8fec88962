/** How exports are answered: in the format that was named or is accepted, under a file name. */
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ExportFormat } from '../processors/results/contract.js';
import { EXPORT_TYPES } from '../schemas/http-exports.js';

/** The format of an export that names none: what its caller accepts. */
export function acceptedFormat(accept: string | undefined): ExportFormat {
  for (const format of ['csv', 'parquet'] as const) if (accept?.includes(EXPORT_TYPES[format])) return format;
  return 'ndjson';
}

/** `name`: of the file, without its ending. */
export function sendExport(reply: FastifyReply, rows: Readable, name: string, format: ExportFormat) {
  const file = `${name.replaceAll(/[^\w.-]/g, '_')}.${format}`;
  return reply
    .type(EXPORT_TYPES[format])
    .header('content-disposition', `attachment; filename="${file}"`)
    .header('cache-control', 'no-store')
    .send(rows);
}
