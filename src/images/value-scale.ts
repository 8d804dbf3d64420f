import type { StoredType } from '../formats/element.js';
import type { ArrayHeader, FormatName } from '../formats/stored-array.js';
import type { Normalization } from '../normalize/normalization.js';

/**
 * Whether pictures are divided by the largest value of their type, as NORMALISATION says, or numbers are as stored: with a
 * slope and an intercept, but not divided. A network with a `normalize` takes them as stored.
 */
export type ValueForm = 'scaled' | 'stored';

/** The form that a normalisation takes. */
export function formFor(normalization: Normalization | undefined): ValueForm {
  return normalization === undefined || normalization.kind === 'none' ? 'scaled' : 'stored';
}

/** How stored numbers become the numbers that a network without `normalize` takes, in training and in `unet run`. */
export const NORMALISATION =
  'pictures (PNG, JPEG, TIFF, GIF, WebP, BMP) of unsigned integers with up to 16 bits: value / largest value of the ' +
  'type, so 0 to 1; other numbers: as stored; NIfTI and other formats with a scale: slope * number + intercept';

const PICTURES: readonly FormatName[] = ['TIFF', 'PNG', 'JPEG', 'GIF', 'WebP', 'BMP'];

/** Types whose numbers are exact as float32. */
const EXACT: readonly StoredType[] = ['bool', 'uint8', 'int8', 'uint16', 'int16', 'float16', 'float32'];

/** The value of a stored number: `slope * number / divisor + intercept`. */
export interface ValueScale {
  readonly slope: number;
  readonly divisor: number;
  readonly intercept: number;
  /** Whether float32 keeps the numbers before they are scaled. */
  readonly exact: boolean;
}

/** The largest number of a picture's unsigned integers, undefined for numbers that are used as stored. */
export function largestValue({ format, type, bits, palette }: ArrayHeader): number | undefined {
  if (!PICTURES.includes(format)) return undefined;
  if (palette) return 2 ** palette.bits - 1;
  if (type !== 'bool' && type !== 'uint8' && type !== 'uint16') return undefined;
  return 2 ** bits - 1;
}

export function valueScale(header: ArrayHeader, form: ValueForm): ValueScale {
  const { slope = 1, intercept = 0 } = header.scale ?? {};
  const largest = largestValue(header);
  const exact = EXACT.includes(header.type);
  return largest === undefined
    ? { slope, divisor: 1, intercept, exact }
    : { slope: 1, divisor: form === 'scaled' ? largest : 1, intercept: 0, exact };
}
