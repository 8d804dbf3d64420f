import type { LengthUnit } from '../../formats/geometry.js';
import type { Tensor } from '../../runtime/tensor.js';
import type { FilePart } from '../files/read-part.js';

/** A file that shows where one class is: every number but 0. */
export interface ClassFile {
  readonly path: string;
  readonly label: number;
}

/** Where one image of a data set and its mask are stored: plain data, which threads can send to each other. */
export interface Sample {
  /** The image's name without its ending. The images of one file are separate samples: "stack#1", "stack#2", ... */
  readonly name: string;
  /** The name without the number of the page: "stack". */
  readonly stem: string;
  /** The files of the image: one for all channels, or one for each. */
  readonly images: readonly string[];
  readonly mask: string;
  /** The files of a mask that has one for each class; empty if `mask` has all classes. */
  readonly classFiles: readonly ClassFile[];
  /** The file that numbers the cells, if the data set has one. */
  readonly instances: string | undefined;
  /** Which image of these files the sample is. */
  readonly part: { readonly image: FilePart; readonly mask: FilePart };
  /** (...spatial). */
  readonly spatial: readonly number[];
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
  /** The unit of the spacing; undefined if the file does not give it. */
  readonly spacingUnit: LengthUnit | undefined;
  /** Where the axes x, y, z of the file lead: "RAS"; undefined if the file does not say it. */
  readonly orientation?: string | undefined;
}

/** An image and the class of each of its positions. */
export interface LabelledImage {
  readonly name: string;
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** (...spatial): 0 .. classes - 1, or IGNORED. */
  readonly classes: Uint16Array;
  /** The distance between positions on each axis; undefined if the file does not give it. */
  readonly spacing: readonly number[] | undefined;
}
