import { type Failure, failure } from '../../diagnostics/failure.js';
import { type LabelValues, labelValueText } from '../../images/label-values.js';
import type { LabelCounts } from './label-counts.js';
import { classOfValue, IGNORED, type LabelMap } from './label-map.js';
import { type IndexedLabels, indexValues } from './value-index.js';

/** How many values a message shows. */
const SHOWN = 8;

/** A failure that lists the values of a mask that have no class. */
export function unknownValues(mask: IndexedLabels, labels: LabelMap, path: string): Failure | undefined {
  const unknown = mask.numbers.flatMap((value, k) =>
    classOfValue(labels, value, mask) === undefined
      ? [{ value: labelValueText(value, mask.coloured), count: mask.counts[k] ?? 0 }]
      : [],
  );
  if (unknown.length === 0) return undefined;
  return failure('mask-value-unknown', {
    path,
    values: unknown.slice(0, SHOWN),
    more: Math.max(0, unknown.length - SHOWN),
    ...{ lossy: mask.lossy, source: labels.source },
  });
}

/** How many positions of a mask belong to each class. */
export function labelCounts(mask: IndexedLabels, labels: LabelMap): LabelCounts {
  const byClass = Array.from({ length: labels.classes }, () => 0);
  let ignored = 0;
  for (const [k, value] of mask.numbers.entries()) {
    const label = classOfValue(labels, value, mask) ?? IGNORED;
    const count = mask.counts[k] ?? 0;
    if (label === IGNORED) ignored += count;
    else byClass[label] = (byClass[label] ?? 0) + count;
  }
  return { byClass, ignored };
}

/** The class of each position, or IGNORED; undefined if the positions are not known. They are changed in place. */
export function maskClasses(mask: IndexedLabels, labels: LabelMap): Uint16Array | undefined {
  const { positions, numbers } = mask;
  if (positions === undefined) return undefined;
  const classes = Uint16Array.from(numbers, (value) => classOfValue(labels, value, mask) ?? IGNORED);
  // Values in the order of their classes have the class as their index already.
  if (classes.every((label, k) => label === k)) return positions;
  // A position is the index of a number.
  for (let i = 0; i < positions.length; i++) positions[i] = classes[positions[i] as number] as number;
  return positions;
}

/** The class of each position of a decoded mask, IGNORED if nobody labelled it; fails if values have no class. */
export function toClasses(labels: LabelValues, map: LabelMap, path: string): Uint16Array | Failure {
  const index = indexValues(labels);
  const unknown = unknownValues(index, map, path);
  if (unknown) return unknown;
  const classes = maskClasses(index, map);
  if (classes) return classes;
  // More numbers than an index has room for: then ranges or `*` give them classes.
  return Uint16Array.from(labels.values, (value) => classOfValue(map, value, labels) ?? IGNORED);
}
