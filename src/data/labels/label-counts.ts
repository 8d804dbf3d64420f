import { IGNORED } from './label-map.js';

/** How many positions of a mask, or of several, belong to each class. */
export interface LabelCounts {
  /** Class 0 first. */
  readonly byClass: readonly number[];
  /** Positions that nobody labelled. */
  readonly ignored: number;
}

export function countLabels(classes: Uint8Array, classCount: number): LabelCounts {
  const counts = new Float64Array(256);
  // A byte is always an index of 256 counts.
  for (const label of classes) counts[label] = (counts[label] as number) + 1;
  return { byClass: [...counts.subarray(0, classCount)], ignored: counts[IGNORED] ?? 0 };
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
