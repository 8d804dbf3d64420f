import type { Affine } from '../ir/affine.js';
import { axisName, type Graph, type Node } from '../ir/graph.js';
import { axisMapOf, pinnedSizeOf, pinningNode, recordOfNode } from '../ir/node-record.js';

/**
 * All input sizes of one axis that fit: `offset + step * k` for integers k, from `minimum` up to `maximum`, if there is
 * one.
 */
export interface AxisSizes {
  readonly axis: string;
  readonly step: number;
  /** Chosen so that k is the size of the bottleneck if possible; else in 0..step-1. */
  readonly offset: number;
  /** The smallest size that fits; itself of the form offset + step * k. */
  readonly minimum: number;
  /** The largest size that fits, of the same form, if a table of positions pins the size. */
  readonly maximum?: number;
}

/** The sizes that fit, one entry per axis, or the first op whose demand contradicts the ops before it. */
export type Admissible =
  | { readonly kind: 'sizes'; readonly axes: readonly AxisSizes[] }
  | {
      readonly kind: 'none';
      readonly axis: number;
      readonly node: Node;
      /** Set if its input is always smaller than its minimum; else its stride never divides the size of its input. */
      readonly tooSmall?: { readonly size: number; readonly minimum: number };
    }
  | { readonly kind: 'out-of-range'; readonly axis: number };

/**
 * The largest distance between sizes that fit. Twelve poolings of 2 make 4,096. The receptive field follows every
 * position of such a period back through the network.
 */
const STEP_LIMIT = 16_384n;

/** The demands of an op on the size of its input along an axis. */
interface Demand {
  readonly node: Node;
  /** The op's input, as a function of the network's input n. */
  readonly size: Affine;
  /** size = residue modulo stride. */
  readonly stride: number;
  readonly residue: number;
  /** size is at least this. */
  readonly minimum: number;
  /** size is at most this. */
  readonly maximum: number;
}

/** The demands of an op on the size of its input. */
export function demandOf(
  node: Node,
  axis: number,
): { stride: number; residue: number; minimum: number; maximum: number } {
  const map = axisMapOf(node, axis);
  const maximum = Number.POSITIVE_INFINITY;
  const pinned = pinnedSizeOf(node)?.[axis];
  if (pinned !== undefined) return { stride: 1, residue: 0, minimum: pinned, maximum: pinned };
  if (map.kind === 'whole' || map.kind === 'point') return { stride: 1, residue: 0, minimum: 1, maximum };
  if (map.kind === 'interpolated')
    return { stride: 1, residue: 0, minimum: Math.max(1, 1 - map.change), maximum };
  if (map.kind === 'stretch') {
    // (size - 1) stride + extent - before - after >= 1
    const minimum = Math.ceil((1 + map.before + map.after - map.extent) / map.stride) + 1;
    return { stride: 1, residue: 0, minimum: Math.max(1, minimum), maximum };
  }
  // One whole window must lie inside.
  const window = map.extent - map.before - map.after;
  const least = recordOfNode(node).leastSize?.(node.attributes, axis) ?? 1;
  return { stride: map.stride, residue: map.residue, minimum: Math.max(1, window, least), maximum };
}

function demandsOf(graph: Graph, axis: number, tables: 'fixed' | 'follow'): Demand[] {
  const demands: Demand[] = [];
  for (const node of graph.nodes) {
    if (tables === 'follow' && pinnedSizeOf(node)) continue;
    const first = node.inputs[0];
    const size = first === undefined ? undefined : graph.nodes[first]?.spatial[axis];
    if (size) demands.push({ node, size, ...demandOf(node, axis) });
  }
  return demands;
}

/**
 * Solves all demands of a network for its input size n: each divisibility is a linear congruence in n, each minimum a
 * bound. The congruences are merged one by one by the Chinese remainder theorem, so the result is exact for every size,
 * not a search.
 *
 * @param tables `fixed`: tables of positions keep their sizes. `follow`: tables follow the declared input, so the
 * result is the sizes that a spec can declare.
 */
