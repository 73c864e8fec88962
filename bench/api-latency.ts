/**
 * How long the API takes to answer from a large run, through the views that everyone reads: many single requests at
 * random places, one after the other, over HTTP. Percentiles in milliseconds.
 */

import { Prng } from '../processors/generate/prng.js';
import { SCALE_TENANT } from '../processors/generate/scale.js';
import type { Ours } from './ours.js';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly requests: number;
}

interface TimelineRow {
  readonly entity_type: string;
  readonly entity_id: string;
}

/** Requests of each kind; the first tenth of them warms up and does not count. */
export async function apiLatencies(
  ours: Ours,
  jobId: string,
  snapshots: number,
  requests: number,
): Promise<Record<string, Latency>> {
  const prng = new Prng(7, 1);
  const job = `/tenants/${SCALE_TENANT}/replay-jobs/${jobId}`;
  const anywhere = (): number => prng.int(0, snapshots - 101);
  const sample: TimelineRow[] = [];
  for (let i = 0; i < 20; i++)
    sample.push(...(await ours.get<TimelineRow[]>(`${job}/timeline?from=${anywhere()}&limit=100`)));
  const entity = (): string => {
    const { entity_type, entity_id } = prng.pick(sample);
    return `/tenants/${SCALE_TENANT}/entities/${encodeURIComponent(entity_type)}/${encodeURIComponent(entity_id)}`;
  };
  const changes = async (): Promise<void> => {
    const { entity_type, entity_id } = prng.pick(sample);
    await ours.store.query(
      `SELECT occurred_at, field, operation, change FROM ${ours.store.t('v1_field_changes')}
       WHERE job_id = {jobId:String} AND entity_hash = sipHash64({type:String}, {id:String})
         AND entity_type = {type:String} AND entity_id = {id:String} AND field = 'status'
       ORDER BY fold_seq LIMIT 100`,
      { jobId, type: entity_type, id: entity_id },
    );
  };
  const kinds: Record<string, () => Promise<unknown>> = {
    'timeline page (100 rows)': () => ours.get(`${job}/timeline?from=${anywhere()}&limit=100`),
    'snapshot by index': () => ours.get(`${job}/snapshots/${anywhere()}`),
    'entity history (100 snapshots)': () => ours.get(`${entity()}/history?job_id=${jobId}`),
    'entity state at the end': () => ours.get(`${entity()}?job_id=${jobId}`),
    'field changes of an entity (SQL, v1_field_changes)': changes,
    'job with progress': () => ours.get(job),
  };
  const latencies: Record<string, Latency> = {};
  for (const [name, request] of Object.entries(kinds)) latencies[name] = await timed(request, requests);
  return latencies;
}

/** The first tenth warms up and does not count. */
export async function timed(request: () => Promise<unknown>, requests: number): Promise<Latency> {
  const warm = Math.ceil(requests / 10);
  const times: number[] = [];
  for (let i = 0; i < warm + requests; i++) {
    const started = performance.now();
    await request();
    if (i >= warm) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(10 * times[Math.min(times.length - 1, Math.floor(times.length * share))]!) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), requests };
}
