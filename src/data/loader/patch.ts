import type { Window } from '../../runtime/inference/tile.js';
import { cutPatch, type Patch } from '../augment/cut.js';
import { type Geometry, plainGeometry } from '../augment/geometry.js';
import { changeIntensities } from '../augment/intensity.js';
import { drawGeometry } from '../augment/spatial.js';
import { IGNORED } from '../labels/label-map.js';
import { drawForeground } from '../patches/class-positions.js';
import { drawOrigin, originAround } from '../patches/patch-origin.js';
import { marginsOf } from '../patches/patch-size.js';
import { Rng } from '../rng.js';
import type { PreparedSample } from './prepared-sample.js';
import type { ResolvedSettings } from './settings.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Which patch a batch has in one of its slots: plain data. */
export interface PatchRequest {
  /** The sample's number in the loader's list. */
  readonly sample: number;
  readonly where:
    | {
        readonly kind: 'random';
        /** Names the streams that the patch is drawn from. */
        readonly name: string;
        /** Whether a position of the foreground is in its middle. */
        readonly foreground: boolean;
      }
    | { readonly kind: 'window'; readonly window: Window };
}

/** The numbers in one slot of a batch. */
export interface WeightedPatch {
  /** (C, ...input). */
  readonly image: Float32Array;
  /** (...output): class numbers; 0 where the weight is 0 because nobody labelled the position. */
  readonly labels: Float32Array;
  /** (...output). */
  readonly weights: Float32Array;
}

/** The origin of a patch's image in the image of the sample, from the origin of its label. */
function imageOrigin(starts: readonly number[], { patch }: ResolvedSettings): number[] {
  const margins = marginsOf(patch);
  return starts.map((start, axis) => start - (margins[axis] ?? 0));
}

function randomPatch(
  sample: PreparedSample,
  settings: ResolvedSettings,
  { name, foreground }: PatchRequest['where'] & { kind: 'random' },
): Patch {
  const { patch, seed, augment } = settings;
  const { spatial, classes, counts } = sample;
  const rng = new Rng(seed, `patch/${name}`);
  const index = foreground ? drawForeground(classes, counts, settings.classWeights.length, rng) : undefined;
  const starts =
    index === undefined ? drawOrigin(spatial, patch.output, rng) : originAround(index, spatial, patch.output);
  const spacing = settings.spacing ?? sample.spacing ?? spatial.map(() => 1);
  const geometry = drawGeometry(
    augment,
    patch,
    imageOrigin(starts, settings),
    spacing,
    seed,
    `augment/${name}`,
  );
  const cut = cutPatch(sample, geometry, patch);
  const channels = sample.image.length / sample.classes.length;
  changeIntensities(cut.image, [channels, ...patch.input], augment, seed, `intensity/${name}`);
  return cut;
}

/** A window, unchanged; positions that another window counts are IGNORED. */
function windowPatch(sample: PreparedSample, settings: ResolvedSettings, window: Window): Patch {
  const { patch } = settings;
  const starts = window.map(({ start }) => start);
  const geometry: Geometry = plainGeometry(patch.input, imageOrigin(starts, settings));
  const cut = cutPatch(sample, geometry, patch);
  let stride = 1;
  for (let axis = window.length - 1; axis >= 0; axis--) {
    const { start, from, to } = window[axis] ?? { start: 0, from: 0, to: 0 };
    const size = patch.output[axis] ?? 1;
    for (let i = 0; i < cut.classes.length; i++) {
      const position = start + (Math.floor(i / stride) % size);
      if (position < from || position >= to) cut.classes[i] = IGNORED;
    }
    stride *= size;
  }
  return cut;
}

/**
 * Makes the patch for one slot of a batch. The same sample, settings and request give the same bytes in every thread and
 * at every time. The weight of a position is the sum of its class weight and its border weight, and 0 if nobody labelled
 * it.
 */
export function weightedPatch(
  sample: PreparedSample,
  settings: ResolvedSettings,
  { where }: PatchRequest,
): WeightedPatch {
  const { image, classes, border } =
    where.kind === 'random'
      ? randomPatch(sample, settings, where)
      : windowPatch(sample, settings, where.window);
  const labels = new Float32Array(classes.length);
  const weights = new Float32Array(classes.length);
  for (let i = 0; i < classes.length; i++) {
    // Below the length of `classes`, which is the length of `border`.
    const label = classes[i] as number;
    if (label === IGNORED) continue;
    labels[i] = label;
    weights[i] = (settings.classWeights[label] ?? 1) + (border === undefined ? 0 : (border[i] as number));
  }
  return { image, labels, weights };
}
