import { Failure } from '../../diagnostics/failure.js';
import type { LabelledImage } from '../data-set.js';
import { type PreparedSample, prepareSample } from './prepared-sample.js';
import type { ResolvedSettings } from './settings.js';
import type { StoredSample } from './stored-sample.js';

/** The decoded samples of a thread: those that are kept, and of the others the last one, since items may follow of it. */
export class SampleStore {
  private readonly stored: readonly StoredSample[];
  private readonly read: (index: number) => Promise<LabelledImage | Failure>;
  private readonly settings: ResolvedSettings;
  private readonly kept: ReadonlySet<number>;
  private readonly shared: boolean;
  private readonly samples = new Map<number, PreparedSample>();
  private newest: { readonly index: number; readonly sample: PreparedSample } | undefined;

  /** `kept` go to memory that threads share where `shared` is set. */
  constructor(
    stored: readonly StoredSample[],
    read: (index: number) => Promise<LabelledImage | Failure>,
    settings: ResolvedSettings,
    kept: ReadonlySet<number>,
    shared: boolean,
  ) {
    this.stored = stored;
    this.read = read;
    this.settings = settings;
    this.kept = kept;
    this.shared = shared;
  }

  private find(index: number): PreparedSample | undefined {
    return this.samples.get(index) ?? (this.newest?.index === index ? this.newest.sample : undefined);
  }

  /** The sample, and whether it was decoded for this call. Fails where it can't be read. */
  async get(index: number): Promise<{ sample: PreparedSample; decoded: boolean } | Failure> {
    const known = this.find(index);
    if (known !== undefined) return { sample: known, decoded: false };
    const stored = this.stored[index];
    if (stored === undefined) throw new Error(`there is no sample ${index}`);
    const isKept = this.kept.has(index);
    // Its memory may be needed for the next one.
    if (!isKept) this.newest = undefined;
    const sample = await prepareSample(stored, () => this.read(index), this.settings, isKept && this.shared);
    if (sample instanceof Failure) return sample;
    if (isKept) this.samples.set(index, sample);
    else this.newest = { index, sample };
    return { sample, decoded: true };
  }
}
