/** Labels that lie over an image. */
export interface Overlay {
  /** The whole stack; `start` of the scene is the first position of the plane. */
  readonly labels: Uint8Array | Uint16Array | Uint32Array;
  /** Red, green and blue for each label, one after the other. */
  readonly colours: Uint8Array;
  /** For each label, whether it is shown: 0 or 1. */
  readonly shown: Uint8Array;
  readonly fill: boolean;
  readonly outline: boolean;
  /** Whether the outline is dashed. */
  readonly dashed: boolean;
}

/** A plane of an image with labels over it. */
export interface PlaneScene {
  /** One channel in gray, or red, green and blue: codes of the whole stack, and the level, 0 .. 255, of each code. */
  readonly channels: readonly {
    readonly codes: Uint8Array | Uint16Array;
    readonly table: Uint8Array;
  }[];
  /** The first position of the plane in the stack. */
  readonly start: number;
  /** Columns of the plane. */
  readonly width: number;
  readonly overlays: readonly Overlay[];
  /** Of fills, 0 .. 1. */
  readonly opacity: number;
  /** How thick outlines are, in pixels of the picture. */
  readonly thickness: number;
}

// `as number`: rows and columns are positions of the plane, or checked to be, and a check would cost time at every pixel.

/** Whether a shown label ends within `thickness` pixels. */
function isEdge(
  labels: Overlay['labels'],
  label: number,
  scene: PlaneScene,
  columns: Int32Array,
  rows: Int32Array,
  i: number,
  j: number,
): boolean {
  const { start, width, thickness } = scene;
  const row = start + (rows[j] as number) * width;
  const column = columns[i] as number;
  const left = columns[i - thickness] ?? -1;
  if (left >= 0 && labels[row + left] !== label) return true;
  const right = columns[i + thickness] ?? -1;
  if (right >= 0 && labels[row + right] !== label) return true;
  const up = rows[j - thickness] ?? -1;
  if (up >= 0 && labels[start + up * width + column] !== label) return true;
  const down = rows[j + thickness] ?? -1;
  return down >= 0 && labels[start + down * width + column] !== label;
}

/**
 * Draws a plane into a picture of columns.length x rows.length pixels. Each pixel shows the nearest position; outlines
 * have the same thickness at every scale.
 *
 * @param columns the column of the plane that each column of the picture shows; -1 where it shows none
 * @param rows the same for rows
 * @param target red, green, blue and alpha of each pixel; pixels that show no position stay as they are
 */
export function renderPlane(
  scene: PlaneScene,
  columns: Int32Array,
  rows: Int32Array,
  target: Uint8ClampedArray,
): void {
  const { channels, start, width, overlays, opacity, thickness } = scene;
  const [first, second, third] = channels;
  if (first === undefined) return;
  const isColour = second !== undefined && third !== undefined;
  const dash = 3 * thickness;
  for (let j = 0; j < rows.length; j++) {
    const row = rows[j] as number;
    if (row < 0) continue;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as number;
      if (column < 0) continue;
      const position = start + row * width + column;
      let red = first.table[first.codes[position] as number] as number;
      let green = red;
      let blue = red;
      if (isColour) {
        green = second.table[second.codes[position] as number] as number;
        blue = third.table[third.codes[position] as number] as number;
      }
      for (const { labels, colours, shown, fill, outline, dashed } of overlays) {
        const label = labels[position] as number;
        if (shown[label] !== 1) continue;
        let share = fill ? opacity : 0;
        if (outline && isEdge(labels, label, scene, columns, rows, i, j)) {
          if (!dashed || Math.floor((i + j) / dash) % 2 === 0) share = 1;
        }
        if (share === 0) continue;
        red += ((colours[3 * label] as number) - red) * share;
        green += ((colours[3 * label + 1] as number) - green) * share;
        blue += ((colours[3 * label + 2] as number) - blue) * share;
      }
      const at = 4 * (j * columns.length + i);
      target[at] = red;
      target[at + 1] = green;
      target[at + 2] = blue;
      target[at + 3] = 255;
    }
  }
}

/** Which of `count` positions each of `pixels` pixels shows, where the picture begins at position `from`. */
export function shownPositions(pixels: number, count: number, from: number, scale: number): Int32Array {
  return Int32Array.from({ length: pixels }, (_, i) => {
    const at = Math.floor(from + (i + 0.5) / scale);
    return at >= 0 && at < count ? at : -1;
  });
}
