import type { Graph } from '../../ir/graph.js';

/** How many positions of the first output one position of each output stands for, on each axis. */
export function outputScales({ outputs, nodes }: Graph): readonly (readonly number[])[] {
  const sizes = outputs.map(({ value }) => (nodes[value]?.spatial ?? []).map(({ p, d }) => d / p));
  return sizes.map((own) => own.map((size, axis) => size / (sizes[0]?.[axis] ?? size)));
}

/**
 * The weight of each output's loss. It halves from one resolution to the next, and all weights sum to 1. If there are three
 * resolutions or more, the coarsest has the weight 0 (Isensee et al. 2021, supplement). Outputs of equal resolution, such as
 * those of a grid, have equal weights.
 */
export function supervisionWeights({ outputs, nodes }: Graph): readonly number[] {
  // How many positions of the input one of an output stands for. An axis may keep its size from level to level.
  const sizes = outputs.map(({ value }) =>
    (nodes[value]?.spatial ?? []).reduce((product, { p, d }) => (product * d) / p, 1),
  );
  const distinct = [...new Set(sizes)].sort((a, b) => a - b);
  const raw = sizes.map((size) => {
    const resolution = distinct.indexOf(size);
    return distinct.length > 2 && resolution === distinct.length - 1 ? 0 : 2 ** -resolution;
  });
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}
