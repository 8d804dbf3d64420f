import { elementCount } from '../../ir/parameter.js';
import type { Components } from '../components/connected-components.js';
import type { LabelImage } from '../label-array.js';
import { numberObjects } from '../number-objects.js';
import { eachRow } from './rows.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** A component, with a margin around it where the map has one. */
export interface ComponentCrop {
  /** (...spatial). */
  readonly shape: readonly number[];
  /** (...shape): the labels of the map in the component; 0 elsewhere. */
  readonly labels: Int32Array;
  /** (...shape): 1 in the component. */
  readonly isInside: Uint8Array;
}

/** The parts of a component, (...shape): numbered from 1 to `count`, 0 for none. */
export interface Parts {
  readonly parts: Int32Array;
  readonly count: number;
}

/**
 * Splits each component of a map by itself, in a crop of its box with a margin. Memory is needed for one component at a time.
 *
 * @param noValue a label that is no class: an object has the first other label among its positions
 */
export function splitComponents(
  { labels, shape }: LabelImage,
  components: Components,
  margins: readonly number[],
  split: (crop: ComponentCrop) => Parts,
  noValue?: number,
): Components {
  const { length: rank } = shape;
  const result = new Int32Array(labels.length);
  let last = 0;
  for (let component = 1; component <= components.count; component++) {
    const bounds = shape.map((length, axis) => {
      const at = 2 * (rank * component + axis);
      const margin = margins[axis] ?? 0;
      const low = Math.max(0, (components.boxes[at] as number) - margin);
      return [low, Math.min(length, (components.boxes[at + 1] as number) + margin)] as const;
    });
    const start = bounds.map(([low]) => low);
    const size = bounds.map(([low, high]) => high - low);
    const width = size.at(-1) ?? 0;
    const crop = {
      shape: size,
      labels: new Int32Array(elementCount(size)),
      isInside: new Uint8Array(elementCount(size)),
    };
    const origin = size.map(() => 0);
    eachRow({ start, size }, shape, origin, size, (at, cropAt) => {
      for (let i = 0; i < width; i++) {
        if (components.labels[at + i] !== component) continue;
        crop.labels[cropAt + i] = labels[at + i] as number;
        crop.isInside[cropAt + i] = 1;
      }
    });
    const { parts, count } = split(crop);
    eachRow({ start, size }, shape, origin, size, (at, cropAt) => {
      for (let i = 0; i < width; i++) {
        const part = parts[cropAt + i] as number;
        if (part !== 0) result[at + i] = last + part;
      }
    });
    last += count;
  }
  return numberObjects(result, last, labels, shape, noValue);
}
