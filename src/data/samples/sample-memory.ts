import type { ValueForm } from '../../images/value-scale.js';
import type { LabelCounts } from '../labels/label-counts.js';
import type { SampleParts } from './read-sample.js';
import type { Sample } from './sample.js';

/** How many bytes of decoded samples stay in memory unless a caller says otherwise: 1 GiB. */
export const CACHE_BYTES = 2 ** 30;

/**
 * What was found in the samples of a data set and may be needed again, so that no file is decoded twice: how many
 * positions each class has in each sample, and the decoded samples themselves as long as they fit into a bound.
 * Samples are known by their names.
 */
export class SampleMemory {
  private readonly counts = new Map<string, LabelCounts>();
  private readonly parts = new Map<string, SampleParts>();
  private readonly checked = new Set<string>();
  private readonly hashes = new Map<string, readonly string[]>();
  private used = 0;

  /**
   * @param bound in bytes
   * @param form of the images that are kept
   */
  constructor(
    readonly bound: number = CACHE_BYTES,
    readonly form: ValueForm = 'scaled',
  ) {}

  /** How many bytes of decoded samples there are now. */
  get bytes(): number {
    return this.used;
  }

  countsOf({ name }: Sample): LabelCounts | undefined {
    return this.counts.get(name);
  }

  setCounts({ name }: Sample, counts: LabelCounts): void {
    this.counts.set(name, counts);
  }

  /** The hashes of its files, if they were read: see sampleHashes. */
  hashesOf({ name }: Sample): readonly string[] | undefined {
    return this.hashes.get(name);
  }

  setHashes({ name }: Sample, hashes: readonly string[]): void {
    this.hashes.set(name, hashes);
  }

  /** Whether the image was read, with the channels of the data set, and all of its values are finite. */
  isChecked({ name }: Sample): boolean {
    return this.checked.has(name);
  }

  setChecked({ name }: Sample): void {
    this.checked.add(name);
  }

  /** What is kept of a sample. */
  partsOf({ name }: Sample): SampleParts {
    return this.parts.get(name) ?? {};
  }

  /** Keeps parts of a sample in place of what was kept of it, if they fit. */
  keep(sample: Sample, parts: SampleParts): void {
    this.drop(sample);
    const bytes = bytesOf(parts);
    if (this.used + bytes > this.bound) return;
    this.used += bytes;
    this.parts.set(sample.name, parts);
  }

  drop(sample: Sample): void {
    this.used -= bytesOf(this.partsOf(sample));
    this.parts.delete(sample.name);
  }

  /** Hands over what is kept of a sample, an image only in this form: it is not kept here any more. */
  take(sample: Sample, form: ValueForm): SampleParts {
    const parts = this.partsOf(sample);
    this.drop(sample);
    return form === this.form ? parts : { classes: parts.classes };
  }
}

function bytesOf({ image, classes }: SampleParts): number {
  return (image?.data.byteLength ?? 0) + (classes?.byteLength ?? 0);
}
