import { type Failure, failure } from '../diagnostics/failure.js';
import type { StoredType } from '../formats/element.js';
import type { Palette } from '../formats/stored-array.js';
import { elementCount } from '../runtime/tensor.js';
import { gather } from './gather.js';
import type { ImageArray } from './read-image.js';

/** The numbers of a mask as they are stored, one per position in row-major order. */
export interface LabelValues {
  /** A number, or COLOUR + 65536 red + 256 green + blue if the three are not equal (a lossy mask: differ by more than 1). */
  readonly values: Int32Array | Float64Array;
  /** Whether numbers from COLOUR on are colours. */
  readonly coloured: boolean;
  /** The colours of the numbers, if the mask has a palette. */
  readonly palette: Palette | undefined;
  /** The compression that changed the numbers, such as JPEG; undefined for numbers as they were written. */
  readonly lossy: string | undefined;
}

export const COLOUR = 2 ** 24;

/** Types whose numbers are whole and fit into 32 bits. */
const SMALL: readonly StoredType[] = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'int32'];

/** How far a number may be from a whole one that its file scaled: half a step of it, and what a writer cuts off. */
const MOST_ROUNDING = 0.25;
/** The same for floats without a scale. */
const FLOAT_ROUNDING = 1e-4;
/** Stored numbers closer than this may be two roundings of one label. */
const ONE_LABEL = 0.01;

/** How far the parts of a gray colour are apart once a lossy compression, such as WebP, has stored them as luma and chroma. */
const LOSSY_SPREAD = 1;

/** "255", or "#ff8000": how people write the value of a label. */
export function labelValueText(value: number, coloured: boolean): string {
  if (!coloured || value < COLOUR) return String(value);
  return `#${(value - COLOUR).toString(16).padStart(6, '0')}`;
}

/**
 * The one way to write a value: "255" for "0255", "#ff8000" for "#FF8000"; undefined if the text is not a value. A gray
 * colour stays a colour: in a mask with a palette, "#000000" is the number of black, whichever that is, and not 0.
 */
export function canonicalValue(text: string): string | undefined {
  if (/^#[0-9a-f]{6}$/i.test(text)) return text.toLowerCase();
  return /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text) ? String(Number(text) + 0) : undefined;
}

/** The gray colour of a number from 0 to 255, "#ffffff" for 255, or the number of a gray colour; undefined for others. */
export function grayTwin(text: string): string | undefined {
  const gray = /^#(..)\1\1$/.exec(text);
  if (gray !== null) return String(Number.parseInt(gray[1] ?? '', 16));
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) return undefined;
  return `#${Number(text).toString(16).padStart(2, '0').repeat(3)}`;
}

/** The colour that a palette gives a number, as people write it: "#ff8000"; undefined without one. */
export function paletteText(value: number, palette: Palette | undefined): string | undefined {
  const colour = palette?.colours[value];
  if (palette === undefined || colour === undefined) return undefined;
  const shift = palette.bits - 8;
  return `#${[0, 1, 2].map((i) => ((colour[i] ?? 0) >> shift).toString(16).padStart(2, '0')).join('')}`;
}

/**
 * The numbers of one mask of an array. Several samples are a colour; an alpha channel has no part in it, and a mask
 * whose colours do not tell what alpha tells is refused. `array` has the indices of a palette, not its colours.
 */
