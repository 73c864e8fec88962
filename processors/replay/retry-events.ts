/** Tries that failed and will be repeated, as the log has them. */
import { RewindError } from '../../schemas/errors.js';
import type { Telemetry } from '../telemetry.js';

export type OnRetry = (jobId: string, what: string, error: unknown) => void;

export function loggedRetries(telemetry: Telemetry): OnRetry {
  return (jobId, unit, error) => {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof RewindError ? `${error.code}: ${message}` : message;
    telemetry.event('unit.retry', { jobId, unit, code, attempt: 0 });
  };
}
