/** Server-sent events as a client reads them. */
export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The events and comments of a text that ends between events; `comments` counts the heartbeats. */
export function parseEvents(text: string): { events: SentEvent[]; comments: number } {
  const events: SentEvent[] = [];
  let comments = 0;
  for (const block of text.split('\n\n')) {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) comments++;
      const colon = line.indexOf(': ');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
    }
    const data = fields.get('data');
    if (data !== undefined)
      events.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data });
  }
  return { events, comments };
}

export interface OpenedEvents {
  readonly answer: Response;
  readonly events: SentEvent[];
  /** Reads on until so many events are there, or the server ends the stream. */
  until(enough: (events: readonly SentEvent[], comments: number) => boolean): Promise<SentEvent[]>;
  close(): void;
}

export async function openEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenedEvents> {
  const abort = new AbortController();
  const answer = await fetch(url, { headers, signal: abort.signal });
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  const events: SentEvent[] = [];
  let rest = '';
  let comments = 0;
  return {
    answer,
    events,
    until: async (enough) => {
      while (reader !== undefined && !enough(events, comments)) {
        const { value, done } = await reader.read();
        if (done) break;
        rest += decoder.decode(value, { stream: true });
        const end = rest.lastIndexOf('\n\n');
        if (end < 0) continue;
        const parsed = parseEvents(rest.slice(0, end));
        rest = rest.slice(end + 2);
        events.push(...parsed.events);
        comments += parsed.comments;
      }
      return events;
    },
    close: () => abort.abort(),
  };
}
