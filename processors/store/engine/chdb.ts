/**
 * The one place that touches chDB. A statement gets a session of its own: SET and USE last as long as the session, so
 * nothing of one request reaches another. chDB cannot interrupt a call; a statement is stopped by KILL QUERY from the
 * control session, found by its log_comment.
 */
import { Session } from 'chdb';
import { EngineError, toEngineError } from './engine-error.js';

export interface StatementContext {
  /** Unique; also what KILL looks for. */
  readonly id: string;
  readonly database: string | null;
  /** ClickHouse settings as text. */
  readonly settings: ReadonlyMap<string, string>;
  /** Values for {name:Type}, in the escaped form that HTTP uses. */
  readonly params: ReadonlyMap<string, string>;
}

const NAME = /^\w+$/;
/** Caches are sized for a server by default; here they share a laptop with everything else. */
const ENGINE_ARGUMENTS = [
  '--logger.level=none',
  '--mark_cache_size=268435456',
  '--index_mark_cache_size=67108864',
  '--uncompressed_cache_size=0',
  '--mmap_cache_size=256',
  // Merges catch up when nobody waits: a statement is not to share its core with them as with its like.
  '--os_threads_nice_value_merge_mutate=10',
  '--background_merges_mutations_scheduling_policy=shortest_task_first',
];

export class ChdbEngine {
  readonly #directory: string;
  readonly #control: Session;
  #controlQueue: Promise<unknown> = Promise.resolve();

  /** Opens the directory; throws chDB's connection error (code 76) while another process holds it. */
  constructor(directory: string, memoryMaxBytes: number) {
    this.#directory = directory;
    this.#control = new Session(directory, {
      connectionArgs: [...ENGINE_ARGUMENTS, `--max_server_memory_usage=${memoryMaxBytes}`],
    });
  }

  /** A session with the request's settings and parameters. The caller closes it when its statement has ended. */
  open(context: StatementContext): Session {
    const session = new Session(this.#directory);
    try {
      if (context.database !== null) session.query(`USE ${quoteName(context.database)}`);
      const assignments: string[] = [];
      for (const [name, value] of context.params)
        assignments.push(`param_${checkName(name)} = ${quoteText(value)}`);
      for (const [name, value] of context.settings)
        if (name !== 'readonly' && name !== 'log_comment')
          assignments.push(`${checkName(name)} = ${quoteText(value)}`);
      assignments.push(`log_comment = ${quoteText(context.id)}`);
      // Last: from then on the session refuses to change settings.
      const readonly = context.settings.get('readonly');
      if (readonly !== undefined) assignments.push(`readonly = ${quoteText(readonly)}`);
      session.query(`SET ${assignments.join(', ')}`);
      return session;
    } catch (error) {
      session.close();
      throw toEngineError(error);
    }
  }

  /** Asks the engine to stop the statement; true once the engine has the statement and marked it. */
  async kill(id: string): Promise<boolean> {
    const run = this.#controlQueue.then(() =>
      this.#control.queryAsync(
        `KILL QUERY WHERE Settings['log_comment'] = ${quoteText(id)} ASYNC FORMAT TabSeparated`,
      ),
    );
    this.#controlQueue = run.catch(() => undefined);
    return (await run).bytes().length > 0;
  }

  close(): void {
    this.#control.close();
  }
}

function checkName(name: string): string {
  if (!NAME.test(name))
    throw new EngineError(115, 'UNKNOWN_SETTING', `Bad name of a setting or parameter: ${name}`);
  return name;
}

function quoteText(text: string): string {
  // chDB takes C strings: a zero byte would end the statement.
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replaceAll('\0', '\\0')}'`;
}

function quoteName(name: string): string {
  return `\`${name.replace(/\\/g, '\\\\').replace(/`/g, '\\`')}\``;
}
