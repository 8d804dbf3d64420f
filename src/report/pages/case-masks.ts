import { IGNORED } from '../../metrics/ignored.js';
import { type ObjectNumbers, overlapsOf } from '../../metrics/objects/object-overlaps.js';
import { classColour } from '../../view/colours.js';
import type { ClassTable, ViewedMask } from '../../view/viewed-image.js';

/** Masks with the table of their classes. */
export interface TabledMasks {
  readonly masks: readonly ViewedMask[];
  readonly table: ClassTable;
  /** Sentences on what is shown. */
  readonly notes: readonly string[];
}

/** The classes of all cases, each with the same colour everywhere. `names` has the background first. */
export function classTableOf(names: readonly string[]): ClassTable {
  const classes = names.map((name, k) => ({
    value: String(k),
    // "1 class 1" would say it twice.
    ...(k === 0 || name === `class ${k}` ? {} : { name }),
    colour: classColour(k),
  }));
  return { classes, objects: false };
}

function labelsFor(count: number, length: number): ViewedMask['labels'] {
  if (count <= 256) return new Uint8Array(length);
  return count <= 65536 ? new Uint16Array(length) : new Uint32Array(length);
}

function maskOf(name: string, values: ArrayLike<number>, count: number): ViewedMask {
  const labels = labelsFor(count, values.length);
  const counts = new Array<number>(count).fill(0);
  for (let i = 0; i < labels.length; i++) {
    // `as number`: within the length.
    const value = values[i] as number;
    labels[i] = value;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return { name, labels, counts };
}

/** Truth and prediction as masks. Where nobody labelled the truth, both are shown as background. */
export function classMasks(
  truth: Uint16Array,
  predicted: Uint16Array,
  names: readonly string[],
): TabledMasks {
  let unlabelled = 0;
  const found = predicted.slice();
  const right = truth.map((label, i) => {
    if (label !== IGNORED) return label;
    unlabelled += 1;
    found[i] = 0;
    return 0;
  });
  return {
    masks: [maskOf('truth', right, names.length), maskOf('prediction', found, names.length)],
    table: classTableOf(names),
    notes:
      unlabelled === 0
        ? []
        : [
            `Nobody labelled ${unlabelled.toLocaleString('en-US')} positions of the truth: they count in no metric, and both masks are empty there.`,
          ],
  };
}

/** The objects of a map, in the order in which they appear. */
function objectsOf(values: ObjectNumbers): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let last = 0;
  for (const value of values) {
    if (value === last) continue;
    if (value !== 0 && !found.has(value)) found.set(value, found.size);
    last = value;
  }
  return found;
}

/** The objects of truth and prediction as masks: a predicted object has the colour of the true one that it matches. */
export function objectMasks(truth: Int32Array, predicted: Int32Array): TabledMasks {
  const [own, other] = [objectsOf(truth), objectsOf(predicted)];
  const { pairs } = overlapsOf(truth, predicted);
  // Above one half, an object has one partner at most.
  const matched = new Map(pairs.filter(({ iou }) => iou > 0.5).map((pair) => [pair.prediction, pair.truth]));
  let next = own.size;
  const numbers = new Map([...other].map(([value, i]) => [value, (matched.get(i) ?? next++) + 1]));
  const count = next + 1;
  const right = truth.map((value) => (own.get(value) ?? -1) + 1);
  const found = predicted.map((value) => numbers.get(value) ?? 0);
  return {
    masks: [maskOf('truth', right, count), maskOf('prediction', found, count)],
    table: {
      classes: Array.from({ length: count }, (_, k) => ({ value: String(k), colour: classColour(k) })),
      objects: true,
    },
    notes: [
      'A predicted object has the number and the colour of the true object that it matches at an IoU above 0.5; the others have numbers of their own.',
    ],
  };
}
