import { evaluateAffine } from '../ir/affine.js';
import { axisName, type Graph } from '../ir/graph.js';
import { type AxisSizes, fits, nearestSizes } from '../shape/admissible.js';

/** The output of `unet sizes --json`, which is stable. */
export interface SizeTable {
  readonly network: string;
  readonly axes: readonly AxisSizes[];
  /** Pairs of input and output sizes, one entry per axis. */
  readonly examples: readonly { readonly input: readonly number[]; readonly output: readonly number[] }[];
  /** The nearest sizes that fit, one entry per axis; null if there is none. */
  readonly nearest: {
    readonly below: readonly (number | null)[];
    readonly above: readonly (number | null)[];
  };
}

/** The sizes that fit around `near` (one number for all axes, or one per axis): three below and three above. */
export function sizeTable(graph: Graph, axes: readonly AxisSizes[], near?: readonly number[]): SizeTable {
  const wanted = axes.map((_, i) => near?.[i] ?? near?.[0] ?? graph.inputSize[i] ?? 1);
  const nearest = axes.map((axis, i) => nearestSizes(axis, wanted[i] ?? 1));
  const steps = [-3, -2, -1, 0, 1, 2, 3];
  const inputs = steps.map((step) =>
    axes.map((axis, i) => (nearest[i]?.above ?? axis.maximum ?? axis.minimum) + step * axis.step),
  );
  const examples = inputs
    .filter((input) => axes.every((axis, i) => fits(axis, input[i] ?? 0)))
    .map((input) => ({ input, output: outputSize(graph, input) }));
  return {
    network: graph.name,
    axes,
    examples,
    nearest: {
      below: nearest.map((one) => one.below ?? null),
      above: nearest.map((one) => one.above ?? null),
    },
  };
}

/** The output size for an input size that fits, by the closed form. */
export function outputSize(graph: Graph, input: readonly number[]): readonly number[] {
  return input.map((size, axis) => outputAt(graph, axis, size));
}

function outputAt(graph: Graph, axis: number, size: number): number {
  const formula = graph.nodes[graph.outputs[0]?.value ?? 0]?.spatial[axis];
  return formula ? evaluateAffine(formula, size) : Number.NaN;
}

/** The rule of an axis as people write it: `H: in = 16b + 124, out = 16b - 60, b >= 4`; `H: in = 224, out = 224`. */
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
  const { minimum, maximum } = axis;
  if (maximum === minimum) return `${name}: in = ${minimum}, out = ${outputAt(graph, index, minimum)}`;
  const last = maximum === undefined ? '' : `, b <= ${(maximum - axis.offset) / axis.step}`;
  return `${name}: in = ${term(axis.step, axis.offset)}, out = ${out}, b >= ${first}${last}`;
}
