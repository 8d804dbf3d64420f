import { evaluateAffine } from '../ir/affine.js';
import { axisName, type Graph } from '../ir/graph.js';
import { type AxisSizes, nearestSizes } from '../shape/admissible.js';

/** What `unet sizes --json` prints: a stable form. */
export interface SizeTable {
  readonly network: string;
  readonly axes: readonly AxisSizes[];
  /** Pairs of input and output sizes, an entry an axis. */
  readonly examples: readonly { readonly input: readonly number[]; readonly output: readonly number[] }[];
  /** The nearest sizes that fit, an entry an axis; `below` is null where there is none. */
  readonly nearest: { readonly below: readonly (number | null)[]; readonly above: readonly number[] };
}

/** Sizes that fit around `near` (one number for every axis, or one an axis): three below and three above. */
export function sizeTable(graph: Graph, axes: readonly AxisSizes[], near?: readonly number[]): SizeTable {
  const wanted = axes.map((_, i) => near?.[i] ?? near?.[0] ?? graph.inputSize[i] ?? 1);
  const nearest = axes.map((axis, i) => nearestSizes(axis, wanted[i] ?? 1));
  const steps = [-3, -2, -1, 0, 1, 2, 3];
  const inputs = steps.map((step) =>
    axes.map((axis, i) => (nearest[i]?.above ?? axis.minimum) + step * axis.step),
  );
  const examples = inputs
    .filter((input) => input.every((size, i) => size >= (axes[i]?.minimum ?? 1)))
    .map((input) => ({ input, output: outputSize(graph, input) }));
  return {
    network: graph.name,
    axes,
    examples,
    nearest: {
      below: nearest.map((one) => one.below ?? null),
      above: nearest.map((one) => one.above),
    },
  };
}

/** The output's size for an input size that fits, by the closed form. */
export function outputSize(graph: Graph, input: readonly number[]): readonly number[] {
  const output = graph.nodes[graph.outputs[0]?.value ?? 0];
  return input.map((size, axis) => {
    const formula = output?.spatial[axis];
    return formula ? evaluateAffine(formula, size) : Number.NaN;
  });
}

/** The rule of an axis as people write it: `H: in = 16b + 124, out = 16b - 60, b >= 4`. */
export function sizeRule(graph: Graph, axis: AxisSizes, index: number): string {
  const output = graph.nodes[graph.outputs[0]?.value ?? 0]?.spatial[index];
  const name = axisName(index, graph.rank);
  const first = (axis.minimum - axis.offset) / axis.step;
  const term = (factor: number, constant: number) => {
    const product = factor === 0 ? '' : factor === 1 ? 'b' : `${factor}b`;
    const shift =
      constant === 0
        ? ''
        : product === ''
          ? String(constant)
          : constant < 0
            ? ` - ${-constant}`
            : ` + ${constant}`;
    return `${product}${shift}` || '0';
  };
  const out =
    output && term((output.p * axis.step) / output.d, (output.p * axis.offset + output.q) / output.d);
  return `${name}: in = ${term(axis.step, axis.offset)}, out = ${out}, b >= ${first}`;
}
