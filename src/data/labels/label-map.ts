import { type Failure, failure } from '../../diagnostics/failure.js';
import type { Palette } from '../../formats/stored-array.js';
import { COLOUR, canonicalValue, grayTwin, labelValueText, paletteText } from '../../images/label-values.js';
import { IGNORED } from '../../metrics/ignored.js';

export { IGNORED };

/** Numbers from `from` to `to`, both included, that stand for one class. */
export interface LabelRange {
  readonly from: number;
  readonly to: number;
  readonly label: number;
}

/** Which class a value of a mask stands for. */
export interface LabelMap {
  /** Classes are 0 .. classes - 1. */
  readonly classes: number;
  /** By the value's text, "255" or "#ff0000", as canonicalValue writes it: a class, or IGNORED. */
  readonly classOf: ReadonlyMap<string, number>;
  /** The classes of numbers that have none of their own. */
  readonly ranges: readonly LabelRange[];
  /** The class of all other values; undefined if these are mistakes. */
  readonly rest: number | undefined;
  /** The description of the data set that the classes come from; undefined if they come from elsewhere. */
  readonly source?: LabelSource | undefined;
}

/** The labels that a dataset.json lists. */
export interface LabelSource {
  readonly path: string;
  readonly labels: readonly { readonly value: number; readonly name: string | undefined }[];
}

/** The key of all other values. */
const REST = '*';

const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/;

/** The class of a value that has a key of its own, as a number or as a gray colour. */
function classOfKey(classOf: ReadonlyMap<string, number>, value: string): number | undefined {
  return classOf.get(value) ?? classOf.get(grayTwin(value) ?? '');
}

/**
 * The class of each value: `{"0": 0, "255": 1}`, of a range of numbers: `{"1..65535": 1}`, or of all other values:
 * `{"*": 1}`. Classes are counted from 0 without a gap; several values may share one. If a range or `*` is given and
 * nothing is class 0, the value 0 is.
 */
export function labelMapOf(
  labels: Readonly<Record<string, number>>,
  ignore?: string | number,
): LabelMap | Failure {
  const classOf = new Map<string, number>();
  const ranges: LabelRange[] = [];
  let rest: number | undefined;
  for (const [text, label] of Object.entries(labels)) {
    if (!Number.isInteger(label) || label < 0 || label >= IGNORED) {
      const problem = { case: 'class', value: text, label, largest: IGNORED - 1 } as const;
      return failure('label-map-invalid', { problem });
    }
    const range = RANGE.exec(text.trim());
    const value = canonicalValue(text.trim());
    if (text.trim() === REST) rest = label;
    else if (range !== null) {
      const [from, to] = [Number(range[1]), Number(range[2])];
      if (from > to) return failure('label-map-invalid', { problem: { case: 'value', text } });
      const other = ranges.find((one) => one.from <= to && from <= one.to);
      if (other) {
        const problem = { case: 'overlap', range: text, other: `${other.from}..${other.to}` } as const;
        return failure('label-map-invalid', { problem });
      }
      ranges.push({ from, to, label });
    } else if (value === undefined) return failure('label-map-invalid', { problem: { case: 'value', text } });
    else if (classOfKey(classOf, value) !== undefined) {
      const number = value.startsWith('#') ? (grayTwin(value) ?? value) : value;
      return failure('label-map-invalid', { problem: { case: 'two-classes', value: number } });
    } else classOf.set(value, label);
  }
  const used = new Set([
    ...classOf.values(),
    ...ranges.map(({ label }) => label),
    ...(rest === undefined ? [] : [rest]),
  ]);
  const several = ranges.length > 0 || rest !== undefined;
  // Nor is it if nobody labelled the positions of 0.
  const hasZero = classOfKey(classOf, '0') !== undefined || isZero(ignore);
  if (several && !used.has(0) && !hasZero && !ranges.some(({ from, to }) => from <= 0 && to >= 0)) {
    classOf.set('0', 0);
    used.add(0);
  }
  const classes = Math.max(-1, ...used) + 1;
  const gap = Array.from({ length: classes }, (_, i) => i).find((label) => !used.has(label));
  if (gap !== undefined) return failure('label-map-invalid', { problem: { case: 'gap', label: gap } });
  if (classes < 2) return failure('label-map-invalid', { problem: { case: 'one-class' } });
  return withIgnored({ classes, classOf, ranges, rest }, ignore);
}

function isZero(ignore: string | number | undefined): boolean {
  const value = ignore === undefined ? undefined : canonicalValue(String(ignore));
  return value !== undefined && (value === '0' || grayTwin(value) === '0');
}

/** The map with the value of positions that nobody labelled. */
export function withIgnored(map: LabelMap, ignore: string | number | undefined): LabelMap | Failure {
  if (ignore === undefined) return map;
  const value = canonicalValue(String(ignore));
  if (value === undefined) {
    return failure('label-map-invalid', { problem: { case: 'ignored-value', text: String(ignore) } });
  }
  if (classOfKey(map.classOf, value) !== undefined) {
    return failure('label-map-invalid', { problem: { case: 'ignored-class', value } });
  }
  return { ...map, classOf: new Map([...map.classOf, [value, IGNORED]]) };
}

/**
 * The class of a value, or IGNORED; undefined if the map has none for it. With a palette, numbers mean the stored numbers
 * and colours what the palette shows for them; a gray value without one is both, 255 and #ffffff.
 */
export function classOfValue(
  { classOf, ranges, rest }: LabelMap,
  value: number,
  { coloured, palette }: { readonly coloured: boolean; readonly palette: Palette | undefined },
): number | undefined {
  const text = labelValueText(value, coloured);
  const own = palette
    ? (classOf.get(text) ?? classOf.get(paletteText(value, palette) ?? ''))
    : classOfKey(classOf, text);
  if (own !== undefined) return own;
  // No class is meant for NaN.
  if (!Number.isFinite(value)) return undefined;
  const isNumber = !coloured || value < COLOUR;
  const range = isNumber ? ranges.find(({ from, to }) => value >= from && value <= to) : undefined;
  return range?.label ?? rest;
}

/** The values of each class, as people write them: "255", "1..9", "*". */
export function labelTexts({
  classOf,
  ranges,
  rest,
}: LabelMap): readonly { readonly value: string; readonly label: number }[] {
  return [
    ...Array.from(classOf, ([value, label]) => ({ value, label })),
    ...ranges.map(({ from, to, label }) => ({ value: `${from}..${to}`, label })),
    ...(rest === undefined ? [] : [{ value: 'all others', label: rest }]),
  ];
}
