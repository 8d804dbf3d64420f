import { Failure } from '../../diagnostics/failure.js';
import { type MadeItem, makeItem, type PatchRequest } from './patch.js';
import type { PreparedSample } from './prepared-sample.js';
import type { SampleStore } from './sample-store.js';
import type { ResolvedSettings } from './settings.js';
import type { StoredSample } from './stored-sample.js';

/** Makes the items that it is given. */
export interface PatchProducer {
  /** Begins at once, or as soon as those before it are made. Rejects for our own bugs only. */
  make(item: PatchRequest): Promise<MadeItem | Failure>;
  /** Ends what was begun; nothing is made any more. */
  close(): Promise<void>;
}

/** Makes an item of a sample that is read; memory that is too small is a failure with the sample's file. */
export function tryItem(
  sample: PreparedSample,
  settings: ResolvedSettings,
  item: PatchRequest,
  path: string,
): MadeItem | Failure {
  try {
    return makeItem(sample, settings, item);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Failure(`${path}: a patch of it does not fit into memory`);
  }
}

/** Makes items in this thread, one after the other. */
export class LocalMaker implements PatchProducer {
  private readonly stored: readonly StoredSample[];
  private readonly store: SampleStore;
  private readonly settings: ResolvedSettings;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(stored: readonly StoredSample[], store: SampleStore, settings: ResolvedSettings) {
    this.stored = stored;
    this.store = store;
    this.settings = settings;
  }

  make(item: PatchRequest): Promise<MadeItem | Failure> {
    const made = this.last.then(() => this.makeNow(item));
    // What goes wrong with one item is told by its own promise.
    this.last = made.catch(() => undefined);
    return made;
  }

  private async makeNow(item: PatchRequest): Promise<MadeItem | Failure> {
    if (this.closed) return new Failure('the data set was closed');
    const found = await this.store.get(item.sample);
    if (found instanceof Failure) return found;
    const { sample } = found;
    return tryItem(sample, this.settings, item, this.stored[item.sample]?.images[0] ?? sample.name);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.last;
  }
}
