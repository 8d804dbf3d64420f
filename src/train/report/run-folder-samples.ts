import { IGNORED } from '../../data/labels/label-map.js';
import { Failure } from '../../diagnostics/failure.js';
import { importSharp } from '../../runtime/images/sharp.js';
import { elementCount, shapeText, type Tensor } from '../../runtime/tensor.js';
import { colourOnImages } from './curves-palette.js';

/** An image with its truth and its prediction. */
export interface SamplePicture {
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** (...spatial): classes, or IGNORED. */
  readonly truth: Uint16Array;
  /** (...spatial): classes. */
  readonly prediction: Uint16Array;
}

/** Panels are enlarged to at least half of this size, and reduced to at most four times this size. */
const SIDE = 256;
const GAP = 4;

/** One plane, (height, width), of each map. */
interface Planes {
  readonly height: number;
  readonly width: number;
  /** Three values per pixel, 0 .. 255. */
  readonly colours: Uint8Array;
  readonly truth: Uint16Array;
  readonly prediction: Uint16Array;
}

/** The plane of a volume with the most labelled foreground, the first of several; 0 for an image. */
function planeWithMost(truth: Uint16Array, plane: number): number {
  let [best, most] = [0, -1];
  for (let index = 0; index * plane < truth.length; index++) {
    const part = truth.subarray(index * plane, (index + 1) * plane);
    const count = part.reduce((sum, label) => sum + (label !== 0 && label !== IGNORED ? 1 : 0), 0);
    if (count > most) [best, most] = [index, count];
  }
  return best;
}

/** Gray, or RGB for three channels, stretched from the least to the largest value of the plane. */
function planesOf({ image, truth, prediction }: SamplePicture): Planes {
  const [channels = 1, ...spatial] = image.shape;
  const count = elementCount(spatial);
  if (truth.length !== count || prediction.length !== count) {
    throw new Error(
      `an image of ${shapeText(spatial)}, ${truth.length} labels, ${prediction.length} predictions`,
    );
  }
  const [height = 1, width = 1] = spatial.slice(-2);
  const plane = height * width;
  const index = planeWithMost(truth, plane);
  const [from, to] = [index * plane, (index + 1) * plane];
  const bands = (channels === 3 ? [0, 1, 2] : [0]).map((band) =>
    image.data.subarray(band * count + from, band * count + to),
  );
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const band of bands) {
    for (const value of band) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const scale = high > low ? 255 / (high - low) : 0;
  const colours = new Uint8Array(3 * plane);
  for (let i = 0; i < colours.length; i++) {
    const value = bands[bands.length === 3 ? i % 3 : 0]?.[Math.floor(i / 3)] ?? 0;
    colours[i] = Math.floor((value - low) * scale + 0.5);
  }
  return {
    height,
    width,
    colours,
    truth: truth.subarray(from, to),
    prediction: prediction.subarray(from, to),
  };
}

/** Paints a panel: the image, the outline of each class, one pixel wide, and a gray pattern on unlabelled positions. */
function paint(
  planes: Planes,
  labels: Uint16Array | undefined,
  size: { readonly height: number; readonly width: number },
  pixels: Uint8Array,
  left: number,
  rowLength: number,
): void {
  const { height, width } = size;
  const sources = (count: number, of: number) =>
    Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * of) / count));
  const [rows, columns] = [sources(height, planes.height), sources(width, planes.width)];
  const labelAt = (y: number, x: number) => labels?.[(rows[y] ?? 0) * planes.width + (columns[x] ?? 0)] ?? 0;
  // Only inside the panel: the border of the panel is not an outline.
  const differs = (label: number, y: number, x: number) =>
    y >= 0 && x >= 0 && y < height && x < width && labelAt(y, x) !== label;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * ((rows[y] ?? 0) * planes.width + (columns[x] ?? 0));
      const to = 3 * (y * rowLength + left + x);
      pixels.set(planes.colours.subarray(from, from + 3), to);
      const label = labelAt(y, x);
      if (label === 0) continue;
      if (label === IGNORED) {
        if ((x + y) % 4 === 0) pixels.fill(128, to, to + 3);
        continue;
      }
      const isOutline =
        differs(label, y - 1, x) ||
        differs(label, y + 1, x) ||
        differs(label, y, x - 1) ||
        differs(label, y, x + 1);
      if (isOutline) pixels.set(colourOnImages(label), to);
    }
  }
}

/**
 * A PNG of the image, the image with the outlines of the truth, and the image with the outlines of the prediction, side by
 * side. Of a volume, it shows the plane with the most foreground. Outlines have the hues of the curves; unlabelled positions
 * are hatched. Equal inputs give equal bytes with the same version of sharp.
 */
export async function samplePng(sample: SamplePicture): Promise<Uint8Array | Failure> {
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  const planes = planesOf(sample);
  const longest = Math.max(planes.height, planes.width);
  const factor =
    longest > 4 * SIDE ? 1 / Math.ceil(longest / (4 * SIDE)) : Math.max(1, Math.floor(SIDE / longest));
  const size = {
    height: Math.max(1, Math.round(planes.height * factor)),
    width: Math.max(1, Math.round(planes.width * factor)),
  };
  const rowLength = 3 * size.width + 2 * GAP;
  const pixels = new Uint8Array(3 * size.height * rowLength).fill(255);
  for (const [i, labels] of [undefined, planes.truth, planes.prediction].entries()) {
    paint(planes, labels, size, pixels, i * (size.width + GAP), rowLength);
  }
  return sharp(pixels, { raw: { width: rowLength, height: size.height, channels: 3 } })
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}
