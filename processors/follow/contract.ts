/** What the API may ask about following, and for. All methods reject with RewindError. */

import type { StepTotals } from './totals.js';

export interface FollowStatus {
  /** Asked for; what is current is then followed, whichever run it is. */
  readonly on: boolean;
  /** Who asked for it last, and when; null: nobody ever did. */
  readonly actor: string | null;
  readonly since: string | null;
  /** The run whose states are current; null: none is. */
  readonly jobId: string | null;
  /** Steps that were made; null: none, the states are those of the run. */
  readonly step: string | null;
  /** When the last step was made. */
  readonly stepAt: string | null;
  /** Records of the archive that are not in the current state yet; null: nothing is current. */
  readonly lagRecords: string | null;
  /** Age of the oldest of the tenant's events among them; null: there is none. */
  readonly lagSeconds: number | null;
  /** The last step that the output topics of the run have; null: none, or the run has none. */
  readonly toldStep: string | null;
  /** Steps that they do not have yet; null: the run has no output topics. */
  readonly untoldSteps: number | null;
  /** Why the last step could not be made; null: it was. It is tried again. */
  readonly error: { readonly code: string; readonly message: string; readonly at: string } | null;
}

/** Of all tenants whose current state is followed. */
export interface FollowFigures {
  readonly sets: number;
  readonly failing: number;
  readonly lagRecords: number;
  /** Of the tenant that is furthest behind. */
  readonly lagSeconds: number;
  /** Steps that output topics do not have yet. */
  readonly untoldSteps: number;
  /** Over all steps of these sets. */
  readonly totals: StepTotals;
}

export interface Following {
  status(tenantId: string): Promise<FollowStatus>;
  /** Rejects with follow_unsupported where the current run cannot be followed. What is so already stays so. */
  turn(tenantId: string, on: boolean, actor: string): Promise<FollowStatus>;
  figures(): Promise<FollowFigures>;
}
