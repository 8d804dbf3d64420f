import { Failure, failure } from '../../diagnostics/failure.js';
import type { Sample } from '../samples/sample.js';
import { type PatchRequest, type WeightedPatch, weightedPatch } from './patch.js';
import type { PreparedSample } from './prepared-sample.js';
import type { SampleStore } from './sample-store.js';
import type { ResolvedSettings } from './settings.js';

/** Produces the patches that are requested. */
export interface PatchProducer {
  /** Begins at once, or as soon as the requests before it are done. Rejects for our own bugs only. */
  produce(request: PatchRequest): Promise<WeightedPatch | Failure>;
  /** Finishes the patches that were begun, and produces no others. */
  close(): Promise<void>;
}

/** Makes a patch of a sample that is in memory; fails with the sample's file if the patch does not fit into memory. */
export function tryPatch(
  sample: PreparedSample,
  settings: ResolvedSettings,
  request: PatchRequest,
  path: string,
): WeightedPatch | Failure {
  try {
    return weightedPatch(sample, settings, request);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure('sample-memory', { path, shape: undefined });
  }
}

/** Produces patches in this thread, one after the other. */
export class LocalProducer implements PatchProducer {
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly samples: readonly Sample[],
    private readonly store: SampleStore,
    private readonly settings: ResolvedSettings,
  ) {}

  produce(request: PatchRequest): Promise<WeightedPatch | Failure> {
    const made = this.last.then(() => this.produceNow(request));
    // An error of this patch rejects its own promise; the next patch is produced in any case.
    this.last = made.catch(() => undefined);
    return made;
  }

  private async produceNow(request: PatchRequest): Promise<WeightedPatch | Failure> {
    if (this.closed) return failure('loader-closed', {});
    const found = await this.store.get(request.sample);
    if (found instanceof Failure) return found;
    const { sample } = found;
    const path = this.samples[request.sample]?.images[0] ?? sample.name;
    return tryPatch(sample, this.settings, request, path);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.last;
  }
}
