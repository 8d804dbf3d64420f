import { evaluateAffine } from '../../src/ir/affine.js';
import type { Graph } from '../../src/ir/graph.js';
import { admissibleSizes, fits } from '../../src/shape/admissible.js';
import { inferSizes } from '../../src/shape/infer.js';
import { elaborateText } from '../random/elaborated.js';
import { NETWORK, randomSpec, seedNote } from '../random/random-spec.js';
import { propagate } from './propagate.js';

/** Sizes are tried from 1 to this one. */
const LARGEST = 700;

/** What the random specs of a range of seeds came to. */
export interface Tally {
  networks: number;
  /** Networks that no size fits along some axis. */
  impossible: number;
  /** Pairs of an axis and a size that fits. */
  fitting: number;
}

/**
 * Compares the closed form of the admissible sizes with propagation of every size from 1 to 700, and the affine
 * sizes and the op-by-op inference with the propagated ones. Returns what differs, with the text.
 */
export function checkClosedForm(
  seeds: Iterable<number>,
  wanted: number,
): { problems: string[]; tally: Tally } {
  const problems: string[] = [];
  const tally: Tally = { networks: 0, impossible: 0, fitting: 0 };
  for (const seed of seeds) {
    if (tally.networks >= wanted) break;
    const spec = randomSpec(seed);
    const anySize = Array.from({ length: spec.rank }, () => 64);
    const { graph } = elaborateText(spec.textAt(anySize), NETWORK);
    if (!graph) continue;
    tally.networks += 1;
    const found = compare(graph, tally);
    if (found) problems.push(`${found}\n${seedNote(spec, anySize)}`);
  }
  return { problems, tally };
}

function compare(graph: Graph, tally: Tally): string | undefined {
  const admissible = admissibleSizes(graph);
  if (admissible.kind === 'out-of-range') return 'out of range';
  if (admissible.kind === 'none') {
    tally.impossible += 1;
    const { axis } = admissible;
    const size = sizesUpTo(LARGEST).find((n) => propagate(graph, axis, n));
    return size === undefined ? undefined : `axis ${axis}: ${size} fits, and the solver says that none does`;
  }
  for (const [axis, sizes] of admissible.axes.entries()) {
    if ((sizes.minimum - sizes.offset) % sizes.step !== 0)
      return `axis ${axis}: the minimum is not of the form`;
    for (const n of sizesUpTo(LARGEST)) {
      const propagated = propagate(graph, axis, n);
      if (fits(sizes, n) !== (propagated !== undefined)) {
        return `axis ${axis}, size ${n}: it ${propagated ? 'fits' : 'does not fit'}, and the solver differs`;
      }
      const other = differing(graph, axis, n, propagated);
      if (other) return other;
      if (propagated) tally.fitting += 1;
    }
  }
  return undefined;
}

/** Where inference or an affine size differs from propagation. */
function differing(
  graph: Graph,
  axis: number,
  n: number,
  propagated: readonly number[] | undefined,
): string | undefined {
  // Inference makes objects for every node; a sample of the sizes that do not fit is enough.
  if (!propagated && n % 23 !== 0) return undefined;
  const inferred = inferSizes(
    graph,
    graph.inputSize.map(() => n),
  );
  const mismatch = inferred.mismatches.some((one) => one.axis === axis);
  if (mismatch === (propagated !== undefined))
    return `axis ${axis}, size ${n}: inference finds a mismatch: ${mismatch}`;
  for (const node of propagated ? graph.nodes : []) {
    const size = propagated?.[node.id];
    const formula = node.spatial[axis];
    if (!formula || evaluateAffine(formula, n) !== size)
      return `${node.path}, size ${n}: the formula is wrong`;
    if (inferred.sizes[node.id]?.[axis] !== size)
      return `${node.path}, size ${n}: the inferred size is wrong`;
  }
  return undefined;
}

function sizesUpTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}
