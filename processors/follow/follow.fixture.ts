/** For the tests of follow: a set made of a finished run, a follower without a worker process, and what the set holds. */
import { stateClaims } from '../replay/base.js';
import { Beats } from '../replay/beats.js';
import { JobLog } from '../store/job-log.js';
import { runStatesParams, runStatesSql, STATE_COLUMNS } from '../store/run-states.js';
import { type LiveSet, latestStatesSql, setParams } from '../store/set-states.js';
import { newClaimId, UnitLog } from '../store/unit-log.js';
import type { OracleSnapshot } from '../testing/oracle/types.js';
import { TENANT } from '../testing/oracle-run/rig.js';
import type { TestRewind } from '../testing/test-rewind.js';

type Rig = Pick<TestRewind, 'config' | 'rewind' | 'store'>;

import type { FollowPipeline } from './follow-pipeline.js';
import { Follower } from './follower.js';
import { type PromotedSet, progressOf } from './live-units.js';
import { runFollowTask } from './task-follow.js';

/** The last states of the run as a set, whole. */
export async function setOf({ store }: Rig, jobId: string, setId: string): Promise<PromotedSet> {
  const claims = await stateClaims({ unitLog: new UnitLog(store) }, jobId);
  const claim = newClaimId();
  await store.command(
    `INSERT INTO ${store.t('entity_states')} (tenant_id, scope, generation, ${STATE_COLUMNS.join(', ')}, claim)
     SELECT {tenant:String}, {set:String}, 1, ${STATE_COLUMNS.join(', ')}, {claim:UInt64} FROM (${runStatesSql(store)})`,
    {
      ...runStatesParams({ jobId, claims }),
      lo: '0',
      hi: '18446744073709551615',
      tenant: TENANT,
      set: setId,
      claim,
    },
  );
  return { tenantId: TENANT, setId, jobId, generation: 1, claims: [claim] };
}

/** As a promotion does: the set is the tenant's current state from here on. */
export async function makeCurrent({ store }: Rig, set: PromotedSet): Promise<void> {
  await store.insertRows('promotions', [
    {
      tenant_id: set.tenantId,
      promotion_id: `promotion of ${set.setId}`,
      kind: 'current',
      act: 'promote',
      job_id: set.jobId,
      set_id: set.setId,
      generation: set.generation,
      claims: set.claims,
      actor: 'test',
    },
  ]);
}

/** What people see, in the words of `lastTexts`: entities that exist. */
export async function currentTexts({ store }: Rig, tenantId: string): Promise<string[]> {
  const rows = await store.query<Record<string, string>>(
    `SELECT entity_type, entity_id, event_id, toString(toUnixTimestamp64Nano(occurred_at)) AS at, state
     FROM ${store.t('v1_current_state')} WHERE tenant_id = {tenantId:String}`,
    { tenantId },
  );
  return rows
    .map((row) => textOf([row.entity_type, row.entity_id, row.event_id, row.at, true, row.state]))
    .sort();
}

export interface Following {
  readonly follower: Follower;
  close(): void;
}

export async function openFollower(
  { config, rewind, store }: Rig,
  set: PromotedSet,
  follow: Partial<Rig['config']['follow']> = {},
  worker = 'test/1/a',
): Promise<Following> {
  const unitLog = new UnitLog(store);
  const beats = new Beats(unitLog, worker, 15_000);
  const pipeline: FollowPipeline = {
    config: { ...config, follow: { ...config.follow, ...follow } },
    store,
    unitLog,
    jobLog: new JobLog(store),
    encodings: rewind.encodings,
    beats,
    worker,
    holderSilent: () => true,
    outputs: null,
  };
  const { signal } = new AbortController();
  const follower = await Follower.open(pipeline, set, (task) => runFollowTask(store, task, signal), signal);
  return { follower, close: () => beats.close() };
}

/** Steps until there is nothing left. */
export async function catchUp({ follower }: Following): Promise<{ steps: number; refolded: number }> {
  let steps = 0;
  let refolded = 0;
  for (;;) {
    const outcome = await follower.step();
    if (outcome.kind === 'idle' && outcome.left === 0n) return { steps, refolded };
    if (outcome.kind === 'made') steps++;
    refolded += outcome.refolded;
  }
}

/** A state in the oracle's words, one text for each entity that has one. */
export async function setTexts({ store }: Rig, set: PromotedSet): Promise<string[]> {
  const units = await new UnitLog(store).readScope(set.setId, 'live/');
  const live: LiveSet = progressOf(set, units).set;
  const rows = await store.query<Record<string, string | number>>(
    `SELECT entity_type, entity_id, toString(fold_seq) AS seq, event_id, toString(toUnixTimestamp64Nano(occurred_at)) AS at,
       toUInt8(exists) AS here, concat('{', arrayStringConcat(arrayFilter(member -> member != '',
         arrayMap((name, value) -> if(value = '', '', concat(name, ':', value)), splitByChar('\\n', shape), splitByChar('\\n', state))), ','), '}') AS text
     FROM (${latestStatesSql(store, '1')})`,
    setParams(live),
  );
  return rows
    .map((row) => textOf([row.entity_type, row.entity_id, row.event_id, row.at, row.here === 1, row.text]))
    .sort();
}

const textOf = (parts: readonly unknown[]) => JSON.stringify(parts);

/** The same of what a run over all events comes to. */
export function lastTexts(snapshots: readonly OracleSnapshot[]): string[] {
  const last = new Map<string, OracleSnapshot>();
  for (const row of snapshots) {
    const key = textOf([row.entityType, row.entityId]);
    const known = last.get(key);
    if (known === undefined || row.foldSeq > known.foldSeq) last.set(key, row);
  }
  return [...last.values()]
    .map((row) =>
      textOf([row.entityType, row.entityId, row.eventId, `${row.occurredAtNs}`, row.exists, row.stateAfter]),
    )
    .sort();
}
