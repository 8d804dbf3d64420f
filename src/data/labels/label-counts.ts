import { IGNORED } from './label-map.js';

/** How many positions of a mask, or of several, belong to each class. */
export interface LabelCounts {
  /** Class 0 first. */
  readonly byClass: readonly number[];
  /** Positions that nobody labelled. */
  readonly ignored: number;
}

export function countLabels(classes: Uint16Array, classCount: number): LabelCounts {
  const counts = new Float64Array(classCount);
  let ignored = 0;
  for (let i = 0; i < classes.length; i++) {
    // Within the length.
    const label = classes[i] as number;
    if (label === IGNORED) ignored += 1;
    // A class is below the number of classes.
    else counts[label] = (counts[label] as number) + 1;
  }
  return { byClass: [...counts], ignored };
}

/** The counts of several masks together. */
export function sumCounts(all: readonly LabelCounts[], classCount: number): LabelCounts {
  return {
    byClass: Array.from({ length: classCount }, (_, label) =>
      all.reduce((sum, { byClass }) => sum + (byClass[label] ?? 0), 0),
    ),
    ignored: all.reduce((sum, { ignored }) => sum + ignored, 0),
  };
}
