import { IGNORED } from '../../data/labels/label-map.js';
import type { Window } from '../../runtime/inference/tile.js';
import { elementCount, stridesOf } from '../../runtime/tensor.js';

/** The maps of a whole image, (...spatial), assembled from the patches of a validation. */
export class AssembledImage {
  readonly predicted: Uint16Array;
  /** IGNORED where no patch has been added yet. */
  readonly truth: Uint16Array;
  private added = 0;

  /**
   * @param spatial the size of the image
   * @param windows its patches, in the order in which they are added: see coverWith
   * @param patch (...output), the size of the labels of a patch
   */
  constructor(
    readonly spatial: readonly number[],
    private readonly windows: readonly Window[],
    private readonly patch: readonly number[],
  ) {
    this.predicted = new Uint16Array(elementCount(spatial));
    this.truth = new Uint16Array(elementCount(spatial)).fill(IGNORED);
  }

  get isComplete(): boolean {
    return this.added === this.windows.length;
  }

  /** Adds the part of the next patch, (...output) each, that its window counts. */
  add(predicted: Uint16Array, truth: Uint16Array): void {
    const window = this.windows[this.added];
    if (!window) throw new Error(`an image of ${this.windows.length} patches is complete`);
    this.added += 1;
    const [whole, part] = [stridesOf(this.spatial), stridesOf(this.patch)];
    const copy = (axis: number, to: number, from: number): void => {
      const span = window[axis];
      if (!span) return;
      if (axis === window.length - 1) {
        const [begin, end] = [from + span.from - span.start, from + span.to - span.start];
        this.predicted.set(predicted.subarray(begin, end), to + span.from);
        this.truth.set(truth.subarray(begin, end), to + span.from);
        return;
      }
      for (let at = span.from; at < span.to; at++) {
        copy(axis + 1, to + at * (whole[axis] ?? 1), from + (at - span.start) * (part[axis] ?? 1));
      }
    };
    copy(0, 0, 0);
  }
}
