/** What the parts of the store's contract suite share. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode, RewindError } from '../../schemas/errors.js';
import type { StoreConnection } from './client.js';
import { RowBinaryWriter } from './rowbinary.js';
import type { Store } from './store.js';

export interface StoreFixture {
  readonly store: Store;
  readonly readerStore: Store;
  connection(overrides?: Partial<StoreConnection>): StoreConnection;
  openStore(overrides?: Partial<StoreConnection>): Store;
  /** Ends the store without warning (kill -9); it comes back by itself or is brought back. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** The code that a promise rejects with; fails the test if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
  return (await failureOf(promise)).code;
}

export async function failureOf(promise: Promise<unknown>): Promise<RewindError> {
  try {
    await promise;
  } catch (error) {
    return error as RewindError;
  }
  throw new Error('it did not reject');
}

/** Waits for a state that must come; the test's own time limit ends the wait. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(25);
}

export function numberRows(from: number, count: number): Buffer {
  const writer = new RowBinaryWriter(count * 8);
  for (let i = 0; i < count; i++) writer.u64(BigInt(from + i));
  return writer.take();
}

export interface Parts {
  readonly fixture: StoreFixture;
  readonly store: Store;
  table(columns: string, rest?: string): Promise<string>;
  count(table: string): Promise<number>;
  running(mark: string): Promise<number>;
}
