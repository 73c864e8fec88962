/** Decision logs and their replay, as the API sees them. */
import type { LogAppender } from '../replay/service.js';
import type { IngestResult } from '../sources/ingest-event.js';

/** Where uploaded decisions go. */
export interface DecisionLogs extends Pick<LogAppender, 'append'> {
  /** One decision as OPA logs it. `partitionName`: the name behind `/logs/`; empty: none. */
  parse(text: Buffer, tenantId: string, partitionName: string): IngestResult;
}
