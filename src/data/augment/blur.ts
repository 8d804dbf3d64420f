import { reflect } from '../../runtime/inference/tile.js';
import { stridesOf } from '../../runtime/tensor.js';

/** Beyond so many deviations, less than 1 part in 10,000 of a Gaussian is left. */
const RADIUS = 4;

/** The weights of a Gaussian at -radius .. radius; they add up to 1. */
function gaussian(std: number): Float64Array {
  const radius = Math.ceil(RADIUS * std);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) * (i - radius)) / (2 * std * std)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Blurs (C, ...spatial) in place with a Gaussian of deviation `std` positions on each spatial axis; borders are mirrored. */
export function blur(image: Float32Array, shape: readonly number[], std: readonly number[]): void {
  for (const [k, stride] of stridesOf(shape).entries()) {
    const deviation = k === 0 ? 0 : (std[k - 1] ?? 0);
    if (deviation <= 0) continue;
    const size = shape[k] ?? 1;
    const weights = gaussian(deviation);
    const radius = (weights.length - 1) / 2;
    const framed = new Float32Array(size + 2 * radius);
    const offsets = Int32Array.from(framed, (_, i) => reflect(i - radius, size) * stride);
    for (let start = 0; start < image.length; start++) {
      if (Math.floor(start / stride) % size !== 0) continue;
      // The offsets stay on the line that begins at `start`.
      for (let i = 0; i < framed.length; i++) framed[i] = image[start + (offsets[i] as number)] as number;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        // i + w is below size + 2 * radius, the length of `framed`.
        for (let w = 0; w < weights.length; w++) sum += (weights[w] as number) * (framed[i + w] as number);
        image[start + i * stride] = sum;
      }
    }
  }
}
