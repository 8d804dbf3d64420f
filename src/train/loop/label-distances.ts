import { distanceMap } from '../../autodiff/losses/distance-map.js';
import { elementCount, type Tensor } from '../../runtime/tensor.js';

/** The distances to the border of each class, (N, K, ...spatial), of labels and weights (N, 1, ...spatial). */
export function labelDistances(labels: Tensor, weights: Tensor, shape: readonly number[]): Tensor {
  const [batch = 1, classes = 1, ...spatial] = shape;
  const count = elementCount(spatial);
  const data = new Float32Array(elementCount(shape));
  for (let n = 0; n < batch; n += 1) {
    const own = ({ data: all }: Tensor) => all.subarray(n * count, (n + 1) * count);
    data.set(distanceMap(own(labels), classes, spatial, own(weights)), n * classes * count);
  }
  return { shape, data };
}
