import { stridesOf } from '../../runtime/tensor.js';
import { RandomStream } from '../../weights/random-stream.js';
import { Rng } from '../rng.js';
import { smoothField } from './smooth-field.js';
import type { Territories } from './territories.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Gray values on a scale from 0 to 1, before light and noise. */
const OUTSIDE = 0.4;
const INSIDE = 0.62;
/** The largest difference of a cell from the others. */
const CELL_CONTRAST = 0.09;
/** The standard deviations of the texture outside and inside. */
const TEXTURE = [0.02, 0.035] as const;
/** How much darker a membrane of mean stain is; how much the stain varies; the bounds of the stain. */
const MEMBRANE = 0.4;
const STAIN_VARIATION = 0.4;
const STAIN = [0.15, 1.5] as const;
/** The largest fall-off of the light to the sides. */
const LIGHT = 0.28;
/** The variance of the noise: a part in proportion to the light, as with counted photons, and a constant part. */
const PHOTON_NOISE = 0.0035;
const READ_NOISE = 0.0006;

/** Smooths every axis with the weights 1/4, 1/2, 1/4, `times` times: a standard deviation of sqrt(times / 2). */
function smooth(image: Float32Array, shape: readonly number[], times: number): Float32Array {
  let from = image;
  let to: Float32Array = new Float32Array(image.length);
  for (const [axis, stride] of stridesOf(shape).entries()) {
    const size = shape[axis] ?? 1;
    for (let k = 0; k < times; k++) {
      for (let i = 0; i < from.length; i++) {
        const position = Math.floor(i / stride) % size;
        // Neighbours inside of the image.
        const before = from[position > 0 ? i - stride : i] as number;
        const after = from[position < size - 1 ? i + stride : i] as number;
        to[i] = 0.25 * before + 0.5 * (from[i] as number) + 0.25 * after;
      }
      [from, to] = [to, from];
    }
  }
  return from;
}

/** The light along each axis: a parabola with a random centre. Their product is the light at a position. */
function lightAlong(shape: readonly number[], rng: Rng): Float64Array[] {
  return shape.map((size) => {
    const [centre, strength] = [rng.uniform(-0.6, 0.6), rng.uniform(0.3, 1) * LIGHT];
    return Float64Array.from({ length: size }, (_, i) => {
      const offset = (2 * (i + 0.5)) / size - 1 - centre;
      return 1.08 - strength * offset * offset;
    });
  });
}

/**
 * A picture of cells with a stained membrane, as a microscope would show them, (...spatial) in [0, 1]: brighter inside,
 * darker membranes of uneven strength, texture, a blur, uneven light, and noise that grows with the light.
 */
export function renderCells(
  { cell, inside, brightness }: Territories,
  shape: readonly number[],
  scale: readonly number[],
  radius: number,
  seed: number,
  name: string,
): Float32Array {
  const field = (part: string, radii: number) =>
    smoothField(
      shape,
      scale.map((distance) => Math.max(1, (radii * radius) / distance)),
      new RandomStream(seed, `${name}/${part}`),
    );
  const rng = new Rng(seed, `${name}/light`);
  const texture = field('texture', 0.25);
  const stain = field('stain', 0.8);
  const signal = texture;
  for (let i = 0; i < signal.length; i++) {
    // All maps have the same length.
    const number = cell[i] as number;
    const grain = texture[i] as number;
    if (number === 0) {
      signal[i] = OUTSIDE + TEXTURE[0] * grain;
      continue;
    }
    const plain = INSIDE + CELL_CONTRAST * (brightness[number] ?? 0) + TEXTURE[1] * grain;
    // As above.
    const strength = Math.min(STAIN[1], Math.max(STAIN[0], 1 + STAIN_VARIATION * (stain[i] as number)));
    signal[i] = inside[i] === 0 ? plain - MEMBRANE * strength : plain;
  }
  const times = 1 + Math.floor(rng.uniform(0, 2));
  const light = lightAlong(shape, rng);
  const strides = stridesOf(shape);
  const blurred = smooth(signal, shape, times);
  new RandomStream(seed, `${name}/noise`).fillNormal(stain, 1);
  return blurred.map((value, i) => {
    let lit = Math.max(0, value);
    for (const [axis, along] of light.entries()) {
      // A coordinate is below the size of its axis, and `stain` has the length of the image.
      lit *= along[Math.floor(i / (strides[axis] ?? 1)) % along.length] as number;
    }
    const noisy = lit + Math.sqrt(PHOTON_NOISE * lit + READ_NOISE) * (stain[i] as number);
    return Math.min(1, Math.max(0, noisy));
  });
}
