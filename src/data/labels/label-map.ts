import type { ClassesProblem, ValueCount } from '../../diagnostics/codes/data-sets/labels.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { canonicalValue, type LabelValues, labelValueText } from './label-values.js';
import { indexValues } from './value-index.js';

/** The class number of positions that nobody labelled: their weight is 0. */
export const IGNORED = 255;

/** Which class a value of a mask stands for. */
export interface LabelMap {
  /** Classes are 0 .. classes - 1. */
  readonly classes: number;
  /** By the value's text, "255" or "#ff0000": a class, or IGNORED. */
  readonly classOf: ReadonlyMap<string, number>;
}

/** If masks have more values than this, these are more likely the numbers of cells than classes. */
const MOST_DETECTED = 32;
/** How many values a message shows. */
const SHOWN = { detection: 12, mask: 8 } as const;

/** The class of each value: `{"0": 0, "255": 1}`. Classes are counted from 0 without a gap; several values may share one. */
export function labelMapOf(
  labels: Readonly<Record<string, number>>,
  ignore?: string | number,
): LabelMap | Failure {
  const classOf = new Map<string, number>();
  for (const [text, label] of Object.entries(labels)) {
    const value = canonicalValue(text);
    if (value === undefined) return failure('label-map-invalid', { problem: { case: 'value', text } });
    if (!Number.isInteger(label) || label < 0 || label >= IGNORED) {
      const problem = { case: 'class', value: text, label, largest: IGNORED - 1 } as const;
      return failure('label-map-invalid', { problem });
    }
    if (classOf.has(value)) return failure('label-map-invalid', { problem: { case: 'two-classes', value } });
    classOf.set(value, label);
  }
  const used = new Set(classOf.values());
  const classes = Math.max(-1, ...used) + 1;
  const gap = Array.from({ length: classes }, (_, i) => i).find((label) => !used.has(label));
  if (gap !== undefined) return failure('label-map-invalid', { problem: { case: 'gap', label: gap } });
  if (classes < 2) return failure('label-map-invalid', { problem: { case: 'one-class' } });
  return withIgnored({ classes, classOf }, ignore);
}

function withIgnored(
  { classes, classOf }: LabelMap,
  ignore: string | number | undefined,
): LabelMap | Failure {
  if (ignore === undefined) return { classes, classOf };
  const value = canonicalValue(String(ignore));
  if (value === undefined) {
    return failure('label-map-invalid', { problem: { case: 'ignored-value', text: String(ignore) } });
  }
  if (classOf.has(value)) return failure('label-map-invalid', { problem: { case: 'ignored-class', value } });
  return { classes, classOf: new Map([...classOf, [value, IGNORED]]) };
}

/**
 * The classes of masks that contain these values, if they are obvious: 0 and 255 are the classes 0 and 1; 0, 1, ...,
 * K - 1 are themselves. The value to ignore does not count.
 *
 * @param counts how often each value occurs
 * @param paths the first mask that contains each value
 */
export function detectLabels(
  counts: ReadonlyMap<string, number>,
  ignore?: string | number,
  paths: ReadonlyMap<string, string> = new Map(),
): LabelMap | Failure {
  const ignored = ignore === undefined ? undefined : canonicalValue(String(ignore));
  const values = [...counts.keys()].filter((value) => value !== ignored);
  const numbers = values.map(Number).sort((a, b) => a - b);
  const plain = (map: readonly (readonly [string, number])[]) =>
    withIgnored({ classes: map.length, classOf: new Map(map) }, ignore);
  if (numbers.includes(255) && numbers.every((value) => value === 0 || value === 255) && ignored !== '0') {
    return plain([
      ['0', 0],
      ['255', 1],
    ]);
  }
  if (numbers.length > 1 && numbers.length <= MOST_DETECTED && numbers.every((value, i) => value === i)) {
    return plain(numbers.map((value) => [String(value), value]));
  }
  const counted = (value: string): ValueCount => ({ value, count: counts.get(value) ?? 0 });
  const [only] = values;
  if (ignored !== undefined && values.length <= 1) {
    return failure('classes-unclear', {
      problem:
        only === undefined
          ? { case: 'only-ignored', found: counted(ignored) }
          : { case: 'one-besides-ignored', found: counted(only), ignored },
    });
  }
  if (only !== undefined && values.length === 1) {
    return failure('classes-unclear', { problem: { case: 'one-value', found: counted(only) } });
  }
  return failure('classes-unclear', { problem: strangeValues(values.map(counted), numbers, paths) });
}

/** Why values are no obvious classes. `numbers` are the same values, sorted. */
function strangeValues(
  values: readonly ValueCount[],
  numbers: readonly number[],
  paths: ReadonlyMap<string, string>,
): ClassesProblem {
  // The rarest value that a mask of two classes does not have is most likely the mistake.
  const unusual = values.filter(({ value }) => !['0', '1', '255'].includes(value));
  const [rarest] = unusual.toSorted((a, b) => a.count - b.count);
  const path = rarest && paths.get(rarest.value);
  return {
    case: 'strange-values',
    values: values.slice(0, SHOWN.detection),
    more: Math.max(0, values.length - SHOWN.detection),
    strange: rarest && path !== undefined ? { value: rarest.value, path } : undefined,
    remedy: remedyOf(values, numbers, path),
  };
}

function remedyOf(
  values: readonly ValueCount[],
  numbers: readonly number[],
  strangePath: string | undefined,
): Extract<ClassesProblem, { case: 'strange-values' }>['remedy'] {
  if (strangePath !== undefined && isJpeg(strangePath)) return { case: 'jpeg' };
  if (values.length > MOST_DETECTED) return { case: 'objects' };
  const labelled = values.find(({ value }) => value !== '0')?.value ?? '1';
  // One value beside obvious classes often marks the positions that nobody labelled.
  const others = numbers.slice(0, -1);
  const isOneMore = others.length > 1 && others.every((value, i) => value === i);
  return { case: 'label', value: labelled, last: isOneMore ? numbers.at(-1) : undefined };
}

/** JPEG keeps what an image looks like, not its values. */
function isJpeg(path: string): boolean {
  return /\.jpe?g$/i.test(path);
}

/** The class of each position, IGNORED if nobody labelled it; fails if values have no class, and lists all of them. */
export function toClasses(labels: LabelValues, { classOf }: LabelMap, path: string): Uint8Array | Failure {
  const { values, coloured } = labels;
  const known = new Map<number, number | undefined>();
  const classes = new Uint8Array(values.length);
  let [last, label]: [number, number | undefined] = [Number.NaN, undefined];
  let complete = true;
  for (let i = 0; i < classes.length; i++) {
    // Within the length of `values`, which is the length of `classes`.
    const value = values[i] as number;
    if (value !== last) {
      if (!known.has(value)) known.set(value, classOf.get(labelValueText(value, coloured)));
      [last, label] = [value, known.get(value)];
    }
    if (label === undefined) complete = false;
    else classes[i] = label;
  }
  if (complete) return classes;
  const index = indexValues(labels);
  const unknown = index.values
    .map((value, i): ValueCount => ({ value, count: index.counts[i] ?? 0 }))
    .filter(({ value }) => !classOf.has(value));
  return failure('mask-value-unknown', {
    path,
    values: unknown.slice(0, SHOWN.mask),
    more: Math.max(0, unknown.length - SHOWN.mask),
    isJpeg: isJpeg(path),
  });
}
