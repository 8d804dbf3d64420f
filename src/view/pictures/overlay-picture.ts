import { Failure } from '../../diagnostics/failure.js';
import { encodeArray } from '../../formats/write.js';
import { windowTable } from '../coded-values.js';
import { DIFFERENCES } from '../colours.js';
import { colourBytes, differenceLabels } from '../render/overlay-colours.js';
import { type Overlay, renderPlane, shownPositions } from '../render/render-plane.js';
import type { ClassTable, ViewedImage, ViewedMask } from '../viewed-image.js';
import { planeOf, type StackAxis } from './plane-of-stack.js';

/** How one mask of a picture is drawn. */
export type MaskDrawing = 'fill' | 'outline' | 'both' | 'hidden';

export interface PictureOptions {
  /** Which slice of the stack; the middle one when left out. */
  readonly index?: number;
  /** The axis that the slices are counted along: slices, rows or columns; slices when left out. */
  readonly axis?: StackAxis;
  /** Pixels of the longer side, at most; 480 when left out. Small planes are enlarged by whole numbers at most 8. */
  readonly most?: number;
  /** How each mask is drawn; the first is filled and outlined and the others have dashed outlines when left out. */
  readonly drawings?: readonly MaskDrawing[];
  /** In place of the masks' classes, show in what the first two differ. */
  readonly differences?: boolean;
  /** Of fills, 0 .. 1; 0.45 when left out. */
  readonly opacity?: number;
}

/** A picture for the `src` of an `img` element. */
export interface PngPicture {
  /** A PNG, as a data URI. */
  readonly uri: string;
  readonly width: number;
  readonly height: number;
  /** The slice that is shown. */
  readonly index: number;
}

function overlaysOf(
  masks: readonly ViewedMask[],
  { classes }: ClassTable,
  { drawings = [], differences = false }: PictureOptions,
): Overlay[] {
  const [first, second] = masks;
  if (differences && first && second) {
    const colours = colourBytes(DIFFERENCES.map(({ colour }) => colour));
    const labels = differenceLabels(first.labels, second.labels);
    const shown = Uint8Array.from(DIFFERENCES, (_, i) => (i === 0 ? 0 : 1));
    return [{ labels, colours, shown, fill: true, outline: false, dashed: false }];
  }
  const colours = colourBytes(classes.map(({ colour }) => colour));
  const shown = Uint8Array.from(classes, (_, i) => (i === 0 ? 0 : 1));
  return masks.flatMap(({ labels }, i): Overlay[] => {
    const drawing = drawings[i] ?? (i === 0 ? 'both' : 'outline');
    if (drawing === 'hidden') return [];
    return [
      { labels, colours, shown, fill: drawing !== 'outline', outline: drawing !== 'fill', dashed: i > 0 },
    ];
  });
}

/** How large a plane is drawn: pixels of its width and its height, in the proportions of its spacing. */
function pictureSize(
  width: number,
  height: number,
  [across, down]: readonly [number, number],
  most: number,
): readonly [number, number] {
  const least = Math.min(across, down);
  const [wide, high] = [(width * across) / least, (height * down) / least];
  const fitting = most / Math.max(wide, high);
  const scale = fitting > 1 ? Math.min(8, Math.floor(fitting)) : fitting;
  return [Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale))];
}

/** Which of `count` positions each of `pixels` pixels shows, from the last one on where the axis runs backwards. */
function pixelPositions(pixels: number, count: number, isFlipped: boolean): Int32Array {
  const positions = shownPositions(pixels, count, 0, pixels / count);
  return isFlipped ? positions.reverse() : positions;
}

/** A slice of an image with masks over it, in its first window and in the colours of the table. */
export function overlayPicture(
  {
    image,
    masks,
    table,
  }: { readonly image: ViewedImage; readonly masks: readonly ViewedMask[]; readonly table: ClassTable },
  options: PictureOptions = {},
): PngPicture {
  const { axis = 'slices', most = 480, opacity = 0.45 } = options;
  const plane = planeOf(image, axis, options.index);
  const [width, height] = pictureSize(plane.width, plane.height, plane.spacing, most);
  const pixels = new Uint8ClampedArray(4 * width * height);
  const shown = image.colour ? image.channels.slice(0, 3) : image.channels.slice(0, 1);
  renderPlane(
    {
      channels: shown.map((channel) => ({
        codes: plane.cut(channel.codes),
        table: windowTable(channel, shown[0]?.low ?? 0, shown[0]?.high ?? 1),
      })),
      start: 0,
      width: plane.width,
      overlays: overlaysOf(masks, table, options).map((overlay) => ({
        ...overlay,
        labels: plane.cut(overlay.labels),
      })),
      opacity,
      thickness: width > 1.5 * plane.width ? 2 : 1,
    },
    pixelPositions(width, plane.width, plane.flips[0]),
    pixelPositions(height, plane.height, plane.flips[1]),
    pixels,
  );
  return { uri: pngUri(pixels, width, height), width, height, index: plane.index };
}

/** A PNG of red, green and blue, from these and alpha. */
function pngUri(pixels: Uint8ClampedArray, width: number, height: number): string {
  const data = new Uint8Array(3 * width * height);
  const count = width * height;
  for (let sample = 0; sample < 3; sample++) {
    for (let i = 0; i < count; i++) data[sample * count + i] = pixels[4 * i + sample] ?? 0;
  }
  const chunks = encodeArray('picture.png', {
    header: {
      ...{ path: 'picture.png', format: 'PNG', type: 'uint8', bits: 8, scale: undefined, colour: 'rgb' },
      axes: [
        { name: 'channel', size: 3 },
        { name: 'y', size: height },
        { name: 'x', size: width },
      ],
      notes: [],
    },
    data,
  });
  // PNG has colours of 8 bits.
  if (chunks instanceof Failure) throw new Error(chunks.message);
  return `data:image/png;base64,${Buffer.concat([...chunks]).toString('base64')}`;
}
