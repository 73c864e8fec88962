/** What the API is built from, and what each route gets of it. */
import type { AccessParts } from '../processors/access/open.js';
import type { CompareServices } from '../processors/compare/contract.js';
import type { CurrentServices } from '../processors/current/contract.js';
import type { Evidence } from '../processors/evidence/contract.js';
import type { CurrentChanges } from '../processors/follow/changes.js';
import type { Following } from '../processors/follow/contract.js';
import type { Instance } from '../processors/instance/instance.js';
import type { LogReplayParts } from '../processors/logreplay/open.js';
import type { Notes } from '../processors/notes/contract.js';
import type { DeadLetters } from '../processors/redrive/contract.js';
import type { InstanceSwitch, JobLifecycle } from '../processors/replay/lifecycle-contract.js';
import type { LogAppender, ReplayService } from '../processors/replay/service.js';
import type { Results } from '../processors/results/contract.js';
import type { Decisions } from '../processors/rules/decisions.js';
import type { Outputs } from '../processors/sinks/outputs-contract.js';
import type { Telemetry } from '../processors/telemetry.js';
import type { Catalogs } from '../processors/versions/open.js';
import type { Previews } from '../processors/versions/previews.js';
import type { Webhooks } from '../processors/webhooks/contract.js';
import type { Config } from '../schemas/config.js';
import type { GroupCommit } from './group-commit.js';
import type { ParseEvent } from './intake.js';
import type { SignIn } from './sign-in/authenticate.js';

export interface ApiDeps extends Catalogs, AccessParts, LogReplayParts {
  readonly config: Config;
  readonly replay: ReplayService;
  readonly life: JobLifecycle;
  readonly instanceSwitch: InstanceSwitch;
  readonly appender: LogAppender;
  readonly previews: Previews;
  readonly decisions: Decisions;
  readonly compare: CompareServices;
  readonly deadLetters: DeadLetters;
  readonly outputs: Outputs;
  readonly current: CurrentServices;
  readonly results: Results;
  readonly evidence: Evidence;
  readonly notes: Notes;
  readonly webhooks: Webhooks;
  readonly following: Following;
  readonly currentChanges: CurrentChanges;
  /** Checks one event as it was sent and encodes it for the log. */
  readonly parseEvent: ParseEvent;
  /** Parts (store, log, registry), jobs and lag of the whole installation. */
  readonly instance: Instance;
  readonly telemetry: Telemetry;
  readonly version: string;
}

/** What routes get: the dependencies and the one queue before the log. */
export interface RouteContext extends ApiDeps {
  readonly commits: GroupCommit;
  /** Null: nobody signs in. */
  readonly signIn: SignIn | null;
  /** True once the server has been told to stop. */
  readonly draining: () => boolean;
}
