/** What a plan says of the archive: how much of it the filters of a job leave to be opened. */

/**
 * What one pass of the fold over the archive opens at most, and what it would open of the tenant and the range without the
 * job's filters. Decimal text; bytes are those of whole rows on disk.
 */
export interface ArchiveReads {
  readonly rowsInRange: string;
  readonly rowsToRead: string;
  readonly bytesInRange: string;
  readonly bytesToRead: string;
}
