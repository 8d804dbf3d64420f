import type { FailureParts } from '../../diagnostics/failure.js';
import type { SampleFormat, SampleParts } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import type { PatchRequest, WeightedPatch } from './patch.js';
import type { PreparedSample } from './prepared-sample.js';
import type { ResolvedSettings } from './settings.js';

/** What a worker is told first. */
export interface WorkerSetup {
  readonly samples: readonly Sample[];
  readonly format: SampleFormat;
  readonly settings: ResolvedSettings;
  /** Samples that stay in memory: see keptSamples. The worker sends them to the loader, in memory that threads share. */
  readonly kept: ReadonlySet<number>;
}

export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  /** Make a patch. */
  | {
      readonly kind: 'make';
      readonly id: number;
      readonly request: PatchRequest;
      /** The sample, if the loader has it prepared. */
      readonly prepared?: PreparedSample;
      /** Otherwise what the loader has of it decoded. */
      readonly parts?: SampleParts;
    }
  /** End after the patch that is being made. */
  | { readonly kind: 'close' };

/** A patch that is made, or why it could not be made. */
export interface FromWorker {
  readonly id: number;
  readonly made: WeightedPatch | FailureParts;
  /** The sample, if it was prepared for this patch and is kept. */
  readonly prepared: PreparedSample | undefined;
}
