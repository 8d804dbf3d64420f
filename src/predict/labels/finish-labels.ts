import { type Failure, failure } from '../../diagnostics/failure.js';
import { BandLabels, BandScan } from '../../objects/components/connected-components.js';
import { type LabelBands, postprocessBands } from '../../objects/postprocess/postprocess.js';
import type { PostprocessingStep } from '../../objects/postprocess/step.js';
import { borderWatershed } from '../../objects/watershed/border-watershed.js';
import { distanceWatershed } from '../../objects/watershed/distance-watershed.js';
import { elementCount } from '../../runtime/tensor.js';
import type { ExportFormat } from './export-objects.js';
import type { RowFile } from './row-file.js';

/** How the objects of a map of classes are told apart. */
export type ObjectSeparation =
  | { readonly kind: 'components' | 'distance' }
  | { readonly kind: 'border'; readonly border: number };

/** What is done with labels once all are there. */
export interface FinishOptions {
  readonly steps: readonly PostprocessingStep[];
  /** How objects are numbered; undefined if they are not. */
  readonly objects: ObjectSeparation | undefined;
  /** Formats in which the objects are written besides. */
  readonly exports?: readonly ExportFormat[];
}

/** The labels of one image, and what is known of it. */
export interface BandedLabels {
  /** Its labels, in bands of whole rows. */
  readonly bands: LabelBands;
  /** (...spatial). */
  readonly shape: readonly number[];
  /** The distance between positions on each axis, where it is known. */
  readonly micrometres: readonly number[] | undefined;
}

/** A watershed takes up to 36 bytes a position: 4.8 GB for so many. An export takes 4, and the outlines. */
const MOST_POSITIONS = { watershed: 2 ** 27, exports: 2 ** 29 } as const;

/** What of the options cannot be done for images of this size, because it needs all positions in memory at once. */
export function checkFinish(
  { objects, exports = [] }: FinishOptions,
  images: number,
  shape: readonly number[],
): Failure | undefined {
  const way = objects?.kind;
  const exceeds = (what: 'distance' | 'border' | 'export', sizes: readonly number[], most: number) =>
    elementCount(sizes) > most ? failure('objects-exceed-memory', { what, sizes, most }) : undefined;
  return (
    (way === 'distance' || way === 'border' ? exceeds(way, shape, MOST_POSITIONS.watershed) : undefined) ??
    (exports.length > 0
      ? exceeds('export', images > 1 ? [images, ...shape] : shape, MOST_POSITIONS.exports)
      : undefined)
  );
}

/** Why objects of these classes, the background among them, cannot be told apart; undefined if they can. */
export function checkSeparation(
  separation: ObjectSeparation | undefined,
  classes: number | undefined,
): Failure | undefined {
  if (separation?.kind !== 'border' || classes === undefined) return undefined;
  const { border } = separation;
  const problem =
    border >= classes
      ? ({ case: 'class', label: border, classes } as const)
      : classes < 3
        ? ({ case: 'no-inside', border } as const)
        : undefined;
  return problem && failure('unfit-postprocessing', { step: `border: ${border}`, problem });
}

/** The labels after all steps, in bands. In memory are a band, and what is known of the components. */
export async function finishedBands(
  { bands, shape, micrometres }: BandedLabels,
  steps: readonly PostprocessingStep[],
): Promise<LabelBands | Failure> {
  return steps.length === 0 ? bands : postprocessBands(bands, shape, steps, micrometres);
}

/**
 * Appends the number of the object at each position of an image, as int32, counted on from the objects before; adds the class
 * of each object to `values`. Components need the memory of a band, the other ways that of the image: see checkFinish.
 */
export async function appendObjects(
  map: BandedLabels,
  separation: ObjectSeparation,
  values: number[],
  target: RowFile,
): Promise<Failure | undefined> {
  const before = values.length - 1;
  const append = (numbers: Int32Array): Failure | undefined => {
    if (before > 0) {
      // `as number`: within the length.
      for (let i = 0; i < numbers.length; i++)
        if (numbers[i] !== 0) numbers[i] = (numbers[i] as number) + before;
    }
    return target.append(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  };
  const addValues = (count: number, classes: Int32Array) => {
    for (let object = 1; object <= count; object++) values.push(classes[object] ?? 0);
  };
  if (separation.kind !== 'components') {
    const found = await watershedOf(map, separation);
    addValues(found.count, found.values);
    return append(found.labels);
  }
  const scan = new BandScan(map.shape);
  for await (const band of map.bands()) scan.add(band);
  const table = scan.table();
  addValues(table.count, table.values);
  const second = new BandLabels(map.shape, table);
  for await (const band of map.bands()) {
    const failed = append(second.next(band));
    if (failed) return failed;
  }
  return undefined;
}

async function watershedOf(
  { bands, shape, micrometres }: BandedLabels,
  separation: Exclude<ObjectSeparation, { kind: 'components' }> | { readonly kind: 'distance' },
) {
  const count = elementCount(shape);
  let labels: Uint8Array | Uint16Array | Int32Array | undefined;
  let at = 0;
  for await (const band of bands()) {
    labels ??= band instanceof Uint8Array ? new Uint8Array(count) : new Uint16Array(count);
    labels.set(band, at);
    at += band.length;
  }
  const map = { labels: labels ?? new Uint8Array(count), shape };
  const distances = micrometres ? { spacing: micrometres } : {};
  return separation.kind === 'border'
    ? borderWatershed(map, { border: separation.border, ...distances })
    : distanceWatershed(map, distances);
}
