import { IGNORED } from '../../data/labels/label-map.js';
import type { Window } from '../../runtime/inference/tile.js';
import { elementCount, stridesOf } from '../../runtime/tensor.js';

/** The maps of a whole image, (...spatial), laid together from the patches of a validation. */
export class AssembledImage {
  readonly predicted: Uint8Array;
  /** IGNORED where no patch has come yet. */
  readonly truth: Uint8Array;
  private added = 0;

  /**
   * @param spatial of the image
   * @param windows its patches, in the order in which they are added: see coverWith
   * @param patch (...output), the size of a patch's labels
   */
  constructor(
    readonly spatial: readonly number[],
    private readonly windows: readonly Window[],
    private readonly patch: readonly number[],
  ) {
    this.predicted = new Uint8Array(elementCount(spatial));
    this.truth = new Uint8Array(elementCount(spatial)).fill(IGNORED);
  }

  get isComplete(): boolean {
    return this.added === this.windows.length;
  }

  /** Lays the next patch down, (...output) each: of it, what its window counts. */
  add(predicted: Uint8Array, truth: Uint8Array): void {
    const window = this.windows[this.added];
    if (!window) throw new Error(`an image of ${this.windows.length} patches has one more`);
    this.added += 1;
    const [whole, part] = [stridesOf(this.spatial), stridesOf(this.patch)];
    const copy = (axis: number, to: number, from: number): void => {
      const place = window[axis];
      if (!place) return;
      if (axis === window.length - 1) {
        const [begin, end] = [from + place.from - place.start, from + place.to - place.start];
        this.predicted.set(predicted.subarray(begin, end), to + place.from);
        this.truth.set(truth.subarray(begin, end), to + place.from);
        return;
      }
      for (let at = place.from; at < place.to; at++) {
        copy(axis + 1, to + at * (whole[axis] ?? 1), from + (at - place.start) * (part[axis] ?? 1));
      }
    };
    copy(0, 0, 0);
  }
}
