/** `rewind note add|list|edit|delete` and `rewind bookmark add|list|show|edit|delete`: what people note about snapshots. */
import { Command, Option } from 'commander';
import { type PageOptions, paged, sayNext } from '../paging.js';
import { type Row, rowOf, rowsOf } from '../rows.js';
import { type Cli, openSession, type Session } from '../session.js';
import { type Column, renderFacts, renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import { wholeNumber } from '../values.js';

const PLACE: readonly Column<Row>[] = [
  { title: 'INDEX', align: 'right', value: (row) => row.text('snapshot_index') },
  { title: 'ENTITY', value: (row) => `${row.text('entity_type')} ${row.text('entity_id')}` },
  { title: 'BY', value: (row) => row.text('author') },
  { title: 'WHEN', value: (row) => row.text('edited_at') || row.text('created_at') },
];

const NOTE: Column<Row> = { title: 'NOTE', whole: true, value: (row) => row.text('annotation_id') };
const BOOKMARK: Column<Row> = { title: 'BOOKMARK', whole: true, value: (row) => row.text('bookmark_id') };

export function noteCommand(cli: Cli): Command {
  const note = new Command('note').description('Annotations: what people say about snapshots of a run');
  for (const make of [addNote, listNotes, editNote, deleteNote]) note.addCommand(make(cli));
  return note;
}

function addNote(cli: Cli): Command {
  return new Command('add')
    .description('Annotate a snapshot of a finished run; prints the id')
    .argument('<job>', 'job id')
    .argument('<index>', 'place in the timeline', wholeNumber)
    .argument('<text>', 'what there is to say')
    .addHelpText('after', '\nExample:\n  rewind note add run-123 5 "The month is counted twice from here on"')
    .action(async (job_id: string, index: number, text: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const path = { tenant_id: session.tenant, job_id, index };
      const answer = await session.connection.post(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}/annotations',
        { params: { path }, body: { text } },
      );
      await session.print(answer.data, () => `${rowOf(answer.data).text('annotation_id')}\n`);
    });
}

function listNotes(cli: Cli): Command {
  return paged(new Command('list'), 'entries', 50)
    .description('Annotations of a run, the newest first')
    .argument('<job>', 'job id')
    .option('--index <index>', 'only of this snapshot', wholeNumber)
    .action(
      async (job_id: string, { index, ...query }: PageOptions & { index?: number }, command: Command) => {
        const session = openSession(cli, command);
        const path = { tenant_id: session.tenant, job_id };
        const answer =
          index === undefined
            ? await session.connection.get('/tenants/{tenant_id}/replay-jobs/{job_id}/annotations', {
                params: { path, query },
              })
            : await session.connection.get(
                '/tenants/{tenant_id}/replay-jobs/{job_id}/snapshots/{index}/annotations',
                { params: { path: { ...path, index }, query } },
              );
        const text: Column<Row> = { title: 'TEXT', value: (row) => row.text('text') };
        await printPage(session, answer, [NOTE, ...PLACE, text]);
      },
    );
}

function editNote(cli: Cli): Command {
  return new Command('edit')
    .description('Change an annotation of your own, or as an admin any')
    .argument('<job>', 'job id')
    .argument('<note>', 'annotation id')
    .argument('<text>', 'what it says from now on')
    .action(async (job_id: string, annotation_id: string, text: string, _: object, command: Command) => {
      const session = openSession(cli, command);
      const path = { tenant_id: session.tenant, job_id, annotation_id };
      const answer = await session.connection.patch(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/annotations/{annotation_id}',
        { params: { path }, body: { text } },
      );
      await session.print(answer.data, () => `Annotation ${annotation_id} is changed.\n`);
    });
}

function deleteNote(cli: Cli): Command {
  return new Command('delete')
    .description('Delete an annotation of your own, or as an admin any')
    .argument('<job>', 'job id')
    .argument('<note>', 'annotation id')
    .action(async (job_id: string, annotation_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const path = { tenant_id: session.tenant, job_id, annotation_id };
      const answer = await session.connection.delete(
        '/tenants/{tenant_id}/replay-jobs/{job_id}/annotations/{annotation_id}',
        { params: { path } },
      );
      await session.print(answer.data, () => `Annotation ${annotation_id} is deleted.\n`);
    });
}

export function bookmarkCommand(cli: Cli): Command {
  const bookmark = new Command('bookmark').description('Bookmarks: names that lead back to snapshots');
  for (const make of [addBookmark, listBookmarks, showBookmark, editBookmark, deleteBookmark])
    bookmark.addCommand(make(cli));
  return bookmark;
}

