import { indexValues } from '../data/labels/value-index.js';
import type { Palette } from '../formats/stored-array.js';
import { COLOUR, type LabelValues, labelValueText, paletteText } from '../images/label-values.js';
import { classColour, type Rgb } from './colours.js';
import type { ClassTable, ViewedClass, ViewedMask } from './viewed-image.js';

/** The numbers of a mask: those that a file has, or classes as `{ values, coloured: false, palette: undefined }`. */
export type MaskNumbers = Omit<LabelValues, 'lossy'>;

/** From so many values on, a mask is shown as one of objects. */
const FEWEST_OBJECTS = 33;

function colourOfText(text: string): Rgb {
  const number = Number.parseInt(text.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/** The colour of a value: its own, that of the palette, or the next of the table. */
function colourOf(
  value: number,
  index: number,
  { coloured, palette }: { readonly coloured: boolean; readonly palette: Palette | undefined },
): Rgb {
  if (coloured && value >= COLOUR) return colourOfText(labelValueText(value, true));
  const own = paletteText(value, palette);
  // Black would look like the background.
  return own === undefined || own === '#000000' ? classColour(index) : colourOfText(own);
}

/** Labels as numbers of a table: 0 for the value 0, then the other values in their order. */
function numbered(
  { values, coloured, palette }: MaskNumbers,
  numberOf: ReadonlyMap<number, number>,
  wide: Uint8Array | Uint16Array | Uint32Array,
): Uint8Array | Uint16Array | Uint32Array {
  const index = indexValues({ values, coloured, palette, lossy: undefined });
  const { positions } = index;
  if (positions === undefined) {
    // `as number`: every position is within both arrays, and every value of a mask has its number.
    for (let i = 0; i < values.length; i++) wide[i] = numberOf.get(values[i] as number) as number;
    return wide;
  }
  const numbers = Uint32Array.from(index.numbers, (value) => numberOf.get(value) ?? 0);
  // A position is the index of a number.
  for (let i = 0; i < positions.length; i++) wide[i] = numbers[positions[i] as number] as number;
  return wide;
}

/**
 * Masks with one table of classes: a value has one colour in all of them. The value 0 is the background.
 *
 * @param names of classes, by the text of their value
 */
export function labelled(
  masks: readonly { readonly name: string; readonly values: MaskNumbers }[],
  names: ReadonlyMap<string, string> = new Map(),
): { readonly masks: readonly ViewedMask[]; readonly table: ClassTable } {
  const found = new Map<number, MaskNumbers>();
  const counted = masks.map(({ values }) => {
    const { numbers, counts } = indexValues({ ...values, lossy: undefined }, false);
    for (const number of numbers) if (number !== 0 && !found.has(number)) found.set(number, values);
    return new Map(numbers.map((number, i) => [number, counts[i] ?? 0]));
  });
  const order = [0, ...[...found.keys()].sort((a, b) => a - b)];
  const numberOf = new Map(order.map((value, index) => [value, index]));
  const classes = order.map((value, index): ViewedClass => {
    const mask = found.get(value);
    const text = labelValueText(value, mask?.coloured ?? false);
    const name = names.get(text);
    return {
      value: text,
      colour: mask === undefined ? [0, 0, 0] : colourOf(value, index, mask),
      ...(name === undefined ? {} : { name }),
    };
  });
  const labels = (length: number) =>
    order.length <= 256
      ? new Uint8Array(length)
      : order.length <= 65536
        ? new Uint16Array(length)
        : new Uint32Array(length);
  return {
    masks: masks.map(({ name, values }, i) => ({
      name,
      labels: numbered(values, numberOf, labels(values.values.length)),
      counts: order.map((value) => counted[i]?.get(value) ?? 0),
    })),
    table: { classes, objects: order.length > FEWEST_OBJECTS },
  };
}
