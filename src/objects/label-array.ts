/** A map of labels or of object numbers, (...spatial), row by row. 0 is the background. */
export type LabelArray = Uint8Array | Uint16Array | Int32Array;

/** A map of labels with its size. */
export interface LabelImage {
  readonly labels: LabelArray;
  /** (...spatial). */
  readonly shape: readonly number[];
}
