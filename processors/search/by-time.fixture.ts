/** The order of a timeline, for expectations. */
interface Placed {
  readonly occurred_at: string;
  readonly event_id: string;
}

/** By time, then event id; times are texts of one length. */
export function byTime(a: Placed, b: Placed): number {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at < b.occurred_at ? -1 : 1;
  return a.event_id < b.event_id ? -1 : 1;
}
