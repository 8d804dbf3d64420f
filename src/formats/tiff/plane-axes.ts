import type { LengthUnit } from '../geometry.js';
import type { ArrayNote, Axis, AxisName } from '../stored-array.js';

/** How the pages of a file form axes. */
export interface PlaneAxes {
  /** The axes before y and x, slowest first, in the order of the pages: the product of their sizes is `planes`. */
  readonly axes: readonly Axis[];
  /** The page of the file for each position of `axes`, row-major. */
  readonly planes: readonly number[];
  /** Whether the planes follow each other as bytes from the first strip on, with one directory for all of them. */
  readonly contiguous: boolean;
  /** The spacing per axis name, where the file states it. */
  readonly spacing: Readonly<Partial<Record<AxisName, number>>>;
  readonly unit: LengthUnit | undefined;
  readonly notes: readonly ArrayNote[];
}
