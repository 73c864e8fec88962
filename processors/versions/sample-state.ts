/** The state of one entity among samples, with the texts that snapshots show. Pure. */
import { ByteBlock } from '../snapshots/byte-block.js';
import { EntityState } from '../snapshots/entity-state.js';
import { type SnapshotTexts, type StoredState, snapshotTexts } from '../snapshots/snapshot-text.js';

export class SampleState {
  readonly state: EntityState;
  exists = false;
  /** As a snapshot's row holds it. */
  #stored: StoredState | null = null;
  text = '{}';

  constructor(own: readonly string[], others: readonly string[]) {
    this.state = new EntityState(own, others);
  }

  /** What is staged becomes the state. */
  settle(exists: boolean): SnapshotTexts {
    this.state.settle();
    const values = new ByteBlock(this.state.valuesLength);
    this.state.writeValues(values);
    const { shape } = this.state;
    const stored = {
      shape: shape.buffer.toString('utf8', 0, shape.length),
      state: values.buffer.toString('utf8', 0, values.length),
    };
    const texts = snapshotTexts(stored, this.#stored);
    this.state.commit();
    this.#stored = stored;
    this.text = texts.after;
    this.exists = exists;
    return texts;
  }
}
