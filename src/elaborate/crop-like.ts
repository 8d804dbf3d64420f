import { constantDifference } from '../ir/affine.js';
import type { Origin } from '../ir/graph.js';
import { useNotes } from '../language/modules/library-diagnostics.js';
import type { Maybe } from './context.js';
import type { Layers } from './layers.js';

/** Crops a map evenly on all sides to the size of another map. */
export function cropLike(layers: Layers, input: Maybe, like: Maybe, origin: Origin): Maybe {
  if (input === undefined || like === undefined) return undefined;
  const { elaboration, path } = layers;
  const amounts: number[] = [];
  for (const [axis, size] of elaboration.spatial(input).entries()) {
    const target = elaboration.spatial(like)[axis] ?? size;
    const difference = constantDifference(size, target);
    const total = difference?.denominator === 1 ? difference.numerator : undefined;
    if (total === undefined || total < 0 || total % 2 !== 0) {
      return elaboration.reporter.report(
        'sizes-not-equal',
        origin.span,
        {
          op: 'crop_like',
          axis: elaboration.axisName(axis),
          left: elaboration.sizeText(size, axis),
          right: elaboration.sizeText(target, axis),
        },
        {
          notes: useNotes(origin),
          help: 'a crop removes the same whole number of positions from both sides, for every size of the input',
        },
      );
    }
    amounts.push(total / 2);
  }
  if (amounts.every((amount) => amount === 0)) return input;
  return elaboration.add('crop', [input], { before: amounts, after: amounts }, path, origin);
}
