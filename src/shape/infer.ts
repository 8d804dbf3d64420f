import { mapSize } from '../ir/axis-map.js';
import type { Graph, Node } from '../ir/graph.js';
import { axisMapOf, pinnedSizeOf } from '../ir/node-record.js';
import { demandOf } from './admissible.js';

/** An op whose input has a size that the op does not accept, at one input size of the network. */
export interface SizeMismatch {
  readonly axis: number;
  readonly node: Node;
  /** The size of the op's input along the axis. */
  readonly size: number;
  readonly reason: 'stride' | 'too-small' | 'table';
}

export interface InferredSizes {
  /** Spatial sizes by node; rounded down after a mismatch. */
  readonly sizes: readonly (readonly number[])[];
  /** The first mismatch of each axis; mismatches that follow from it are left out. */
  readonly mismatches: readonly SizeMismatch[];
}

/** The sizes of all values for one input size, op by op. Tests compare them with the closed form. */
export function inferSizes(graph: Graph, input: readonly number[]): InferredSizes {
  const sizes: number[][] = [];
  const mismatches: SizeMismatch[] = [];
  for (const node of graph.nodes) {
    const first = node.inputs[0];
    const before = first === undefined ? input : (sizes[first] ?? input);
    sizes.push(
      before.map((size, axis) => {
        const map = axisMapOf(node, axis);
        const mapped = mapSize(map, size);
        if (first !== undefined && !mismatches.some((mismatch) => mismatch.axis === axis)) {
          const { minimum, maximum } = demandOf(node, axis);
          if (pinnedSizeOf(node) && size >= 1 && (size < minimum || size > maximum)) {
            mismatches.push({ axis, node, size, reason: 'table' });
          } else if (size < minimum) mismatches.push({ axis, node, size, reason: 'too-small' });
          else if (!mapped.fits) mismatches.push({ axis, node, size, reason: 'stride' });
        }
        return mapped.size;
      }),
    );
  }
  return { sizes, mismatches };
}
