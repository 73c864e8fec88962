/** The package's public door: open Rewind in a process of your own, and the words it speaks. */
export type { Config } from '../schemas/config.js';
export type { Encoding } from '../schemas/encoding.js';
export { ERRORS, type ErrorCode, RewindError } from '../schemas/errors.js';
export type { AuditEvent, Coordinates } from '../schemas/event.js';
export type { JobResult, JobSpec, JobStatus, ReplayPlan, Verdict } from '../schemas/job.js';
export { loadConfig } from './config/load.js';
export type { JobView, ReplayService, SnapshotView, TimelineEntry } from './replay/service.js';
export { createTelemetry, type Telemetry } from './telemetry.js';
export { openRewind, type Rewind } from './topology.js';
