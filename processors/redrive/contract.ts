/** Dead letters as api/ sees them: what a run could not process, the records behind them, and reading those again. */
import type { ErrorCode } from '../../schemas/errors.js';
import type { DeadLetterView, Page } from '../replay/service.js';

export interface DeadLetter extends DeadLetterView {
  /** Names the letter within its run. */
  readonly id: string;
  /** Registry id of the record's schema; -1: none. */
  readonly schemaId: number;
  /** The record could be read since: a run that is made now has its events. */
  readonly redriven: boolean;
}

export interface DeadLetterFilters {
  readonly kind?: DeadLetter['kind'];
  readonly stage?: string;
  readonly code?: string;
  readonly topicId?: string;
  readonly partition?: number;
  /** Event time, or record time where there is none; both ends included. Nanoseconds since 1970. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
}

/** A record as it was produced. Null: the log had none; undefined: these bytes were not kept as such. */
export interface LetterRecord {
  readonly topic: string;
  readonly recordTime: string;
  readonly key: Buffer | null | undefined;
  readonly value: Buffer | null | undefined;
  readonly headers: readonly (readonly [string, Buffer | null])[];
  readonly schemaId: number;
  /** Canonical JSON of the payload, with every digit; null: the record did not decode. */
  readonly payloadJson: string | null;
}

export interface RedriveResult {
  /** Letters that were looked at: at most deadLetters.redriveMax, of those that the filters select. */
  readonly selected: number;
  /** Records that can be read now: runs that are made from now on have their events. */
  readonly decoded: number;
  /** Of these, those of a call before. */
  readonly already: number;
  readonly failed: number;
  /** Letters of events that were read, and failed later: another encoding helps them, in a rerun. */
  readonly needRerun: number;
  /** The first of those that failed again, with the reason of today. */
  readonly failures: readonly { readonly id: string; readonly code: ErrorCode; readonly error: string }[];
  /** True: there are more letters than one call looks at; the same call goes on. */
  readonly more: boolean;
}

/** All reject with job_not_found, and with rows_dropped where the run keeps no rows. */
export interface DeadLetters {
  list(
    tenantId: string,
    jobId: string,
    page: DeadLetterFilters & { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<DeadLetter>>;
  /** Rejects with dead_letter_not_found. */
  get(tenantId: string, jobId: string, id: string): Promise<DeadLetter>;
  /** Rejects with dead_letter_not_found, and record_gone where the archive does not hold it any more. */
  record(tenantId: string, jobId: string, id: string): Promise<LetterRecord>;
  /**
   * Reads the records of letters of the decode stage again, by the sources and schemas of now, and puts what can be read
   * into the archive in place of the failure. Repeating it changes nothing more. Rejects with redrive_unsupported for runs
   * that read the log themselves.
   */
  redrive(tenantId: string, jobId: string, filters: DeadLetterFilters): Promise<RedriveResult>;
}
