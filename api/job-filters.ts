/** The filters of lists of jobs, as they stand in a query. */
import type { Static } from 'typebox';
import type { JobFilters } from '../processors/replay/job-list.js';
import { RewindError } from '../schemas/errors.js';
import type { JobFilterQuery } from '../schemas/http.js';
import type { JobStatus } from '../schemas/job.js';
import { momentOf } from './moment.js';

export function jobFiltersOf(query: Static<typeof JobFilterQuery>): JobFilters {
  const { status, type, label, created_from, created_to, created_by, name, parent_job_id, deleted } = query;
  const given = {
    // The pattern of the schema has checked each word.
    status: status?.split(',') as JobStatus[] | undefined,
    jobType: type,
    labels: label === undefined ? undefined : labelsOf(typeof label === 'string' ? [label] : label),
    createdFromMs: created_from === undefined ? undefined : msOf(created_from, '/created_from', 999_999n),
    createdToMs: created_to === undefined ? undefined : msOf(created_to, '/created_to', 0n),
    createdBy: created_by,
    name,
    parentJobId: parent_job_id,
    deleted,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Jobs are created at milliseconds: `up` rounds a start up to the next one. */
function msOf(text: string, pointer: string, up: bigint): number {
  return Number((momentOf(text, pointer) + up) / 1_000_000n);
}

function labelsOf(texts: readonly string[]): Record<string, string> {
  const labels = new Map<string, string>();
  for (const text of texts) {
    const [key, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
    if ((labels.get(key) ?? value) !== value)
      throw new RewindError('field_invalid', `no job has two values of the label ${key}`, {
        pointer: '/label',
      });
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
}
