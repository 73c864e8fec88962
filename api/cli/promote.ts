/** Promoting from the command line: asks, and waits until the states are copied. */
import { setTimeout as wait } from 'node:timers/promises';
import { ERRORS, type ErrorCode, RewindError } from '../../schemas/errors.js';
import type { Answer } from './connection.js';
import { renderPromotion } from './current-text.js';
import { rowOf } from './rows.js';
import type { Cli, Session } from './session.js';

const POLL_MS = 500;

export interface PromoteOptions {
  readonly reason?: string;
  readonly force?: boolean;
}

export async function promoteJob(
  cli: Cli,
  session: Session,
  job: string,
  { reason, force }: PromoteOptions,
): Promise<void> {
  const asked = await session.connection.post('/tenants/{tenant_id}/replay-jobs/{job_id}/promote', {
    params: { path: { tenant_id: session.tenant, job_id: job } },
    body: { reason, force },
  });
  await showPromotion(cli, session, asked);
}

/** Shows it once it is current. Rejects with its error where it never will be. */
export async function showPromotion(cli: Cli, session: Session, asked: Answer): Promise<void> {
  let { data } = asked;
  for (;;) {
    const promotion = rowOf(data);
    const status = promotion.text('status');
    if (status === 'failed') {
      const error = promotion.row('error');
      const code = error.text('code');
      throw new RewindError(code in ERRORS ? (code as ErrorCode) : 'internal', error.text('message'));
    }
    if (status !== 'copying') {
      await session.print(data, (terminal) => renderPromotion(terminal, promotion));
      return;
    }
    session.terminal.progress('Copying the states of the run …', { status });
    await wait(POLL_MS, undefined, { signal: cli.signal });
    const path = { tenant_id: session.tenant, promotion_id: promotion.text('promotion_id') };
    const again = await session.connection.get(
      '/tenants/{tenant_id}/current-state/promotions/{promotion_id}',
      { params: { path } },
    );
    ({ data } = again);
  }
}
