import { Failure } from '../../diagnostics/failure.js';
import type { SampleParts } from '../samples/read-sample.js';
import type { LabelledImage, Sample } from '../samples/sample.js';
import { type PreparedSample, prepareSample } from './prepared-sample.js';
import type { ResolvedSettings } from './settings.js';

/** The prepared samples of a thread: those that are kept, and of the others the last one, since it may be needed again. */
export class SampleStore {
  private readonly prepared = new Map<number, PreparedSample>();
  private newest: { readonly index: number; readonly sample: PreparedSample } | undefined;

  /**
   * @param read decodes a sample; parts of it may be in memory already
   * @param kept the samples that stay
   * @param isShared whether kept samples go into memory that threads share
   */
  constructor(
    private readonly samples: readonly Sample[],
    private readonly read: (sample: Sample, parts: SampleParts) => Promise<LabelledImage | Failure>,
    private readonly settings: ResolvedSettings,
    private readonly kept: ReadonlySet<number>,
    private readonly isShared: boolean,
  ) {}

  /** The sample, and whether it was prepared for this call. Fails if it cannot be read. */
  async get(
    index: number,
    parts: SampleParts = {},
  ): Promise<{ readonly sample: PreparedSample; readonly isNew: boolean } | Failure> {
    const known = this.prepared.get(index) ?? (this.newest?.index === index ? this.newest.sample : undefined);
    if (known !== undefined) return { sample: known, isNew: false };
    const sample = this.samples[index];
    if (sample === undefined) throw new Error(`there is no sample ${index}`);
    const isKept = this.kept.has(index);
    // Its memory may be needed for the next one.
    if (!isKept) this.newest = undefined;
    const prepared = await prepareSample(
      sample,
      () => this.read(sample, parts),
      this.settings,
      isKept && this.isShared,
    );
    if (prepared instanceof Failure) return prepared;
    if (isKept) this.prepared.set(index, prepared);
    else this.newest = { index, sample: prepared };
    return { sample: prepared, isNew: true };
  }
}
