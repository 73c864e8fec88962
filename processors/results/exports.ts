/** Exports hold a place of the store for as long as their reader takes: a few at once, and no more. */
import type { Readable } from 'node:stream';
import { RewindError } from '../../schemas/errors.js';
import type { JobFilters } from '../replay/job-list.js';
import type { Runs } from '../replay/runs.js';
import type { RunExports } from '../store/run-exports.js';
import type {
  AuditExportFilters,
  ExportFilters,
  ExportFormat,
  ExportKind,
  Exports,
  TenantExportKind,
} from './contract.js';

export class LimitedExports implements Exports {
  readonly #runs: Runs;
  readonly #exports: RunExports;
  readonly #most: number;
  #open = 0;

  constructor(runs: Runs, exports: RunExports, most: number) {
    this.#runs = runs;
    this.#exports = exports;
    this.#most = most;
  }

  async stream(
    tenantId: string,
    jobId: string,
    kind: ExportKind,
    format: ExportFormat,
    filters: ExportFilters,
  ): Promise<Readable> {
    const run = await this.#runs.facts(tenantId, jobId);
    return this.#limited(() => this.#exports.stream(run.jobId, kind, format, filters));
  }

  comparison(comparisonId: string, format: ExportFormat, filters: ExportFilters): Promise<Readable> {
    return this.#limited(() => this.#exports.stream(comparisonId, 'differences', format, filters));
  }

  streamOfTenant(
    tenantId: string,
    kind: TenantExportKind,
    format: ExportFormat,
    filters: ExportFilters,
  ): Promise<Readable> {
    return this.#limited(() => this.#exports.stream(tenantId, kind, format, filters));
  }

  jobs(tenantId: string, format: ExportFormat, filters: JobFilters): Promise<Readable> {
    return this.#limited(() => this.#exports.jobs(tenantId, format, filters));
  }

  auditEntries(tenantId: string, format: ExportFormat, filters: AuditExportFilters): Promise<Readable> {
    return this.#limited(() => this.#exports.auditEntries(tenantId, format, filters));
  }

  async #limited(open: () => Promise<Readable>): Promise<Readable> {
    if (this.#open >= this.#most)
      throw new RewindError(
        'exports_busy',
        `${this.#open} exports run here, as many as http.exportsMax allows`,
      );
    this.#open++;
    try {
      const rows = await open();
      rows.once('close', () => this.#open--);
      return rows;
    } catch (error) {
      this.#open--;
      throw error;
    }
  }
}
