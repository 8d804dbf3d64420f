import type { LabelMap } from '../labels/label-map.js';
import type { MadeItem, PatchRequest } from './patch.js';
import type { PreparedSample } from './prepared-sample.js';
import type { ResolvedSettings } from './settings.js';
import type { StoredSample } from './stored-sample.js';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly samples: readonly StoredSample[];
  readonly channels: number;
  readonly labels: LabelMap;
  readonly settings: ResolvedSettings;
  /** Samples that stay in memory: see keptSamples. They go to the loader, in memory that threads share. */
  readonly kept: ReadonlySet<number>;
}

export type ToWorker =
  /** Make an item; `sample` comes along where the loader has it. */
  | {
      readonly kind: 'make';
      readonly id: number;
      readonly item: PatchRequest;
      readonly sample?: PreparedSample;
    }
  /** End after the item that is being made. */
  | { readonly kind: 'close' };

/** An item that is made, or why it could not be. */
export interface FromWorker {
  readonly id: number;
  readonly made: MadeItem | undefined;
  /** The message of a Failure: classes do not survive the way between threads. */
  readonly failure: string | undefined;
  /** The sample, where it was decoded for this item and is kept. */
  readonly sample: PreparedSample | undefined;
}
