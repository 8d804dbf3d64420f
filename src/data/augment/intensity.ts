import { elementCount } from '../../runtime/tensor.js';
import { RandomStream } from '../../weights/random-stream.js';
import { Rng } from '../rng.js';
import { PROBABILITY, type ResolvedAugmentation } from './augmentation.js';
import { blur } from './blur.js';
import { drawFactor } from './spatial.js';

interface Statistics {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly deviation: number;
}

function statisticsOf(values: Float32Array): Statistics {
  let [least, most, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
  }
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { least, most, mean, deviation: Math.sqrt(squares / values.length) };
}

/** Changes the contrast around the mean. The darkest and the brightest value stay the bounds. */
function changeContrast(values: Float32Array, factor: number): void {
  const { least, most, mean } = statisticsOf(values);
  for (let i = 0; i < values.length; i++) {
    // Below the length, here and in the loops that follow.
    values[i] = Math.min(most, Math.max(least, mean + ((values[i] as number) - mean) * factor));
  }
}

/** Raises values, scaled to 0..1, to a power, and restores their mean and deviation, as nnU-Net does. */
function changeGamma(values: Float32Array, exponent: number): void {
  const { least, most, mean, deviation } = statisticsOf(values);
  if (!(most > least)) return;
  for (let i = 0; i < values.length; i++) {
    // Below the length.
    values[i] = (((values[i] as number) - least) / (most - least)) ** exponent;
  }
  const after = statisticsOf(values);
  const scale = after.deviation > 0 ? deviation / after.deviation : 0;
  // Below the length.
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] as number) - after.mean) * scale + mean;
}

/** A factor of 1 - range to 1 + range, never negative. */
function drawAroundOne(range: number, rng: Rng): number {
  return rng.uniform(Math.max(0, 1 - range), 1 + range);
}

/**
 * Changes the values of a patch, (C, ...spatial), in place, in the order of the list; labels do not change. Noise is normal,
 * with a deviation that is uniform up to `std`; blur is Gaussian, with a deviation that is uniform from half of `std` to
 * `std`. Brightness multiplies, contrast stretches around each channel's mean, and gamma raises values to a power.
 * Augmentation k draws from the stream `name/k`.
 */
export function changeIntensities(
  image: Float32Array,
  shape: readonly number[],
  augmentations: readonly ResolvedAugmentation[],
  seed: number,
  name: string,
): void {
  const positions = elementCount(shape.slice(1));
  const channels = Array.from({ length: shape[0] ?? 0 }, (_, c) =>
    image.subarray(c * positions, (c + 1) * positions),
  );
  for (const [k, augmentation] of augmentations.entries()) {
    const stream = `${name}/${k}`;
    const rng = new Rng(seed, stream);
    if (rng.uniform(0, 1) > PROBABILITY[augmentation.kind]) continue;
    switch (augmentation.kind) {
      case 'noise': {
        const noise = new Float32Array(image.length);
        new RandomStream(seed, `${stream}/noise`).fillNormal(noise, rng.uniform(0, augmentation.std));
        // Both have the same length.
        for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) + (noise[i] as number);
        break;
      }
      case 'blur': {
        const part = rng.uniform(0.5, 1);
        blur(
          image,
          shape,
          augmentation.std.map((std) => std * part),
        );
        break;
      }
      case 'brightness': {
        const factor = drawAroundOne(augmentation.range, rng);
        // Below the length.
        for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) * factor;
        break;
      }
      case 'contrast': {
        const factor = drawAroundOne(augmentation.range, rng);
        for (const channel of channels) changeContrast(channel, factor);
        break;
      }
      case 'gamma': {
        const exponent = drawFactor(augmentation.range, rng);
        for (const channel of channels) changeGamma(channel, exponent);
        break;
      }
      case 'flip':
      case 'rotate90':
      case 'rotate':
      case 'scale':
      case 'elastic':
        break;
      default:
        augmentation satisfies never;
    }
  }
}
