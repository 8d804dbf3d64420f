import type { Tensor } from '../../runtime/tensor.js';
import type { Pages } from '../files/intensities.js';
import type { SpacingUnit } from '../files/nifti-header.js';

/** Where one image of a data set and its mask are stored: plain data, which threads can send to each other. */
export interface Sample {
  /** The image's name without its ending. The pages of a file are separate samples: "stack#1", "stack#2", ... */
  readonly name: string;
  /** The name without the number of the page: "stack". */
  readonly stem: string;
  /** The files of the image: one for all channels, or one for each. */
  readonly images: readonly string[];
  readonly mask: string;
  /** The file that numbers the cells, if the data set has one. */
  readonly instances: string | undefined;
  /** Which pages of these files belong to the sample. */
  readonly pages: Pages;
  /** (...spatial). */
  readonly spatial: readonly number[];
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
  /** The unit of the spacing; undefined if the file does not give it. */
  readonly spacingUnit: SpacingUnit | undefined;
}

/** An image and the class of each of its positions. */
export interface LabelledImage {
  readonly name: string;
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** (...spatial): 0 .. classes - 1, or IGNORED. */
  readonly classes: Uint8Array;
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
}
