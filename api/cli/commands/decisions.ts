/** `rewind decisions list|transitions JOB`: what a job's rules decided, and what that changes; `ingest FILE`: decision logs. */
import { Command, Option } from 'commander';
import { TRANSITIONS, type Transition } from '../../../schemas/decision.js';
import { renderDecisions, renderTransitions } from '../decision-text.js';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession } from '../session.js';
import { wholeNumber } from '../values.js';
import { ingestDecisionsCommand } from './decisions-ingest.js';

export function decisionsCommand(cli: Cli): Command {
  const decisions = new Command('decisions').description(
    'What rules decided about the events of a job; decision logs of policy engines',
  );
  decisions.addCommand(listCommand(cli));
  decisions.addCommand(transitionsCommand(cli));
  decisions.addCommand(ingestDecisionsCommand(cli));
  return decisions;
}

function listCommand(cli: Cli): Command {
  return paged(new Command('list'), 'decisions', 100)
    .description('Decisions by entity, each with the one before')
    .argument('<job>', 'job id')
    .addOption(new Option('--transition <transition>', 'only these').choices([...TRANSITIONS]))
    .action(async (job: string, options: PageOptions & { transition?: Transition }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/decisions', {
        params: { path: { tenant_id: session.tenant, job_id: job }, query: options },
      });
      await session.print(answer.data, (terminal) => renderDecisions(terminal, rowsOf(answer.data)));
      sayNext(session, answer.next);
    });
}

function transitionsCommand(cli: Cli): Command {
  return paged(new Command('transitions'), 'groups', 100)
    .description('What would change: decisions counted by event type, outcome before and outcome now')
    .argument('<job>', 'job id')
    .option('--samples <n>', 'decisions shown of each group', wholeNumber, 1)
    .action(async (job: string, options: PageOptions & { samples: number }, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/transitions', {
        params: { path: { tenant_id: session.tenant, job_id: job }, query: options },
      });
      await session.print(answer.data, (terminal) => renderTransitions(terminal, rowOf(answer.data)));
      sayNext(session, answer.next);
    });
}
