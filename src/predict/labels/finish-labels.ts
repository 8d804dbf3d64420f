import { Failure } from '../../diagnostics/failure.js';
import type { Components } from '../../objects/components/connected-components.js';
import { connectedComponents } from '../../objects/components/connected-components.js';
import { postprocess } from '../../objects/postprocess/postprocess.js';
import type { PostprocessingStep } from '../../objects/postprocess/step.js';
import { borderWatershed } from '../../objects/watershed/border-watershed.js';
import { distanceWatershed } from '../../objects/watershed/distance-watershed.js';

/** How the objects of a map of classes are told apart. */
export type ObjectSeparation =
  | { readonly kind: 'components' | 'distance' }
  | { readonly kind: 'border'; readonly border: number };

/** What is done with labels once all are there. */
export interface FinishOptions {
  readonly steps: readonly PostprocessingStep[];
  /** How objects are numbered; undefined if they are not. */
  readonly objects: ObjectSeparation | undefined;
}

type ClassPlane = Uint8Array | Uint16Array;

/** The objects of all images of a file, numbered on from image to image. */
export interface NumberedObjects {
  /** (...spatial) of each image: 0, or the number of an object. */
  readonly planes: readonly Int32Array[];
  /** The class of each object, by its number; 0 for no object. */
  readonly values: readonly number[];
}

/**
 * The labels of an image after all steps, (...spatial).
 *
 * @param micrometres the distance between positions on each axis, where it is known
 */
export function finishedPlane(
  labels: ClassPlane,
  shape: readonly number[],
  steps: readonly PostprocessingStep[],
  micrometres: readonly number[] | undefined,
): ClassPlane | Failure {
  if (steps.length === 0) return labels;
  const result = postprocess({ labels, shape }, steps, micrometres);
  // It has the type of the array that it is made of.
  return result instanceof Failure ? result : (result as ClassPlane);
}

function componentsOf(
  labels: ClassPlane,
  shape: readonly number[],
  separation: ObjectSeparation,
  spacing: readonly number[] | undefined,
): Components {
  const distances = spacing ? { spacing } : {};
  switch (separation.kind) {
    case 'components':
      return connectedComponents(labels, shape);
    case 'distance':
      return distanceWatershed({ labels, shape }, distances);
    default:
      return borderWatershed({ labels, shape }, { border: separation.border, ...distances });
  }
}

/** Numbers the objects of images, (...spatial) each. */
export function numberedObjects(
  planes: readonly ClassPlane[],
  shape: readonly number[],
  separation: ObjectSeparation,
  spacing: readonly number[] | undefined,
): NumberedObjects {
  const values = [0];
  const numbered = planes.map((labels) => {
    const { labels: own, count, values: classes } = componentsOf(labels, shape, separation, spacing);
    const before = values.length - 1;
    for (let object = 1; object <= count; object++) values.push(classes[object] ?? 0);
    return before === 0 ? own : own.map((object) => (object === 0 ? 0 : object + before));
  });
  return { planes: numbered, values };
}