export function admissibleSizes(graph: Graph, tables: 'fixed' | 'follow' = 'fixed'): Admissible {
  const axes: AxisSizes[] = [];
  for (let axis = 0; axis < graph.rank; axis += 1) {
    let [remainder, modulus] = [0n, 1n];
    let bound = 1;
    let top = Number.POSITIVE_INFINITY;
    for (const { node, size, stride, residue, minimum, maximum } of demandsOf(graph, axis, tables)) {
      // (p n + q) / d = residue (mod stride)  <=>  p n = d residue - q (mod d stride)
      const merged = mergeCongruence(remainder, modulus, size, stride, residue);
      if (!merged) return { kind: 'none', axis, node };
      [remainder, modulus] = merged;
      // A size that does not depend on n cannot grow.
      if (size.p === 0 && size.q < minimum * size.d)
        return { kind: 'none', axis, node, tooSmall: { size: size.q / size.d, minimum } };
      // (p n + q) / d >= minimum
      if (size.p > 0) bound = Math.max(bound, Math.ceil((minimum * size.d - size.q) / size.p));
      // (p n + q) / d <= maximum
      if (size.p > 0) top = Math.min(top, Math.floor((maximum * size.d - size.q) / size.p));
    }
    if (modulus > STEP_LIMIT || bound > 2 ** 40) return { kind: 'out-of-range', axis };
    const step = Number(modulus);
    const rest = Number(remainder);
    const minimum = rest + Math.max(0, Math.ceil((bound - rest) / step)) * step;
    const one = {
      axis: axisName(axis, graph.rank),
      step,
      offset: offsetOf(graph, axis, step, rest),
      minimum,
    };
    const pinning = pinningNode(graph);
    if (!Number.isFinite(top) || !pinning) {
      axes.push(one);
      continue;
    }
    const maximum = rest + Math.floor((top - rest) / step) * step;
    if (maximum < minimum) return { kind: 'none', axis, node: pinning };
    axes.push({ ...one, maximum });
  }
  return { kind: 'sizes', axes };
}

function mergeCongruence(
  remainder: bigint,
  modulus: bigint,
  size: Affine,
  stride: number,
  residue: number,
): [bigint, bigint] | undefined {
  if (stride === 1 && size.d === 1) return [remainder, modulus];
  const [p, q, d, s] = [BigInt(size.p), BigInt(size.q), BigInt(size.d), BigInt(stride)];
  // n = remainder + modulus t, so p modulus t = d residue - q - p remainder (mod d s)
  const right = d * BigInt(residue) - q - p * remainder;
  const left = p * modulus;
  const full = d * s;
  const common = gcd(left, full);
  if (right % common !== 0n) return undefined;
  const reduced = full / common;
  const t = mod((right / common) * inverse(mod(left / common, reduced), reduced), reduced);
  const nextModulus = modulus * reduced;
  return [mod(remainder + modulus * t, nextModulus), nextModulus];
}

function mod(a: bigint, m: bigint): bigint {
  return ((a % m) + m) % m;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** The inverse of a modulo m, for coprime a and m (extended Euclid). */
function inverse(a: bigint, m: bigint): bigint {
  let [r0, r1] = [a, m];
  let [x0, x1] = [1n, 0n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [x0, x1] = [x1, x0 - quotient * x1];
  }
  return mod(x0, m);
}

/** n = step b + offset for a bottleneck of size b: the form that papers use. */
function offsetOf(graph: Graph, axis: number, step: number, rest: number): number {
  const stage = graph.stages.find(({ path }) => path.stage === 'bottleneck');
  const size = stage && graph.nodes[stage.value]?.spatial[axis];
  return size && size.p === 1 && size.d === step ? -size.q : rest;
}

/** Whether a size fits an axis. */
export function fits(axis: AxisSizes, size: number): boolean {
  const { minimum, maximum = Number.POSITIVE_INFINITY, step } = axis;
  return size >= minimum && size <= maximum && (size - minimum) % step === 0;
}

/**
 * The nearest sizes that fit, below and above a size; undefined if there is none. A size that fits is its own nearest
 * size on both sides.
 */
export function nearestSizes(
  axis: AxisSizes,
  size: number,
): { readonly below: number | undefined; readonly above: number | undefined } {
  if (axis.maximum !== undefined && size > axis.maximum) return { below: axis.maximum, above: undefined };
  const steps = (size - axis.minimum) / axis.step;
  if (steps < 0) return { below: undefined, above: axis.minimum };
  return {
    below: axis.minimum + Math.floor(steps) * axis.step,
    above: axis.minimum + Math.ceil(steps) * axis.step,
  };
}
