import { elementCount } from '../../ir/parameter.js';
import { distanceTransform } from '../../objects/watershed/distance-transform.js';
import { classOfChannel } from './prediction.js';

/**
 * The signed distances phi of the boundary loss, for each class of one sample, (K, ...size). Outside of a class, phi is the
 * distance to the nearest position inside; inside, it is 1 minus the distance to the nearest position outside, so the
 * outermost positions inside have 0. All distances are 0 for a class that is absent or everywhere: it has no boundary.
 * Unlabelled positions are neither inside nor outside, and have 0.
 *
 * Source: H. Kervadec et al., Boundary loss for highly unbalanced segmentation, 2019, arXiv:1812.07032, and the
 * authors' code for the 1.
 *
 * @param labels the class number of each position, in row-major order
 * @param classes K, the channels of the logits; a single one stands for class 1
 * @param weights not above 0 if a position is unlabelled; undefined if all are labelled
 */
export function distanceMap(
  labels: ArrayLike<number>,
  classes: number,
  size: readonly number[],
  weights?: ArrayLike<number>,
): Float32Array {
  const count = elementCount(size);
  const map = new Float32Array(classes * count);
  const labelled = (position: number) => weights === undefined || (weights[position] ?? 0) > 0;
  for (let channel = 0; channel < classes; channel++) {
    const number = classOfChannel(channel, classes);
    const inside = (position: number) => labels[position] === number;
    const toInside = distanceTransform((i) => labelled(i) && inside(i), size);
    const toOutside = distanceTransform((i) => labelled(i) && !inside(i), size);
    // Without any marked position, a transform is infinite everywhere.
    if (toInside[0] === Number.POSITIVE_INFINITY || toOutside[0] === Number.POSITIVE_INFINITY) continue;
    for (let i = 0; i < count; i++) {
      if (!labelled(i)) continue;
      map[channel * count + i] = inside(i) ? 1 - (toOutside[i] ?? 0) : (toInside[i] ?? 0);
    }
  }
  return map;
}
