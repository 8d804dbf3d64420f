import { expect } from 'vitest';
import { receptiveField } from '../../src/analysis/receptive-field.js';
import type { Graph } from '../../src/ir/graph.js';
import { compileAt, fittedNetwork } from '../random/fitted.js';
import { measuredFields } from './dependence.js';

/**
 * Whether some position sees no input, and the claim is an upper bound: of a transposed conv with a kernel below its
 * stride, or of a dilated conv with an even kernel, whose taps are all beside the position, in the padding of a small
 * map.
 */
function hasBound(graph: Graph): boolean {
  return graph.nodes.some(
    ({ kind, attributes }) =>
      // Its bound holds at any place of a map of any size.
      kind === 'interpolate' ||
      (kind === 'convTranspose' &&
        attributes.kernel.some((size, axis) => size < (attributes.stride[axis] ?? 1))) ||
      (kind === 'conv' &&
        attributes.kernel.some((size, axis) => size % 2 === 0 && (attributes.dilation[axis] ?? 1) > 1)),
  );
}

/** The receptive fields of the random networks of so many seeds against what changes of the input show. */
export function checkFields(seeds: number): { readonly compared: number; readonly largest: number } {
  let [compared, largest] = [0, 0];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const fitted = fittedNetwork(seed, { light: true, maximalDepth: 3 });
    if (!fitted) continue;
    const { graph, facts } = fitted.network;
    const atMinimum = compileAt(
      fitted.spec,
      fitted.axes.map(({ minimum }) => minimum),
    ).graph;
    for (const [axis, { minimum, step }] of fitted.axes.entries()) {
      const unbounded = graph.stages.map(({ value }) => receptiveField(graph, value)[axis] ?? 0);
      // So large that positions in the middle see no border, in each phase of the strides.
      const wanted = 2 * Math.max(...unbounded.filter(Number.isFinite)) + 2 * step;
      const size = minimum + Math.ceil(Math.max(0, wanted - minimum) / step) * step;
      if ((facts.macs / (graph.inputSize[axis] ?? 1)) * size * size > 1e7) continue;
      const measured = measuredFields(atMinimum, axis, size);
      // Behind a mean over all positions the whole input is seen, whatever its size.
      const claimed = unbounded.map((field) => Math.min(field, size));
      for (const [i, { path, value }] of graph.stages.entries()) {
        const why = `${path.text}, axis ${axis}, size ${size}\n${fitted.note}`;
        if (hasBound(graph)) expect(measured.get(value), why).toBeLessThanOrEqual(claimed[i] ?? 0);
        else expect(measured.get(value), why).toBe(claimed[i]);
        compared += 1;
        largest = Math.max(largest, claimed[i] ?? 0);
      }
    }
  }
  return { compared, largest };
}
