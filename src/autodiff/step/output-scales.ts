import type { Graph } from '../../ir/graph.js';

/** How many positions of the first output one position of each output stands for, on each axis. */
export function outputScales({ outputs, nodes }: Graph): readonly (readonly number[])[] {
  const steps = outputs.map(({ value }) => (nodes[value]?.spatial ?? []).map(({ p, d }) => d / p));
  return steps.map((own) => own.map((step, axis) => step / (steps[0]?.[axis] ?? step)));
}
