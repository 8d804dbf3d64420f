import type { Failure } from '../../diagnostics/failure.js';
import type { LabelSource } from '../labels/label-map.js';

/** The files of one image, one per channel or one for all, and its mask. */
export interface FilePair {
  /** The image's name without its ending, and without its channel's number. */
  readonly name: string;
  readonly images: readonly string[];
  /** The path of `images[0]` where one file contains both, in arrays whose names tell which is which. */
  readonly mask: string;
  /**
   * Where each class has a file of its own: the positions that are not 0 in a file have its label, counted from 1, and
   * positions in no file have the label 0. `mask` is the first of these files.
   */
  readonly parts?: readonly { readonly path: string; readonly label: number }[];
}

export interface PairOptions {
  /**
   * The folder of the images, inside the folder of the data set; one with a usual name when left out. With `{case}`, a
   * pattern of the paths of the images, such as "scans/{case}_{channel}.nii.gz"; `masks` is a pattern then, too.
   */
  readonly images?: string;
  /** The same for the masks; a pattern may contain `{class}`, where each class has a file of its own. */
  readonly masks?: string;
}

/** What a data set's dataset.json says. Classes given by a user count instead. */
export interface DataDescription {
  /** The class of each value of a mask. */
  readonly labels?: Readonly<Record<string, number>>;
  /** The value of positions that nobody labelled. */
  readonly ignore?: string;
  readonly channelNames?: readonly string[];
  /** By class, the background first. */
  readonly classNames?: readonly string[];
}

/** The pairs in a folder. */
export interface FoundPairs {
  readonly pairs: readonly FilePair[];
  /** A failure for each file that belongs to a pair and fits none. */
  readonly problems: readonly Failure[];
  /** What was decided, as sentences for people. */
  readonly notes: readonly string[];
  readonly description?: DataDescription;
  /** Where `description.labels` come from. */
  readonly labelSource?: LabelSource;
}
