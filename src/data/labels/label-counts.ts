/** How many positions of a mask, or of several, belong to each class. */
export interface LabelCounts {
  /** Class 0 first. */
  readonly byClass: readonly number[];
  /** Positions that nobody labelled. */
  readonly ignored: number;
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