function addBookmark(cli: Cli): Command {
  return new Command('add')
    .description('Bookmark a snapshot of a finished run; prints the id')
    .argument('<job>', 'job id')
    .argument('<index>', 'place in the timeline', wholeNumber)
    .argument('<name>', 'what the place is called')
    .option('--shared', 'for all of the tenant')
    .action(
      async (
        job_id: string,
        snapshot_index: number,
        name: string,
        { shared = false }: { shared?: boolean },
        command: Command,
      ) => {
        const session = openSession(cli, command);
        const answer = await session.connection.post('/tenants/{tenant_id}/bookmarks', {
          params: { path: { tenant_id: session.tenant } },
          body: { name, job_id, snapshot_index, shared },
        });
        await session.print(answer.data, () => `${rowOf(answer.data).text('bookmark_id')}\n`);
      },
    );
}

function listBookmarks(cli: Cli): Command {
  return paged(new Command('list'), 'entries', 50)
    .description('Bookmarks that are shared and your own, the newest first')
    .option('--job <job>', 'only of this job')
    .option('--own', 'only your own')
    .action(
      async ({ job, own, ...query }: PageOptions & { job?: string; own?: boolean }, command: Command) => {
        const session = openSession(cli, command);
        const answer = await session.connection.get('/tenants/{tenant_id}/bookmarks', {
          params: {
            path: { tenant_id: session.tenant },
            query: { ...query, job_id: job, ...(own === true ? { which: 'own' as const } : {}) },
          },
        });
        await printPage(session, answer, [
          BOOKMARK,
          { title: 'NAME', value: (row) => row.text('name') },
          { title: 'SEEN BY', value: (row) => (row.raw('shared') === 'true' ? 'all' : 'you') },
          { title: 'JOB', value: (row) => row.text('job_id') },
          ...PLACE.slice(0, 2),
        ]);
      },
    );
}

function showBookmark(cli: Cli): Command {
  return new Command('show')
    .description('A bookmark, with the snapshot that it leads to')
    .argument('<bookmark>', 'bookmark id')
    .action(async (bookmark_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.get('/tenants/{tenant_id}/bookmarks/{bookmark_id}', {
        params: { path: { tenant_id: session.tenant, bookmark_id } },
      });
      await session.print(answer.data, (terminal) => renderBookmark(terminal, rowOf(answer.data)));
    });
}

function renderBookmark(terminal: Terminal, row: Row): string {
  const snapshot = row.row('snapshot');
  return renderFacts(terminal, [
    ['name', row.text('name')],
    ['snapshot', `${row.text('snapshot_index')} of ${row.text('job_id')}`],
    ['entity', `${row.text('entity_type')} ${row.text('entity_id')}`],
    ['event', `${snapshot.text('event_type')} ${row.text('event_id')} at ${snapshot.text('timestamp')}`],
    ['state', snapshot.raw('state_after')],
    ['changes', snapshot.raw('diff')],
  ]);
}

function editBookmark(cli: Cli): Command {
  return new Command('edit')
    .description('Rename a bookmark, share it or take it back')
    .argument('<bookmark>', 'bookmark id')
    .option('--name <name>', 'what the place is called')
    .addOption(new Option('--shared', 'for all of the tenant').conflicts('private'))
    .option('--private', 'for yourself alone')
    .action(
      async (
        bookmark_id: string,
        options: { name?: string; shared?: boolean; private?: boolean },
        command: Command,
      ) => {
        const session = openSession(cli, command);
        const shared = options.shared === true ? true : options.private === true ? false : undefined;
        const answer = await session.connection.patch('/tenants/{tenant_id}/bookmarks/{bookmark_id}', {
          params: { path: { tenant_id: session.tenant, bookmark_id } },
          body: { name: options.name, shared },
        });
        await session.print(answer.data, () => `Bookmark ${bookmark_id} is changed.\n`);
      },
    );
}

function deleteBookmark(cli: Cli): Command {
  return new Command('delete')
    .description('Delete a bookmark of your own, or as an admin a shared one')
    .argument('<bookmark>', 'bookmark id')
    .action(async (bookmark_id: string, _options: object, command: Command) => {
      const session = openSession(cli, command);
      const answer = await session.connection.delete('/tenants/{tenant_id}/bookmarks/{bookmark_id}', {
        params: { path: { tenant_id: session.tenant, bookmark_id } },
      });
      await session.print(answer.data, () => `Bookmark ${bookmark_id} is deleted.\n`);
    });
}

async function printPage(
  session: Session,
  answer: { readonly data: Buffer; readonly next: string | number | null },
  columns: readonly Column<Row>[],
): Promise<void> {
  await session.print(answer.data, (terminal) => renderTable(terminal, columns, rowsOf(answer.data)));
  sayNext(session, answer.next);
}
