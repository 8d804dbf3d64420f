import type { Graph } from '../../ir/graph.js';

/**
 * The weight of each output's loss: halved from resolution to resolution, all together 1; of three resolutions or more
 * the coarsest is left out (Isensee et al. 2021, supplement). Outputs of one resolution, as those of a grid, weigh alike.
 */
export function supervisionWeights({ outputs, nodes }: Graph): readonly number[] {
  // How many positions of the input one of an output stands for: an axis alone may keep its size from level to level.
  const sizes = outputs.map(({ value }) =>
    (nodes[value]?.spatial ?? []).reduce((product, { p, d }) => (product * d) / p, 1),
  );
  const distinct = [...new Set(sizes)].sort((a, b) => a - b);
  const raw = sizes.map((size) => {
    const place = distinct.indexOf(size);
    return distinct.length > 2 && place === distinct.length - 1 ? 0 : 2 ** -place;
  });
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}