export function labelValuesOf(array: ImageArray, image: number): LabelValues | Failure {
  const { header, layout } = array;
  const { path, colour, palette } = header;
  const count = elementCount(layout.spatial);
  const plane = (sample: number) => {
    const values = new Float64Array(count);
    gather(array.data, layout, { image, sample }, values);
    return values;
  };
  const { samples } = layout;
  const hasAlpha = (colour === 'gray-alpha' && samples === 2) || (colour === 'rgba' && samples === 4);
  const colours = hasAlpha ? samples - 1 : samples;
  if (colours !== 1 && !(colours === 3 && (colour === 'rgb' || colour === 'rgba'))) {
    return failure('mask-channels', { path, shape: [samples, ...layout.spatial] });
  }
  const note = header.notes.find(({ kind }) => kind === 'lossy');
  const lossy = note?.kind === 'lossy' ? note.compression : undefined;
  let values: Int32Array | Float64Array;
  if (colours === 1 && header.scale === undefined && SMALL.includes(header.type)) {
    values = new Int32Array(count);
    gather(array.data, layout, { image, sample: 0 }, values);
  } else if (colours === 1) values = wholeNumbers(plane(0), header.scale);
  else {
    if (header.bits > 8) return failure('mask-depth', { path });
    const graySpread = lossy === undefined ? 0 : LOSSY_SPREAD;
    const [first, green, blue] = [plane(0), plane(1), plane(2)];
    values = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      // All planes have `count` elements.
      const [r, g, b] = [first[i] as number, green[i] as number, blue[i] as number];
      const spread = Math.max(r, g, b) - Math.min(r, g, b);
      values[i] = spread <= graySpread ? r : COLOUR + 65536 * r + 256 * g + b;
    }
  }
  if (hasAlpha) {
    const hidden = hiddenByAlpha(values, plane(samples - 1));
    if (hidden !== undefined) {
      return failure('mask-alpha', { path, value: labelValueText(hidden, colours === 3) });
    }
  }
  return { values, coloured: colours === 3, palette, lossy };
}

/** A value that is both transparent and visible: then the alpha channel tells what the colours do not. */
function hiddenByAlpha(values: Int32Array | Float64Array, alpha: Float64Array): number | undefined {
  const [transparent, visible] = [new Set<number>(), new Set<number>()];
  let last = Number.NaN;
  let lastAlpha = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    // Both have the same length.
    const [value, opacity] = [values[i] as number, alpha[i] as number];
    if (value === last && opacity === lastAlpha) continue;
    [last, lastAlpha] = [value, opacity];
    (opacity === 0 ? transparent : visible).add(value);
  }
  return [...transparent].find((value) => visible.has(value));
}

/** Applies a file's scale, and rounds what only rounding keeps from being whole. */
function wholeNumbers(
  values: Float64Array,
  scale: { readonly slope: number; readonly intercept: number } | undefined,
): Float64Array {
  const { slope = 1, intercept = 0 } = scale ?? {};
  // A writer that scales cuts off up to one step.
  const step = scale === undefined ? FLOAT_ROUNDING : Math.max(FLOAT_ROUNDING, 1.05 * Math.abs(slope));
  const most = Math.min(MOST_ROUNDING, step);
  const isCoarse = scale !== undefined && Math.abs(slope) > ONE_LABEL;
  const rounding = isCoarse && merges(values, scale, most) ? FLOAT_ROUNDING : most;
  for (let i = 0; i < values.length; i++) {
    const stored = values[i] as number; // within the length
    if (scale === undefined && Number.isInteger(stored)) continue;
    const value = slope * stored + intercept;
    const whole = Math.round(value);
    // `+ 0` makes 0 of -0, which would be a second value.
    values[i] = Math.abs(value - whole) <= rounding ? whole + 0 : value;
  }
  return values;
}

/** Whether rounding would make one label of two stored numbers: then they are not labels that a writer scaled. */
function merges(
  values: Float64Array,
  { slope, intercept }: { readonly slope: number; readonly intercept: number },
  most: number,
): boolean {
  const storedOf = new Map<number, number>();
  let last = Number.NaN;
  for (const stored of values) {
    if (stored === last) continue;
    last = stored;
    const value = slope * stored + intercept;
    const whole = Math.round(value);
    if (Math.abs(value - whole) > most) continue;
    const other = storedOf.get(whole);
    if (other !== undefined && other !== stored) return true;
    storedOf.set(whole, stored);
  }
  return false;
}
