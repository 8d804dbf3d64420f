import type { ValueForm } from '../../images/value-scale.js';
import { DataValues } from '../../normalize/data-values.js';
import type { IndexedLabels } from '../labels/value-index.js';
import type { SampleParts } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import type { SampleContents } from './survey-messages.js';

/** What becomes of the images that are read together with the headers. */
export interface ImagesAhead {
  readonly form: ValueForm;
  /** `keep`: those that fit stay in the memory of the data set. `describe`: their values are described. */
  readonly use: 'keep' | 'describe';
}

/**
 * What was read of the samples together with the headers of their files, before all of these were known. What is missing
 * here is read later.
 */
export class ReadAhead {
  private readonly masks = new Map<Sample, IndexedLabels>();
  private readonly images = new Map<Sample, SampleParts>();
  private readonly channels = new Map<Sample, number>();
  private values: { readonly channels: number; readonly all: DataValues } | undefined;

  /**
   * @param room for what is decoded, in bytes
   * @param areDescribed whether the values of the images are described
   */
  constructor(
    private room: number,
    private areDescribed: boolean,
  ) {}

  /** Adds the samples of a pair; the pairs come in the order of the samples. */
  add(samples: readonly Sample[], contents: readonly SampleContents[]): void {
    for (const [i, sample] of samples.entries()) {
      const { mask, image } = contents[i] ?? {};
      if (mask) {
        const isKept = this.takeRoom(mask.positions?.byteLength ?? 0);
        this.masks.set(sample, isKept ? mask : { ...mask, positions: undefined });
      }
      if (image) {
        this.channels.set(sample, image.channels);
        if (image.image && this.takeRoom(image.image.data.byteLength)) {
          const { divisor, summary } = image;
          // A list of values is as large as a small image, and made again when it is needed.
          const isSmall = summary?.channels.every(({ counts }) => counts !== undefined);
          this.images.set(sample, { image: image.image, divisor, summary: isSmall ? summary : undefined });
        }
      }
      this.describe(image);
    }
  }

  private takeRoom(bytes: number): boolean {
    if (bytes > this.room) return false;
    this.room -= bytes;
    return true;
  }

  private describe(image: SampleContents['image']): void {
    if (!this.areDescribed) return;
    const summary = image?.summary;
    this.values ??= image && { channels: image.channels, all: new DataValues(image.channels) };
    if (summary && this.values?.channels === image.channels) this.values.all.add(summary);
    else {
      this.areDescribed = false;
      this.values = undefined;
    }
  }

  maskOf(sample: Sample): IndexedLabels | undefined {
    return this.masks.get(sample);
  }

  /** Whether the image was read with so many channels, and is finite. */
  isChecked(sample: Sample, channels: number): boolean {
    return this.channels.get(sample) === channels;
  }

  /** The image, if it was read with so many channels and fitted. */
  imageOf(sample: Sample, channels: number): SampleParts {
    return this.isChecked(sample, channels) ? (this.images.get(sample) ?? {}) : {};
  }

  /** What the values of all images are like; undefined if an image was not described, or was read with other channels. */
  valuesOf(channels: number): DataValues | undefined {
    return this.areDescribed && this.values?.channels === channels ? this.values.all : undefined;
  }
}
