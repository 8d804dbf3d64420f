import { Failure } from '../../diagnostics/failure.js';
import { canonicalValue, type LabelValues, labelValueText } from './label-values.js';

/** The class number of positions that nobody labelled: their weight is 0. */
export const IGNORED = 255;

/** Which class a value of a mask stands for. */
export interface LabelMap {
  /** Classes are 0 .. classes - 1. */
  readonly classes: number;
  /** By the value's text, "255" or "#ff0000": a class, or IGNORED. */
  readonly classOf: ReadonlyMap<string, number>;
}

/** More values than this are rather the numbers of cells than classes. */
const MOST_DETECTED = 32;

/** The class of each value: `{"0": 0, "255": 1}`. Classes are counted from 0 without a gap; several values may share one. */
export function labelMapOf(
  labels: Readonly<Record<string, number>>,
  ignore?: string | number,
): LabelMap | Failure {
  const classOf = new Map<string, number>();
  for (const [text, label] of Object.entries(labels)) {
    const value = canonicalValue(text);
    if (value === undefined)
      return new Failure(`a label is a gray value or a colour (#ff0000), not \`${text}\``);
    if (!Number.isInteger(label) || label < 0 || label >= IGNORED) {
      return new Failure(`the class of the value ${text} is a number from 0 to ${IGNORED - 1}, not ${label}`);
    }
    if (classOf.has(value)) return new Failure(`the value ${value} has two classes`);
    classOf.set(value, label);
  }
  const used = new Set(classOf.values());
  const classes = Math.max(-1, ...used) + 1;
  const gap = Array.from({ length: classes }, (_, i) => i).find((label) => !used.has(label));
  if (gap !== undefined)
    return new Failure(`no value has the class ${gap}; classes are counted from 0 without a gap`);
  if (classes < 2) return new Failure('there are at least two classes: two values need different ones');
  return withIgnored({ classes, classOf }, ignore);
}

function withIgnored(
  { classes, classOf }: LabelMap,
  ignore: string | number | undefined,
): LabelMap | Failure {
  if (ignore === undefined) return { classes, classOf };
  const value = canonicalValue(String(ignore));
  if (value === undefined)
    return new Failure(`the value to ignore is a gray value or a colour, not \`${ignore}\``);
  if (classOf.has(value)) return new Failure(`the value ${value} is to be ignored, but has a class`);
  return { classes, classOf: new Map([...classOf, [value, IGNORED]]) };
}

/**
 * The classes of masks that hold these values, where that is plain: 0 and 255 are the classes 0 and 1; 0, 1, ..., K - 1
 * are themselves. The value to ignore is left out before.
 */
export function detectLabels(
  values: ReadonlyMap<string, number>,
  ignore?: string | number,
  places: ReadonlyMap<string, string> = new Map(),
): LabelMap | Failure {
  const ignored = ignore === undefined ? undefined : canonicalValue(String(ignore));
  const texts = [...values.keys()].filter((text) => text !== ignored);
  const numbers = texts.map(Number).sort((a, b) => a - b);
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
  if (ignored !== undefined && texts.length <= 1)
    return new Failure(besideIgnored(ignored, texts[0], values));
  const shown = texts.slice(0, 12).map((text) => `${text} (${values.get(text)} times)`);
  const list = `${shown.join(', ')}${texts.length > 12 ? `, and ${texts.length - 12} more` : ''}`;
  if (numbers.length === 1)
    return new Failure(`all masks hold only the value ${list}: there is nothing to tell apart`);
  // The rarest of those that a mask of two classes does not have is most likely the one that nobody meant.
  const unusual = texts.filter((text) => !['0', '1', '255'].includes(text));
  const [rarest = ''] = unusual.toSorted((a, b) => (values.get(a) ?? 0) - (values.get(b) ?? 0));
  const place = places.has(rarest) ? ` (the value ${rarest} is in ${places.get(rarest)})` : '';
  return new Failure(
    `the masks hold the values ${list}${place}, which are neither 0 and 255 nor 0, 1, 2, ...; ` +
      remedyOf(texts, numbers, places.get(rarest)),
  );
}

/** Why masks have no classes whose only value but the one to ignore is this, if there is any. */
function besideIgnored(
  ignored: string,
  only: string | undefined,
  values: ReadonlyMap<string, number>,
): string {
  const said = `all masks hold only the value ${only ?? ignored} (${values.get(only ?? ignored)} times)`;
  if (only === undefined) return `${said}, which --ignore leaves out: there is nothing to learn from`;
  const [background, foreground] = only === '0' ? [only, ignored] : [ignored, only];
  return (
    `${said} besides ${ignored}, which --ignore leaves out: there is nothing to tell apart; where ${ignored} is a class, ` +
    `leave --ignore out and say which class each is, as with --label "${background}=0" --label "${foreground}=1"`
  );
}

/** What may be meant by values that are no plain classes. `numbers` are those of the texts, sorted. */
function remedyOf(texts: readonly string[], numbers: readonly number[], strange: string | undefined): string {
  if (strange !== undefined && isJpeg(strange)) return 'JPEG changes values: save masks as PNG';
  if (texts.length > MOST_DETECTED) {
    return 'are they the numbers of objects? Each value of a mask is to be a class';
  }
  const labelled = texts.find((text) => text !== '0') ?? '1';
  const label = `say which class each is, as with --label "${labelled}=1"`;
  // One value beside plain classes is often that of the positions which nobody labelled.
  const others = numbers.slice(0, -1);
  const last = numbers.at(-1);
  const isOneMore = others.length > 1 && others.every((value, i) => value === i);
  return isOneMore
    ? `${label}; where nobody labelled the positions of ${last}, --ignore ${last} leaves them out`
    : label;
}

/** JPEG keeps what an image looks like, not its values. */
function isJpeg(path: string): boolean {
  return /\.jpe?g$/i.test(path);
}

/** Adds how often each value occurs to `counts`. */
export function addValueCounts({ values, coloured }: LabelValues, counts: Map<string, number>): void {
  const found = new Map<number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  for (const [value, count] of found) {
    const text = labelValueText(value, coloured);
    counts.set(text, (counts.get(text) ?? 0) + count);
  }
}

/** The class of each position, IGNORED where it has none to learn; fails for values without a class, all at once. */
export function toClasses(labels: LabelValues, { classOf }: LabelMap, path: string): Uint8Array | Failure {
  const { values, coloured } = labels;
  const known = new Map<number, number | undefined>();
  const classes = new Uint8Array(values.length);
  let [last, label]: [number, number | undefined] = [Number.NaN, undefined];
  let complete = true;
  for (let i = 0; i < classes.length; i++) {
    // Within the length of `values`, which is that of `classes`.
    const value = values[i] as number;
    if (value !== last) {
      if (!known.has(value)) known.set(value, classOf.get(labelValueText(value, coloured)));
      [last, label] = [value, known.get(value)];
    }
    if (label === undefined) complete = false;
    else classes[i] = label;
  }
  if (complete) return classes;
  const counts = new Map<string, number>();
  addValueCounts(labels, counts);
  const strange = [...counts].filter(([text]) => !classOf.has(text));
  const shown = strange.slice(0, 8).map(([text, count]) => `${text} (${count} times)`);
  const more = strange.length > 8 ? `, and ${strange.length - 8} more` : '';
  const hint = isJpeg(path) ? '; JPEG changes values: save masks as PNG' : '';
  return new Failure(`${path}: no class is given for the value ${shown.join(', ')}${more}${hint}`);
}
