import type { SliceAxis } from '../images/image-layout.js';
import type { DataValues } from '../normalize/data-values.js';
import type { Normalization } from '../normalize/normalization.js';
import type { LabelMap } from './labels/label-map.js';
import type { Sample } from './samples/sample.js';
import type { SampleMemory } from './samples/sample-memory.js';

/** A folder of images and masks, opened. */
export interface DataSet {
  readonly folder: string;
  /** In the order of their names. */
  readonly samples: readonly Sample[];
  /** Spatial axes: 2 or 3. */
  readonly rank: number;
  /** Of the images. */
  readonly channels: number;
  /** What the names of the files of an image say of its channels, where each has a file of its own. */
  readonly channelNames?: readonly string[] | undefined;
  /** The names of the classes, class 0 first, where the description of the data set says them. */
  readonly classNames?: readonly string[] | undefined;
  readonly labels: LabelMap;
  /** The axis along which volumes were cut into images, where a caller chose it. */
  readonly sliceAxis?: SliceAxis | undefined;
  /** What is done to the stored values of each image, once it is read; nothing when left out. */
  readonly normalization?: Normalization | undefined;
  /** How many samples are image files with colours, and how many without: either can be read as the other. */
  readonly coloured: number;
  readonly plain: number;
  /** What a user should know about the files, one sentence each. */
  readonly notes: readonly string[];
  /** What the values of all images are like, if openDataSet was to describe them and could. */
  readonly values?: DataValues | undefined;
  /** What has been found in the samples so far, and what stays decoded. */
  readonly memory: SampleMemory;
}
